import { describe, expect, it } from 'vitest';
import { EMPTY, formatPermalink, parseDoor, parsePermalink, type Permalink } from './permalink';

const FULL: Permalink = {
  workspace: 'data',
  tab: 'journal',
  camera: { center: [2.35, 48.85], zoom: 11.5 },
  site: '03 & Co/é=1#x',
  zone: 'qpv.2024.QN00101M',
  classes: ['inside', 'unlocated'],
  levels: ['5', 'indeterminate'],
  department: '2A',
  scale: 'distance',
  group: 'qrr_',
  hiddenKinds: ['zsp'],
  places: true,
  closed: true,
  basemap: 'plan-ign',
  table: true,
  lang: 'en',
};

describe('permalink', () => {
  it('gives back everything it was given', () => {
    expect(parsePermalink(formatPermalink(FULL))).toEqual(FULL);
    expect(parsePermalink(`#${formatPermalink(FULL)}`)).toEqual(FULL);
  });

  it('is empty for the defaults', () => {
    expect(formatPermalink(EMPTY)).toBe('');
    expect(parsePermalink('')).toEqual(EMPTY);
  });

  it.each([
    ['at=x/y/z'],
    ['at=10/95/2'],
    ['at=10/45'],
    ['at=10//2'],
    ['class=red,blue'],
    ['level=6,top'],
    ['by=a b'],
    ['hide=<script>'],
    ['scale=fear'],
    ['ws=nowhere'],
    ['lang=de'],
    ['%E0%A4%A'],
  ])('ignores what makes no sense: %s', (fragment) => {
    expect(parsePermalink(fragment)).toEqual(EMPTY);
  });
});

describe('a door', () => {
  it.each([
    ['#/login', { kind: 'login', error: '' }],
    ['#/login?error=unknown-account', { kind: 'login', error: 'unknown-account' }],
    ['#/recovery/Zm9v-_x', { kind: 'recovery', secret: 'Zm9v-_x' }],
    ['#/recovery/', null],
    ['#ws=admin', null],
    ['', null],
  ])('%s', (fragment, expected) => {
    expect(parseDoor(fragment)).toEqual(expected);
  });
});
