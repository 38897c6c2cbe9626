import type { Feature, FeatureCollection, Geometry, MultiPolygon, Polygon } from 'geojson';
import { SvelteMap } from 'svelte/reactivity';
import { ApiError, request } from '../api/client';
import { fetchAll } from '../api/features';
import { cellsOf, partSites, type MaskedHome } from '../api/masked';
import type { Area, Config, Group, Place, Site, Zone } from '../api/types';
import { lang, m, text } from '../i18n/index.svelte';
import { boundsOf, joinBounds, surroundings, type Bounds } from '../map/geometry';
import {
  CLASSES,
  classOf,
  isImprecise,
  levelOf,
  LEVELS,
  type ClassId,
  type Level,
  type Scale,
} from './classes';
import { EMPTY, formatPermalink, type Camera, type Permalink, type Workspace } from './permalink';
import { Resource } from './resource.svelte';
import { session } from './session.svelte';
import { toasts } from './toasts.svelte';
import { terms, vocabulary, zoneKind } from './vocabulary.svelte';

export type DepartmentOutlines = FeatureCollection<
  Polygon | MultiPolygon,
  { code: string; name: string }
> & { attribution?: string };

/** The one thing the side panel shows. */
export type Panel =
  | { kind: 'none' }
  | { kind: 'site'; id: string }
  | { kind: 'zone'; id: string }
  | { kind: 'cell'; id: string }
  | { kind: 'choose'; ids: string[] }
  | { kind: 'add' }
  | { kind: 'edit'; id: string }
  | { kind: 'merge'; id: string };

/** What the map offers to the rest of the interface. */
export interface MapHandle {
  flyTo(center: [number, number], zoom?: number): void;
  fit(bounds: Bounds): void;
  /** Shows all that the viewer may see, unless the link chose a view or something is open. */
  frame(): void;
  zoomBy(delta: number): void;
  /** Shows these bounds again once the map has its new size. */
  keep(bounds: Bounds): void;
}

/** A home with what the interface derives from it once. */
export interface SiteRow {
  site: Site;
  id: string;
  /** By distance to the zones. */
  cls: ClassId;
  /** By exposure. */
  level: Level;
  imprecise: boolean;
}

export type Theme = 'light' | 'dark';

/** The base map that Vigie serves itself. */
export const BUILT_IN = 'offline';

class App {
  readonly config = new Resource<Config>(async (signal) => {
    return (await request<Config>('/api/config', { signal })).data;
  });
  readonly outlines = new Resource<DepartmentOutlines>(async (signal) => {
    return (await request<DepartmentOutlines>('/api/basemap/departments.geojson', { signal })).data;
  });
  /** Homes as this viewer sees them: exactly, masked, or both. */
  readonly sites = new Resource<Feature<Geometry | null>[]>(async (signal, progress) => {
    if (!session.seesHomes) return [];
    return fetchAll('sites', this.closed ? { status: 'all' } : {}, signal, progress);
  });
  readonly zones = new Resource<Zone[]>((signal, progress) =>
    fetchAll<Zone>('zones', {}, signal, progress),
  );
  readonly placesLayer = new Resource<Place[]>((signal, progress) =>
    fetchAll<Place>('places', {}, signal, progress),
  );
  /** Départements of the database. */
  readonly departmentAreas = new Resource<Area[]>((signal) =>
    fetchAll<Area>('areas', { level: 'department' }, signal),
  );
  /** Communes and départements of the database met so far, by feature id; filled by the map as one moves. */
  readonly areas = new SvelteMap<string, Area>();

