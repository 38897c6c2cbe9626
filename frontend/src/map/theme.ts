import type { ClassId, Level } from '../state/classes';
import type { Theme } from '../state/app.svelte';

/** What stands within the symbol of a home that has no class of exposure. */
export const MARKS: Record<string, string> = { indeterminate: '?', incomplete: '?', pending: '…' };

/** How a class of homes is drawn: colour is the first channel, size the second. */
export interface Symbol {
  fill: string;
  /** Radius in pixels at zoom 11. */
  radius: number;
}

export interface MapTheme {
  outside: string;
  land: string;
  departmentLine: string;
  communeLine: string;
  label: string;
  halo: string;
  /** Thin outline of every home, which gives pale symbols their contrast. */
  outline: string;
  /** Inside of hollow symbols. */
  hollow: string;
  selected: string;
  place: string;
  classes: Record<ClassId | Level, Symbol>;
  /** Fill of a cell of masked homes; what has no class is hatched instead. */
  levels: Record<Level, string>;
  /** By the style of a kind; the first is neutral, for whatever has no colour of its own. */
  zones: readonly string[];
}

/** Colour of the zones of a style. */
export function zoneColor(theme: MapTheme, style: number): string {
  return theme.zones[style] ?? theme.zones[0] ?? theme.label;
}

const RADII: Record<ClassId | Level, number> = {
  inside: 9,
  within500: 8,
  within1000: 7,
  within2000: 6.25,
  beyond: 5.5,
  5: 9,
  4: 8,
  3: 7,
  2: 6.25,
  1: 5.5,
  indeterminate: 7,
  incomplete: 7,
  pending: 7,
  withheld: 5.5,
  unknown: 5.5,
  vague: 5.5,
  unlocated: 5.5,
  closed: 4.5,
};

function symbols(
  fills: Record<ClassId, string> & Record<Level, string>,
): Record<ClassId | Level, Symbol> {
  return Object.fromEntries(
    Object.entries(fills).map(([cls, fill]) => [
      cls,
      { fill, radius: RADII[cls as ClassId | Level] },
    ]),
  ) as Record<ClassId | Level, Symbol>;
}

// ColorBrewer's YlGnBu in five steps: sequential, safe for colour-blind readers
// and legible in grey. Nearest stands out: darkest on paper, lightest in the dark.
const YLGNBU = ['#253494', '#2c7fb8', '#41b6c4', '#a1dab4', '#ffffcc'] as const;

/** The same ramp for classes of exposure: the highest stands out. */
function levels(ramp: readonly string[], none: string): Record<Level, string> {
  const [five = none, four = none, three = none, two = none, one = none] = ramp;
  return {
    5: five,
    4: four,
    3: three,
    2: two,
    1: one,
    indeterminate: none,
    withheld: none,
    incomplete: none,
    pending: none,
    unlocated: none,
    closed: none,
  };
}

const LIGHT_LEVELS = levels(YLGNBU, '#b9b5ab');
const DARK_LEVELS = levels([YLGNBU[4], YLGNBU[3], YLGNBU[2], YLGNBU[1], '#33459f'], '#6b7176');

export const THEMES: Record<Theme, MapTheme> = {
  light: {
    outside: '#e3e8e9',
    land: '#f7f4ed',
    departmentLine: '#9d978a',
    communeLine: '#d8d2c5',
    label: '#5c5a52',
    halo: '#f7f4ed',
    outline: '#1b2a3a',
    hollow: '#fffdf8',
    selected: '#b4451f',
    place: '#5b5349',
    classes: symbols({
      ...LIGHT_LEVELS,
      inside: YLGNBU[0],
      within500: YLGNBU[1],
      within1000: YLGNBU[2],
      within2000: YLGNBU[3],
      beyond: YLGNBU[4],
      unknown: '#b9b5ab',
      vague: '#8b877d',
      unlocated: '#8b877d',
      closed: '#c9c5bb',
    }),
    levels: LIGHT_LEVELS,
    zones: ['#4f5458', '#8a5a00', '#8b2f6b', '#5b6b1e', '#1d5f7a', '#6a3fa0'],
  },
  dark: {
    outside: '#12161a',
    land: '#1f2529',
    departmentLine: '#6c757b',
    communeLine: '#353d43',
    label: '#b4bbbf',
    halo: '#1f2529',
    outline: '#e9edf0',
    hollow: '#14191d',
    selected: '#ff9d6e',
    place: '#c9c0b2',
    classes: symbols({
      ...DARK_LEVELS,
      inside: YLGNBU[4],
      within500: YLGNBU[3],
      within1000: YLGNBU[2],
      within2000: YLGNBU[1],
      beyond: '#33459f',
      unknown: '#6b7176',
      vague: '#8f969b',
      unlocated: '#8f969b',
      closed: '#4a5157',
    }),
    levels: DARK_LEVELS,
    zones: ['#b7bec3', '#e0ac50', '#dd8cc4', '#b3c46b', '#7fc4de', '#c3a6f0'],
  },
};
