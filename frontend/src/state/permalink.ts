import type { Group } from '../api/types';
import { isClass, isLevel, SCALES, type ClassId, type Level, type Scale } from './classes';

export interface Camera {
  /** Longitude, latitude in degrees (CRS84). */
  center: [number, number];
  zoom: number;
}

export const WORKSPACES = [
  'map',
  'stats',
  'access',
  'admin',
  'data',
  'account',
  'notice',
  'siting',
] as const;
export type Workspace = (typeof WORKSPACES)[number];

/** What a permalink holds: where one looks, at what, through which filters. */
export interface Permalink {
  workspace: Workspace;
  /** Part of the workspace that is open: a tab, an edition. */
  tab: string | null;
  camera: Camera | null;
  site: string | null;
  zone: string | null;
  classes: ClassId[];
  levels: Level[];
  department: string | null;
  scale: Scale;
  group: Group;
  hiddenKinds: string[];
  places: boolean;
  closed: boolean;
  basemap: string | null;
  table: boolean;
  lang: 'fr' | 'en' | null;
}

export const EMPTY: Permalink = {
  workspace: 'map',
  tab: null,
  camera: null,
  site: null,
  zone: null,
  classes: [],
  levels: [],
  department: null,
  scale: 'exposure',
  group: '',
  hiddenKinds: [],
  places: false,
  closed: false,
  basemap: null,
  table: false,
  lang: null,
};

/** Writes a permalink as a URL fragment, without its `#`; what has its default is left out. */
export function formatPermalink(p: Permalink): string {
  const out = new URLSearchParams();
  if (p.workspace !== 'map') out.set('ws', p.workspace);
  if (p.tab) out.set('tab', p.tab);
  if (p.camera) {
    const { center, zoom } = p.camera;
    out.set('at', `${zoom.toFixed(2)}/${center[1].toFixed(5)}/${center[0].toFixed(5)}`);
  }
  if (p.site) out.set('site', p.site);
  if (p.zone) out.set('zone', p.zone);
  if (p.classes.length > 0) out.set('class', p.classes.join(','));
  if (p.levels.length > 0) out.set('level', p.levels.join(','));
  if (p.department) out.set('dep', p.department);
  if (p.scale !== EMPTY.scale) out.set('scale', p.scale);
  if (p.group) out.set('by', p.group.slice(0, -1));
  if (p.hiddenKinds.length > 0) out.set('hide', p.hiddenKinds.join(','));
  if (p.places) out.set('places', '1');
  if (p.closed) out.set('closed', '1');
  if (p.basemap) out.set('base', p.basemap);
  if (p.table) out.set('table', '1');
  if (p.lang) out.set('lang', p.lang);
  return out.toString().replaceAll('%2F', '/').replaceAll('%2C', ',');
}

/** Reads a URL fragment. A part that makes no sense is ignored: a shared link must still open. */
export function parsePermalink(fragment: string): Permalink {
  const q = new URLSearchParams(fragment.replace(/^#/, ''));
  const list = (key: string) => (q.get(key) ?? '').split(',').filter((s) => s !== '');
  const kind = (s: string | null) => (s !== null && /^[a-z0-9_-]{1,40}$/.test(s) ? s : null);
  const by = kind(q.get('by'));
  const lang = q.get('lang');
  return {
    workspace: WORKSPACES.find((w) => w === q.get('ws')) ?? 'map',
    tab: q.get('tab') || null,
    camera: parseCamera(q.get('at')),
    site: q.get('site') || null,
    zone: q.get('zone') || null,
    classes: list('class').filter(isClass),
    levels: list('level').filter(isLevel),
    department: q.get('dep') || null,
    scale: SCALES.find((s) => s === q.get('scale')) ?? EMPTY.scale,
    group: by === null ? '' : `${by}_`,
    hiddenKinds: list('hide').filter((s) => kind(s) !== null),
    places: q.get('places') === '1',
    closed: q.get('closed') === '1',
    basemap: q.get('base') || null,
    table: q.get('table') === '1',
    lang: lang === 'fr' || lang === 'en' ? lang : null,
  };
}

function parseCamera(value: string | null): Camera | null {
  if (!value) return null;
  const parts = value.split('/');
  if (parts.length !== 3 || parts.includes('')) return null;
  const [zoom, lat, lon] = parts.map(Number) as [number, number, number];
  const inRange = zoom >= 0 && zoom <= 24 && Math.abs(lat) <= 90 && Math.abs(lon) <= 180;
  return inRange ? { center: [lon, lat], zoom } : null;
}

/** A fragment that is not a view: the login, or a recovery link. */
export type Door = { kind: 'login'; error: string } | { kind: 'recovery'; secret: string } | null;

/** Reads `#/login?error=code` and `#/recovery/SECRET`; null for a permalink. */
export function parseDoor(fragment: string): Door {
  const [path, query] = fragment.replace(/^#/, '').split('?', 2);
  if (path === '/login') {
    return { kind: 'login', error: new URLSearchParams(query).get('error') ?? '' };
  }
  const secret = /^\/recovery\/(.+)$/.exec(path ?? '')?.[1];
  return secret === undefined ? null : { kind: 'recovery', secret };
}