  workspace = $state<Workspace>('map');
  tab = $state<string | null>(null);
  panel = $state.raw<Panel>({ kind: 'none' });
  camera = $state.raw<Camera | null>(null);
  /** West, south, east, north of what the map shows, in degrees. */
  viewport = $state.raw<Bounds | null>(null);
  classes = $state.raw<readonly ClassId[]>([]);
  /** What colours homes seen exactly. */
  scale = $state<Scale>('exposure');
  /** Classes of exposure that are shown; all when empty. */
  levels = $state.raw<readonly Level[]>([]);
  department = $state<string | null>(null);
  /** Zones that distances are told to, as asked for. */
  wantedGroup = $state<Group>('');
  hiddenKinds = $state.raw<readonly string[]>([]);
  places = $state(false);
  closed = $state(false);
  basemap = $state<string>(BUILT_IN);
  table = $state(false);
  /** The table lists only homes in the map's view, plus those that have no position. */
  tableInView = $state(true);
  theme = $state<Theme>('light');
  online = $state(true);
  /** Position being placed by hand on the map, longitude and latitude. */
  draft = $state.raw<[number, number] | null>(null);
  /** The next click on the map places the draft. */
  placing = $state(false);
  map: MapHandle | null = null;

  readonly #parted = $derived(partSites(this.sites.data ?? []));
  readonly #rows = $derived.by((): SiteRow[] => {
    const group = this.group;
    return this.#parted.exact.map((site) => ({
      site,
      id: site.properties.site_id,
      cls: classOf(site, group),
      level: levelOf(site),
      imprecise: isImprecise(site),
    }));
  });
  readonly #byId = $derived(new Map(this.#rows.map((row) => [row.id, row])));
  readonly #inScope = $derived(
    this.department === null
      ? this.#rows
      : this.#rows.filter((row) => row.site.properties.department_code === this.department),
  );

  /** Homes in the chosen département, whatever their class. */
  get scope(): SiteRow[] {
    return this.#inScope;
  }

  /** Homes by class in the chosen département, whatever the class filter. */
  readonly counts = $derived.by(() => {
    const counts = Object.fromEntries(CLASSES.map((c) => [c, 0])) as Record<ClassId, number>;
    for (const row of this.#inScope) counts[row.cls]++;
    return counts;
  });

  /** Homes that pass the filters. */
  readonly visible = $derived.by(() => {
    const wanted: readonly string[] = this.scale === 'exposure' ? this.levels : this.classes;
    if (wanted.length === 0) return this.#inScope;
    return this.#inScope.filter((row) => wanted.includes(this.classIn(row)));
  });

  /** The class of a home on the scale that is shown. */
  classIn(row: SiteRow): ClassId | Level {
    return this.scale === 'exposure' ? row.level : row.cls;
  }

  /** Homes of the table: those that pass the filters and are in view or have no position. */
  readonly listed = $derived.by(() => {
    const view = this.viewport;
    if (!this.tableInView || view === null) return this.visible;
    const [w, s, e, n] = view;
    return this.visible.filter(({ site }) => {
      if (site.geometry === null) return true;
      const [x, y] = site.geometry.coordinates as [number, number];
      return x >= w && x <= e && y >= s && y <= n;
    });
  });

  /** Masked homes in the chosen département, whatever their class. */
  readonly maskedScope = $derived(
    this.#parted.masked.filter((h) => this.department === null || h.department === this.department),
  );

  /** Homes by class of exposure in the chosen département, masked or not. */
  readonly levelCounts = $derived.by(() => {
    const counts = Object.fromEntries(LEVELS.map((l) => [l, 0])) as Record<Level, number>;
    for (const { level } of [...this.#inScope, ...this.maskedScope]) counts[level]++;
    return counts;
  });

  /** Masked homes that pass the filters. */
  readonly maskedVisible = $derived(
    this.levels.length === 0
      ? this.maskedScope
      : this.maskedScope.filter((h) => this.levels.includes(h.level)),
  );

  readonly cells = $derived(cellsOf(this.maskedVisible));

  /** Masked homes that are shown in no cell, with the outline of their département. */
  readonly territories = $derived(
    this.cells.flatMap((cell) => {
      const shape = cell.shape === null ? this.departmentShape(cell.department ?? '') : null;
      return shape === null ? [] : [{ ...cell, shape }];
    }),
  );

  readonly communes = $derived(
    [...this.areas.values()].filter((a) => a.properties.level === 'commune'),
  );

  readonly #departmentNames = $derived(
    new Map(
      // The outlines know every département, the database may know others.
      [...(this.outlines.data?.features ?? []), ...(this.departmentAreas.data ?? [])].map((f) => [
        f.properties.code,
        f.properties.name,
      ]),
    ),
  );

  /** Départements that have homes, by code. */
  readonly departments = $derived.by(() => {
    const codes = [
      ...this.#rows.flatMap(({ site }) => site.properties.department_code ?? []),
      ...this.#parted.masked.flatMap((home) => home.department ?? []),
    ];
    return [...new Set(codes)].sort().map((code) => ({ code, name: this.departmentName(code) }));
  });

  departmentName(code: string): string {
    return this.#departmentNames.get(code) ?? code;
  }

  /** The outline of a département: the database's, which may be finer or fictitious, or the base map's. */
  departmentShape(code: string): Polygon | MultiPolygon | null {
    const has = (f: Area | DepartmentOutlines['features'][number]) => f.properties.code === code;
    const found = this.departmentAreas.data?.find(has) ?? this.outlines.data?.features.find(has);
    return found?.geometry ?? null;
  }

  /** Extent of a département: of its outline, or of its zones where it has none. */
  #departmentBounds(code: string): Bounds | null {
    const shape = this.departmentShape(code);
    if (shape !== null) return boundsOf(shape);
    const zones = (this.zones.data ?? []).filter((z) =>
      z.properties.department_codes?.split(/[ ,;]+/).includes(code),
    );
    return joinBounds(zones.map((z) => boundsOf(z.geometry)));
  }

  /** Extent of what masked homes are shown in, and of the départements of the viewer's scope. */
  readonly #maskedBounds = $derived.by((): Bounds | null => {
    const scope = session.open?.scope;
    const codes = new Set([
      ...(scope?.national ? [] : (scope?.departments ?? [])),
      ...this.#parted.masked.flatMap((home) => home.department ?? []),
    ]);
    return joinBounds([
      ...[...codes].map((code) => this.#departmentBounds(code)),
      ...this.#parted.masked.map((home) => (home.shape === null ? null : boundsOf(home.shape))),
      ...this.#rows.map(({ site }) => (site.geometry === null ? null : boundsOf(site.geometry))),
    ]);
  });

  /** Kinds that zones have, in the order of the vocabulary; those that it lacks come last. */
  readonly zoneKinds = $derived.by(() => {
    const counts: Record<string, number> = {};
    for (const { properties: z } of this.zones.data ?? [])
      counts[z.kind] = (counts[z.kind] ?? 0) + 1;
    const known = terms('zone_kinds').map((k) => k.id);
    const others = Object.keys(counts).filter((kind) => !known.includes(kind));
    return [...known, ...others.sort()].flatMap((kind) => {
      const count = counts[kind];
      return count === undefined ? [] : [{ ...zoneKind(kind), count }];
    });
  });

  /** Groups of proximity indicators: all zones, then each kind that has its own. */
  readonly groups = $derived<Group[]>([
    '',
    ...this.zoneKinds.filter((k) => k.indicators).map((k) => `${k.id}_`),
  ]);
  readonly group = $derived(this.groups.includes(this.wantedGroup) ? this.wantedGroup : '');

  /** West, south, east, north of what there is to see, in degrees; null when that is nothing. */
  readonly bounds = $derived.by((): Bounds | null => {
    if (this.config.data === null) return null;
    if (session.masked) {
      const needed = [this.sites, this.departmentAreas, this.outlines, this.zones];
      if (needed.some((r) => r.data === null && r.error === null)) return null;
      if (this.#maskedBounds) return this.#maskedBounds;
    }
    if (this.config.data.bounds) return this.config.data.bounds;
    const zones = (this.zones.data ?? []).map((z) => z.geometry);
    return boundsOf({ type: 'GeometryCollection', geometries: zones });
  });

  /** The viewer may import files and undo imports. */
  readonly mayImport = $derived(session.may('import'));
  /** The viewer may add, correct, close and merge homes. */
  readonly mayEdit = $derived(session.may('edit_sites'));

  row(id: string): SiteRow | undefined {
    return this.#byId.get(id);
  }

  zone(id: string): Zone | undefined {
    return this.zones.data?.find((z) => String(z.id) === id);
  }

  /** A current zone by kind and producer's code. */
  zoneByCode(kind: string, code: string): Zone | undefined {
    return this.zones.data?.find(
      (z) => z.properties.zone_id === code && z.properties.kind === kind,
    );
  }

  kindLabel(kind: string): string {
    const category = terms('site_categories').find((c) => c.kind === kind);
    return category ? text(category.label) : m().site.otherKind;
  }

  communeName(code: string | null): string | null {
    if (code === null) return null;
    return this.areas.get(`commune.${code}`)?.properties.name ?? null;
  }

  /** Where a home is, in a word: its locality, or its commune. */
  localityOf(site: Site): string {
    const p = site.properties;
    return p.locality ?? this.communeName(p.commune_code) ?? p.commune_code ?? '';
  }

  open(panel: Panel): void {
    this.panel = panel;
    if (panel.kind !== 'add' && panel.kind !== 'edit') this.stopPlacing();
  }

  close(): void {
    this.open({ kind: 'none' });
  }

  stopPlacing(): void {
    this.placing = false;
    this.draft = null;
  }

  /** Opens a home's sheet and brings it into view. */
  show(id: string): void {
    this.open({ kind: 'site', id });
    const site = this.row(id)?.site;
    const bounds = site ? surroundings(site) : null;
    if (bounds) this.map?.fit(bounds);
  }

  /** Opens the place in which a masked home is shown and brings it into view. */
  showCell(home: MaskedHome): void {
    const cell = this.cells.find((c) => c.homes.includes(home));
    if (!cell) return;
    this.open({ kind: 'cell', id: cell.key });
    const shape = cell.shape ?? this.departmentShape(cell.department ?? '');
    const bounds = shape ? boundsOf(shape) : null;
    if (bounds) this.map?.fit(bounds);
  }

  toggleKind(kind: string): void {
    this.hiddenKinds = this.hiddenKinds.includes(kind)
      ? this.hiddenKinds.filter((k) => k !== kind)
      : [...this.hiddenKinds, kind];
  }

  /** Opens a workspace; a sheet belongs to the map. */
  go(workspace: Workspace, tab: string | null = null): void {
    if (workspace !== 'map') this.close();
    this.workspace = workspace;
    this.tab = tab;
  }

  /** Opens or closes the table; what the map showed stays in view above it. */
  toggleTable(): void {
    this.table = !this.table;
    if (this.table && this.viewport) this.map?.keep(this.viewport);
  }

  setPlaces(on: boolean): void {
    this.places = on;
    if (on && this.placesLayer.data === null)
      void this.placesLayer.load().then(() => this.report());
  }

  setClosed(on: boolean): void {
    this.closed = on;
    if (!on) {
      this.classes = this.classes.filter((c) => c !== 'closed');
      this.levels = this.levels.filter((l) => l !== 'closed');
    }
    void this.reloadSites();
  }

  /** Fetches who is looking, then all that they may see. */
  async start(): Promise<void> {
    try {
      if (session.info === null) await session.load();
    } catch (error) {
      toasts.show('error', describe(error), {
        label: m().common.retry,
        run: () => void this.start(),
      });
      return;
    }
    await Promise.all([
      this.config.load(),
      this.outlines.load(),
      this.departmentAreas.load(),
      vocabulary.load(),
      this.sites.load(),
      this.zones.load(),
      this.places ? this.placesLayer.load() : null,
    ]);
    this.report();
  }

  async reloadSites(): Promise<void> {
    await this.sites.load();
    this.report();
  }

  /** Fetches everything an import or an undo may have changed. */
  async reloadAll(): Promise<void> {
    this.areas.clear();
    await Promise.all([
      this.config.load(),
      this.departmentAreas.load(),
      this.sites.load(),
      this.zones.load(),
      this.places ? this.placesLayer.load() : null,
    ]);
    this.report();
  }

  /** Says what could not be loaded, with a button to try again. */
  report(): void {
    const resources = [
      this.config,
      this.outlines,
      this.departmentAreas,
      vocabulary,
      this.sites,
      this.zones,
      this.placesLayer,
    ];
    const failed = resources.filter((r) => r.error !== null);
    const first = failed[0]?.error;
    if (!first) return;
    toasts.show('error', describe(first), {
      label: m().common.retry,
      run: () => {
        void Promise.all(failed.map((r) => r.load())).then(() => this.report());
      },
    });
  }

  permalink(): Permalink {
    return {
      workspace: this.workspace,
      tab: this.tab,
      camera: this.camera,
      site: this.panel.kind === 'site' ? this.panel.id : null,
      zone: this.panel.kind === 'zone' ? this.panel.id : null,
      classes: [...this.classes],
      levels: [...this.levels],
      department: this.department,
      scale: this.scale,
      group: this.wantedGroup,
      hiddenKinds: [...this.hiddenKinds],
      places: this.places,
      closed: this.closed,
      basemap:
        this.basemap === (this.config.data?.default_basemap ?? BUILT_IN) ? null : this.basemap,
      table: this.table,
      lang: lang() === 'fr' ? null : lang(),
    };
  }

  apply(link: Permalink): void {
    this.workspace = link.workspace;
    this.tab = link.tab;
    this.classes = link.classes;
    this.levels = link.levels;
    this.department = link.department;
    this.scale = link.scale;
    this.wantedGroup = link.group;
    this.hiddenKinds = link.hiddenKinds;
    if (link.places !== this.places) this.setPlaces(link.places);
    const closedChanged = link.closed !== this.closed;
    this.closed = link.closed;
    if (closedChanged && this.sites.data !== null) void this.reloadSites();
    this.table = link.table;
    this.camera = link.camera;
    if (link.basemap !== null) this.basemap = link.basemap;
    if (link.site !== null) this.panel = { kind: 'site', id: link.site };
    else if (link.zone !== null) this.panel = { kind: 'zone', id: link.zone };
    else if (this.panel.kind === 'site' || this.panel.kind === 'zone')
      this.panel = { kind: 'none' };
  }

  /**
   * What the address bar holds. The browser keeps it, and may send it to whoever synchronises
   * its history: once homes are seen exactly, it tells of no home, place or selection.
   */
  fragment(): string {
    const link = this.permalink();
    // Nobody else has a sheet: one from a link waits for its reader to log in.
    if (!session.exact) return formatPermalink({ ...link, site: null });
    const { workspace, tab, lang } = link;
    return formatPermalink({ ...EMPTY, workspace, tab, lang });
  }

  /** An address that shows the same again, for the user to hand on. A home is named by its identifier alone. */
  link(): string {
    const link = this.permalink();
    if (link.site !== null) link.camera = null;
    return `${location.origin}${location.pathname}#${formatPermalink(link)}`;
  }
}

/** What happened, in words, for a failed request. */
export function describe(error: unknown): string {
  const messages = m().errors;
  if (!(error instanceof ApiError)) return messages.server;
  if (error.kind === 'offline') return messages.offline;
  if (error.kind === 'timeout') return messages.timeout;
  return error.message || messages[error.kind];
}

/** The first located problem of a refusal in words; what happened, otherwise. */
export function problemOf(error: unknown): string {
  const problem = error instanceof ApiError ? error.problems[0] : undefined;
  return problem ? text(problem.message) : describe(error);
}

export const app = new App();
