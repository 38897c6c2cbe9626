import { describe, expect, it } from 'vitest';
import css from '../app.css?raw';
import { DISTANCE_CLASSES } from '../state/classes';
import { THEMES } from './theme';

/** Relative luminance and contrast ratio of WCAG 2.2. */
function luminance(hex: string): number {
  const [r, g, b] = [1, 3, 5].map((i) => {
    const c = parseInt(hex.slice(i, i + 2), 16) / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
function contrast(a: string, b: string): number {
  const [hi, lo] = [luminance(a), luminance(b)].sort((x, y) => y - x) as [number, number];
  return (hi + 0.05) / (lo + 0.05);
}

describe.each(Object.entries(THEMES))('the %s map', (name, theme) => {
  it('ranks distances by lightness alone, so that grey print and colour-blind readers follow', () => {
    const steps = DISTANCE_CLASSES.map((c) => luminance(theme.classes[c].fill));
    const sorted = [...steps].sort((a, b) => (name === 'light' ? a - b : b - a));
    expect(steps).toEqual(sorted);
    expect(new Set(steps).size).toBe(5);
  });

  it('ranks distances by size too', () => {
    const sizes = DISTANCE_CLASSES.map((c) => theme.classes[c].radius);
    expect([...sizes].sort((a, b) => b - a)).toEqual(sizes);
    expect(new Set(sizes).size).toBe(5);
  });

  it('outlines homes and zones at 3:1 or more, and writes at 4.5:1 or more', () => {
    expect(contrast(theme.outline, theme.land)).toBeGreaterThanOrEqual(3);
    for (const color of Object.values(theme.zones)) {
      expect(contrast(color, theme.land)).toBeGreaterThanOrEqual(3);
    }
    expect(contrast(theme.label, theme.land)).toBeGreaterThanOrEqual(4.5);
  });
});

describe('the page', () => {
  const [light, dark] = css.split('@media (prefers-color-scheme: dark)') as [string, string];
  const token = (part: string, name: string) =>
    new RegExp(`--${name}: (#[0-9a-f]{6});`).exec(part)?.[1] ?? '';

  it.each([
    ['light', light],
    ['dark', dark],
  ])('writes at 4.5:1 or more in its %s colours', (_, part) => {
    const pairs = [
      ['ink', 'paper'],
      ['ink', 'surface'],
      ['ink', 'sunken'],
      ['muted', 'surface'],
      ['muted', 'paper'],
      ['accent', 'surface'],
      ['accent-strong', 'accent-soft'],
      ['on-accent', 'accent'],
      ['danger', 'surface'],
      ['warn', 'warn-soft'],
    ] as const;
    for (const [text, back] of pairs) {
      expect(
        contrast(token(part, text), token(part, back)),
        `${text} on ${back}`,
      ).toBeGreaterThanOrEqual(4.5);
    }
  });
});
