import type { Theme } from '../state/app.svelte';
import type { Palette } from './raster';

/** ColorBrewer's Purples in five steps: apart from homes, which are blue and green. */
const PURPLES = [0xf2f0f7, 0xcbc9e2, 0x9e9ac8, 0x756bb1, 0x54278f];

export const PALETTES: Record<Theme, Palette> = {
  light: { classes: PURPLES, hatch: 0x59616a, excluded: 0x6c6a64 },
  // Turned round, so that the best stand out on a dark ground.
  dark: { classes: [...PURPLES].reverse(), hatch: 0xeceae4, excluded: 0xa8b0b6 },
};

export const css = (color: number) => `#${color.toString(16).padStart(6, '0')}`;
