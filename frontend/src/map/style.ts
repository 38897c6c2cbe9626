import fontUrl from '@fontsource-variable/atkinson-hyperlegible-next/files/atkinson-hyperlegible-next-latin-wght-normal.woff2?url';
import type { FeatureCollection } from 'geojson';
import type {
  ExpressionSpecification,
  FilterSpecification,
  LayerSpecification,
  StyleSpecification,
} from 'maplibre-gl';
import { CLASSES, EXPOSURE_CLASSES, LEVELS } from '../state/classes';
import type { Theme } from '../state/app.svelte';
import { cellHatchName, hatchName, placeName } from './images';
import { MARKS, THEMES, zoneColor, type MapTheme } from './theme';

/** Sources that the interface fills; the base map's own are left alone. */
export const SOURCES = [
  'outlines',
  'areas',
  'commune-labels',
  'zones',
  'places',
  'territories',
  'territory-labels',
  'cells',
  'cell-labels',
  'sites',
  'stacks',
  'selection',
] as const;
export type SourceId = (typeof SOURCES)[number];
export type SourceData = Record<SourceId, FeatureCollection>;

/** Layers that answer to a click, topmost first. */
export const SITE_LAYER = 'sites';
export const CELL_LAYER = 'cells-fill';
export const ZONE_LAYER = 'zones-fill';
export const TERRITORY_LAYER = 'territories-fill';
export const TERRITORY_LABELS = 'territory-labels';

/** Width in pixels of the ring of a home whose position is imprecise. */
const HOLLOW_RING = 3;

const FONT = 'Atkinson Hyperlegible Next';

export interface StyleOptions {
  theme: Theme;
  /** Style of a remote base map, or null for the built-in one. */
  base: StyleSpecification | null;
  data: SourceData;
  /** Kinds of zones that are not shown. */
  hiddenKinds: readonly string[];
}

/**
 * The whole style: the base map, then zones, places and homes above it. With the
 * built-in base map nothing is asked of anyone but Vigie: without a `glyphs`
 * address MapLibre draws letters from the font that the page ships.
 */
export function composeStyle({ theme, base, data, hiddenKinds }: StyleOptions): StyleSpecification {
  const t = THEMES[theme];
  const sources = Object.fromEntries(
    SOURCES.map((id) => [
      id,
      {
        type: 'geojson' as const,
        data: data[id],
        ...(id === 'sites' ? { promoteId: 'id' } : {}),
      },
    ]),
  );
  return {
    ...(base ?? {}),
    version: 8,
    name: 'Vigie',
    sources: { ...(base?.sources ?? {}), ...sources },
    'font-faces': {
      ...(base?.['font-faces'] ?? {}),
      [FONT]: new URL(fontUrl, document.baseURI).href,
    },
    layers: [...(base?.layers ?? offlineBase(t)), ...overlay(t, theme, hiddenKinds)],
  };
}

function offlineBase(t: MapTheme): LayerSpecification[] {
  return [
    { id: 'outside', type: 'background', paint: { 'background-color': t.outside } },
    { id: 'land', type: 'fill', source: 'outlines', paint: { 'fill-color': t.land } },
    {
      id: 'communes',
      type: 'line',
      source: 'areas',
      minzoom: 7.5,
      filter: ['==', ['get', 'level'], 'commune'],
      paint: {
        'line-color': t.communeLine,
        'line-width': ['interpolate', ['linear'], ['zoom'], 8, 0.5, 13, 1.25],
      },
    },
    ...(['outlines', 'areas'] as const).map((source): LayerSpecification => ({
      id: `departments-${source}`,
      type: 'line',
      source,
      // The outlines hold nothing else; the areas of the database may be finer, or fictitious.
      filter: source === 'areas' ? ['==', ['get', 'level'], 'department'] : ['all'],
      layout: { 'line-join': 'round' },
      paint: {
        'line-color': t.departmentLine,
        'line-width': ['interpolate', ['linear'], ['zoom'], 4, 0.5, 10, source === 'areas' ? 2 : 1],
        'line-opacity':
          source === 'areas' ? 1 : ['interpolate', ['linear'], ['zoom'], 7, 1, 9, 0.4],
      },
    })),
  ];
}

