import { afterEach, describe, expect, it, vi } from 'vitest';
import { area, bytes, distance, integer, percent } from './format';

const language = vi.hoisted(() => ({ current: 'fr' }));
vi.mock('./index.svelte', () => ({ lang: () => language.current }));

afterEach(() => {
  language.current = 'fr';
});

/** Intl chooses between several no-break spaces; readers see one. */
const plain = (text: string) => text.replace(/[\u00a0\u202f]/g, ' ');

describe('distance', () => {
  it.each([
    [0, '0 m'],
    [31.4, '31 m'],
    [999.4, '999 m'],
    [999.6, '1 km'],
    [1234, '1,2 km'],
    [18_300, '18 km'],
  ])('writes %d m as %s', (metres, expected) => {
    expect(plain(distance(metres))).toBe(expected);
  });

  it('never breaks between the number and the unit', () => {
    expect(distance(340)).not.toContain(' ');
    expect(integer(12_345)).not.toContain(' ');
    expect(percent(0.5)).not.toContain(' ');
  });

  it('uses a point in English', () => {
    language.current = 'en';
    expect(plain(distance(1234))).toBe('1.2 km');
  });
});

describe('percent', () => {
  it.each([
    [0, '0 %'],
    [0.0004, '< 0,1 %'],
    [0.0512, '5,1 %'],
    [0.864, '86 %'],
    [1, '100 %'],
  ])('writes the ratio %d as %s', (ratio, expected) => {
    expect(plain(percent(ratio))).toBe(expected);
  });
});

describe('area and bytes', () => {
  it('choose their unit by size', () => {
    expect(plain(area(850))).toBe('850 m²');
    expect(plain(area(123_000))).toBe('12 ha');
    expect(plain(area(5_400_000))).toBe('5,4 km²');
    expect(plain(bytes(23_600))).toBe('23,6 ko');
    expect(plain(bytes(2_500_000))).toBe('2,5 Mo');
  });
});
