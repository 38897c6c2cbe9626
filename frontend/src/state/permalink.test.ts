import { describe, expect, it } from 'vitest';
import { EMPTY, formatPermalink, parsePermalink, type Permalink } from './permalink';

const FULL: Permalink = {
  workspace: 'data',
  camera: { center: [2.35, 48.85], zoom: 11.5 },
  site: '03 & Co/é=1#x',
  zone: 'qpv.2024.QN00101M',
  classes: ['inside', 'unlocated'],
  department: '2A',
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
    ['by=crime'],
    ['hide=everything'],
    ['ws=admin'],
    ['lang=de'],
    ['%E0%A4%A'],
  ])('ignores what makes no sense: %s', (fragment) => {
    expect(parsePermalink(fragment)).toEqual(EMPTY);
  });
});