/** Filter of the zones whose kind is shown: a kind that nobody hid is. */
export function kindFilter(hidden: readonly string[]): FilterSpecification {
  return ['!', ['in', ['get', 'kind'], ['literal', [...hidden]]]];
}

/** A value by the value of a property. */
function match(
  property: string,
  cases: readonly (readonly [string | number, string | number])[],
  otherwise: string | number,
): ExpressionSpecification {
  // The type of the expression can't tell the length of a list made at run time.
  return [
    'match',
    ['get', property],
    ...cases.flat(),
    otherwise,
  ] as unknown as ExpressionSpecification;
}

/** Every class that a home may be drawn by, of distance or of exposure. */
const DRAWN = [...new Set([...CLASSES, ...LEVELS])];

/** The fill of a home by its class. */
function fillOf(t: MapTheme): ExpressionSpecification {
  return match(
    'cls',
    DRAWN.map((cls) => [cls, t.classes[cls].fill]),
    t.classes.unknown.fill,
  );
}

/** Radius of a home's symbol from country to street; hollow ones leave room for their ring. */
function radius(t: MapTheme, casing = 0): ExpressionSpecification {
  const at = (scale: number): ExpressionSpecification => {
    const full = match(
      'cls',
      DRAWN.map((cls) => [cls, t.classes[cls].radius * scale]),
      5 * scale,
    );
    return ['+', full, ['case', ['get', 'hollow'], casing - HOLLOW_RING / 2, 0]];
  };
  return ['interpolate', ['linear'], ['zoom'], 5, at(0.45), 8, at(0.75), 11, at(1), 15, at(1.3)];
}

