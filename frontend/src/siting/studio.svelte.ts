import { ApiError } from '../api/client';
import { Resource } from '../state/resource.svelte';
import { m } from '../i18n/index.svelte';
import {
  cloneStudy,
  createStudy,
  deleteStudy,
  getAllocation,
  getAnswer,
  getCatalogue,
  getStudy,
  listStudies,
  putStudy,
} from './api';
import { merge, newStudy, roundDegrees, same } from './draft';
import type {
  AllocationAnswer,
  Candidate,
  Catalogue,
  StudyAnswer,
  StudyBody,
  StudyLine,
  StudyRecord,
} from './types';

/** A plain copy of what may be a proxy. */
const copy = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;

/** A study being edited. What is entered stays here, in memory, until it is saved. */
export class Editor {
  /** As last read or saved. */
  record = $state.raw() as StudyRecord;
  body = $state() as StudyBody;
  saving = $state(false);
  error = $state.raw<ApiError | null>(null);
  /** What somebody else saved meanwhile. */
  theirs = $state.raw<StudyRecord | null>(null);
  readonly dirty = $derived(!same(this.body, this.record.body));

  readonly answer = new Resource<StudyAnswer>((signal) => getAnswer(this.record.id, signal));
  readonly allocation = new Resource<AllocationAnswer>((signal) =>
    getAllocation(this.record.id, signal),
  );

  constructor(record: StudyRecord) {
    this.#take(record);
  }

  #take(record: StudyRecord): void {
    this.record = record;
    this.body = copy(record.body);
    this.error = null;
  }

  /** @returns whether the study is saved; otherwise `error` or `theirs` says why not. */
  async save(): Promise<boolean> {
    if (!this.dirty) return true;
    if (this.saving) return false;
    this.saving = true;
    this.error = null;
    const sent = copy(this.body);
    try {
      const record = await putStudy(this.record, sent);
      // What was typed while it was being saved stays.
      const untouched = same(sent, this.body);
      this.record = record;
      if (untouched) this.body = copy(record.body);
      return untouched;
    } catch (error) {
      this.#refused(error);
      return false;
    } finally {
      this.saving = false;
    }
  }

  #refused(error: unknown): void {
    const refusal = error instanceof ApiError ? error : new ApiError('server', 0, String(error));
    if (refusal.kind !== 'conflict') {
      this.error = refusal;
      return;
    }
    // The refusal bears the study as it stands.
    const { current } = refusal.body as { current?: StudyRecord };
    if (current) this.theirs = current;
    else this.error = refusal;
  }

  /** Lays the changes made here over what others saved, then saves. */
  async mergeTheirs(): Promise<void> {
    if (!this.theirs) return;
    const body = merge(this.record.body, copy(this.body), this.theirs.body);
    this.record = this.theirs;
    this.body = copy(body);
    this.theirs = null;
    await this.save();
  }

  /** Reads the study anew, after the server changed it. */
  async reload(): Promise<void> {
    this.#take(await getStudy(this.record.id));
  }

  async compare(): Promise<void> {
    if (await this.save()) await this.answer.load();
  }

  async allocate(): Promise<void> {
    if (await this.save()) await this.allocation.load();
  }

  /** Adds a candidate at a position in degrees. */
  add(at: { lon: number; lat: number }, rest: Partial<Candidate> = {}): void {
    this.body.candidates.push({
      id: crypto.randomUUID(),
      label: m().siting.candidates.name(this.body.candidates.length + 1),
      address: '',
      precision: 'unspecified',
      source: 'map',
      ...rest,
      lon: roundDegrees(at.lon),
      lat: roundDegrees(at.lat),
    });
  }
}

/** The planner's work: kept while one looks elsewhere in Vigie, never stored. */
class Studio {
  readonly catalogue = new Resource<Catalogue>((signal) => getCatalogue(signal));
  readonly list = new Resource<StudyLine[]>((signal) => listStudies(signal));
  editor = $state.raw<Editor | null>(null);

  async open(id: string): Promise<void> {
    this.edit(await getStudy(id));
  }

  async create(title: string, department: string, catalogue: Catalogue): Promise<void> {
    const seed = crypto.getRandomValues(new Uint16Array(1))[0] ?? 0;
    this.edit(await createStudy(department, newStudy(title, catalogue, seed)));
  }

  edit(record: StudyRecord): void {
    this.editor = new Editor(record);
    addEventListener('beforeunload', this.#hold);
  }

  /** Saves what the editor holds as a study of its own, and opens that. */
  async saveCopy(editor: Editor): Promise<void> {
    const body = copy(editor.body);
    body.title = m().siting.conflict.copyTitle(0, body.title);
    this.edit(await createStudy(editor.record.department_code, body));
  }

  async clone(id: string): Promise<void> {
    this.edit(await cloneStudy(id));
  }

  async remove(line: StudyLine): Promise<void> {
    await deleteStudy(line);
    await this.list.load();
  }

  close(): void {
    this.editor = null;
    removeEventListener('beforeunload', this.#hold);
    void this.list.load();
  }

  /** The browser asks before it leaves a page with unsaved changes. */
  readonly #hold = (event: BeforeUnloadEvent) => {
    if (this.editor?.dirty) event.preventDefault();
  };
}

export const studio = new Studio();
