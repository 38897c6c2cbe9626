import type { Theme } from '../state/app.svelte';
import { THEMES, zoneColor } from './theme';

/** Images are drawn at twice their size, for sharp screens. */
const SCALE = 2;

/** Shape that stands for a family of places; the second channel beside the label. */
export type PlaceShape = 'square' | 'triangle' | 'diamond' | 'cross';

export function placeShape(kind: string): PlaceShape {
  switch (kind) {
    case 'police':
    case 'gendarmerie':
      return 'square';
    case 'school':
    case 'college':
    case 'lycee':
      return 'triangle';
    case 'station':
      return 'diamond';
    default:
      return 'cross';
  }
}

export function hatchName(style: number, theme: Theme): string {
  return `hatch-${style}-${theme}`;
}

/** Hatch of a cell whose homes have no class to show. */
export function cellHatchName(theme: Theme): string {
  return `cell-hatch-${theme}`;
}

export function placeName(shape: PlaceShape, theme: Theme): string {
  return `place-${shape}-${theme}`;
}

/** SVG path of a place's shape in a 12-pixel square. */
export const PLACE_PATHS: Record<PlaceShape, string> = {
  square: 'M2 2H10V10H2Z',
  triangle: 'M6 1.5L11 10.5H1Z',
  diamond: 'M6 0.5L11.5 6L6 11.5L0.5 6Z',
  cross: 'M4.5 1H7.5V4.5H11V7.5H7.5V11H4.5V7.5H1V4.5H4.5Z',
};

const RISING = 'M-2 2L2 -2M-2 10L10 -2M6 10L10 6';
const FALLING = 'M-2 6L2 10M-2 -2L10 10M6 -2L10 2';
const LEVEL = 'M0 2H8M0 6H8';
const UPRIGHT = 'M2 0V8M6 0V8';

/**
 * SVG paths of the hatches of zones in an 8-pixel tile, by style: direction tells kinds
 * apart without colour. The first is neutral.
 */
const HATCH_PATHS = [LEVEL, RISING, FALLING, UPRIGHT, `${RISING}${FALLING}`, 'M4 0V8M0 4H8'];

export function hatchPath(style: number): string {
  return HATCH_PATHS[style] ?? LEVEL;
}

/** SVG path of the hatch of a masked home whose class is unknown, or is not shown. */
export const NO_CLASS_HATCH = { indeterminate: RISING, withheld: LEVEL };

/** Draws the image the map misses, by its name; null when the name is not one of ours. */
export function drawImage(name: string): ImageData | null {
  const [family, what, themeName] = name.split('-');
  if (themeName !== 'light' && themeName !== 'dark') return null;
  const theme = THEMES[themeName];
  if (family === 'hatch') {
    return draw(8, (ctx) => {
      ctx.strokeStyle = zoneColor(theme, Number(what));
      ctx.lineWidth = 1;
      ctx.stroke(new Path2D(hatchPath(Number(what))));
    });
  }
  if (family === 'cell') {
    return draw(8, (ctx) => {
      ctx.strokeStyle = theme.label;
      ctx.lineWidth = 1;
      ctx.stroke(new Path2D(NO_CLASS_HATCH.indeterminate));
    });
  }
  if (family === 'place' && what !== undefined && what in PLACE_PATHS) {
    const path = new Path2D(PLACE_PATHS[what as PlaceShape]);
    return draw(12, (ctx) => {
      ctx.lineWidth = 1.5;
      ctx.strokeStyle = theme.hollow;
      ctx.fillStyle = theme.place;
      ctx.fill(path);
      ctx.stroke(path);
    });
  }
  return null;
}

function draw(size: number, paint: (ctx: CanvasRenderingContext2D) => void): ImageData | null {
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = size * SCALE;
  const ctx = canvas.getContext('2d');
  if (ctx === null) return null;
  ctx.scale(SCALE, SCALE);
  paint(ctx);
  return ctx.getImageData(0, 0, canvas.width, canvas.height);
}

export { SCALE as IMAGE_PIXEL_RATIO };