function overlay(t: MapTheme, theme: Theme, hidden: readonly string[]): LayerSpecification[] {
  const zoneLine = match(
    'style',
    t.zones.map((color, style) => [style, color]),
    zoneColor(t, 0),
  );
  const hollow: ExpressionSpecification = ['get', 'hollow'];
  const order = match(
    'cls',
    [...CLASSES.entries(), ...EXPOSURE_CLASSES.entries()].map(([i, cls]) => [cls, -i]),
    -CLASSES.length,
  );
  const labelPaint = {
    'text-color': t.label,
    'text-halo-color': t.halo,
    'text-halo-width': 1.5,
  };
  return [
    {
      id: TERRITORY_LAYER,
      type: 'fill',
      source: 'territories',
      paint: { 'fill-color': t.selected, 'fill-opacity': 0.06 },
    },
    {
      id: 'territories-line',
      type: 'line',
      source: 'territories',
      layout: { 'line-join': 'round' },
      paint: { 'line-color': t.label, 'line-width': 2 },
    },
    {
      id: ZONE_LAYER,
      type: 'fill',
      source: 'zones',
      filter: kindFilter(hidden),
      paint: {
        'fill-pattern': match(
          'style',
          t.zones.map((_, style) => [style, hatchName(style, theme)]),
          hatchName(0, theme),
        ),
        'fill-opacity': ['interpolate', ['linear'], ['zoom'], 7, 0.35, 12, 0.6],
      },
    },
    {
      id: 'zones-line',
      type: 'line',
      source: 'zones',
      filter: kindFilter(hidden),
      layout: { 'line-join': 'round' },
      paint: {
        'line-color': zoneLine,
        'line-width': ['interpolate', ['linear'], ['zoom'], 6, 0.75, 11, 1.75, 15, 2.5],
      },
    },
    {
      id: 'zone-selected',
      type: 'line',
      source: 'selection',
      filter: ['!=', ['geometry-type'], 'Point'],
      layout: { 'line-join': 'round' },
      paint: { 'line-color': t.selected, 'line-width': 3 },
    },
    {
      id: 'commune-labels',
      type: 'symbol',
      source: 'commune-labels',
      minzoom: 9,
      layout: {
        'text-field': ['get', 'name'],
        'text-font': [FONT],
        'text-size': ['interpolate', ['linear'], ['zoom'], 9, 11, 13, 14],
        'text-max-width': 8,
        'text-padding': 6,
        'symbol-sort-key': ['get', 'rank'],
      },
      paint: labelPaint,
    },
    {
      id: 'places',
      type: 'symbol',
      source: 'places',
      layout: {
        'icon-image': [
          'match',
          ['get', 'shape'],
          'square',
          placeName('square', theme),
          'triangle',
          placeName('triangle', theme),
          'diamond',
          placeName('diamond', theme),
          placeName('cross', theme),
        ],
        'icon-allow-overlap': true,
        'text-field': ['step', ['zoom'], '', 13, ['get', 'name']],
        'text-font': [FONT],
        'text-size': 11,
        'text-anchor': 'top',
        'text-offset': [0, 0.7],
        'text-optional': true,
      },
      paint: labelPaint,
    },
    {
      id: CELL_LAYER,
      type: 'fill',
      source: 'cells',
      paint: {
        'fill-color': match(
          'level',
          LEVELS.map((level) => [level, t.levels[level]]),
          t.levels.withheld,
        ),
        // What has no class is hatched; this faint tint only takes the clicks.
        'fill-opacity': ['match', ['get', 'level'], ['indeterminate', 'withheld'], 0.08, 0.35],
      },
    },
    {
      id: 'cells-hatch',
      type: 'fill',
      source: 'cells',
      filter: ['in', ['get', 'level'], ['literal', ['indeterminate', 'withheld']]],
      paint: { 'fill-pattern': cellHatchName(theme) },
    },
    {
      id: 'cells-line',
      type: 'line',
      source: 'cells',
      paint: { 'line-color': t.outline, 'line-width': 1 },
    },
    {
      id: 'cell-labels',
      type: 'symbol',
      source: 'cell-labels',
      layout: {
        'text-field': ['concat', '×', ['to-string', ['get', 'count']]],
        'text-font': [FONT],
        'text-size': 14,
        'text-allow-overlap': true,
      },
      paint: { 'text-color': t.outline, 'text-halo-color': t.halo, 'text-halo-width': 2 },
    },
    {
      id: TERRITORY_LABELS,
      type: 'symbol',
      source: 'territory-labels',
      layout: {
        'text-field': ['get', 'words'],
        'text-font': [FONT],
        'text-size': 15,
        'text-max-width': 9,
        'text-allow-overlap': true,
      },
      paint: { 'text-color': t.outline, 'text-halo-color': t.halo, 'text-halo-width': 2.5 },
    },
    // A casing under hollow symbols: their ring may be too pale on its own.
    {
      id: 'sites-casing',
      type: 'circle',
      source: 'sites',
      filter: ['==', hollow, true],
      paint: { 'circle-radius': radius(t, HOLLOW_RING + 1), 'circle-color': t.outline },
    },
    {
      id: SITE_LAYER,
      type: 'circle',
      source: 'sites',
      layout: { 'circle-sort-key': order },
      paint: {
        'circle-radius': radius(t),
        'circle-color': ['case', hollow, t.hollow, fillOf(t)],
        'circle-stroke-width': ['case', hollow, HOLLOW_RING, 1.25],
        'circle-stroke-color': ['case', hollow, fillOf(t), t.outline],
      },
    },
    // What has no class says so without colour.
    {
      id: 'site-marks',
      type: 'symbol',
      source: 'sites',
      filter: ['in', ['get', 'cls'], ['literal', Object.keys(MARKS)]],
      layout: {
        'text-field': match('cls', Object.entries(MARKS), ''),
        'text-font': [FONT],
        'text-size': ['interpolate', ['linear'], ['zoom'], 7, 8, 11, 11],
        'text-allow-overlap': true,
        'text-ignore-placement': true,
      },
      paint: { 'text-color': t.outline },
    },
    {
      id: 'site-selected',
      type: 'circle',
      source: 'selection',
      filter: ['==', ['geometry-type'], 'Point'],
      paint: {
        'circle-radius': 15,
        'circle-color': 'rgba(0,0,0,0)',
        'circle-stroke-color': t.selected,
        'circle-stroke-width': 3,
      },
    },
    {
      id: 'stacks',
      type: 'symbol',
      source: 'stacks',
      layout: {
        'text-field': ['concat', '×', ['to-string', ['get', 'count']]],
        'text-font': [FONT],
        'text-size': 13,
        'text-anchor': 'left',
        'text-offset': [0.85, -0.75],
        'text-allow-overlap': true,
      },
      paint: { 'text-color': t.outline, 'text-halo-color': t.halo, 'text-halo-width': 2 },
    },
  ];
}
