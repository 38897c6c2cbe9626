import { getVocabulary, type Term, type Vocabulary, type ZoneKindTerm } from '../api/vocabulary';
import { m, text } from '../i18n/index.svelte';
import { Resource } from './resource.svelte';

export const vocabulary = new Resource<Vocabulary>((signal) => getVocabulary(signal));

/** Lists of the vocabulary whose entries are terms. */
type TermList = {
  [K in keyof Vocabulary]: Vocabulary[K] extends Term[] ? K : never;
}[keyof Vocabulary];

/** The terms of a list; empty until the server has told. */
export function terms<K extends keyof Vocabulary>(list: K): Vocabulary[K] {
  return vocabulary.data?.[list] ?? ([] as unknown as Vocabulary[K]);
}

function term(list: TermList, id: string): Term | undefined {
  return vocabulary.data?.[list].find((t) => t.id === id);
}

/** The name of a term; a term that the vocabulary lacks is called by its identifier. */
export function label(list: TermList, id: string): string {
  const found = term(list, id);
  return found ? text(found.label) : id;
}

/** What a position of this precision is worth, in a sentence. */
export function precisionAbout(id: string | null): string {
  if (id === null) return m().precision.none.long;
  const found = vocabulary.data?.precisions.find((p) => p.id === id);
  return found ? text(found.about) : id;
}

export function precisionLabel(id: string | null): string {
  return id === null ? m().precision.none.short : label('precisions', id);
}

const UNKNOWN_KIND: Omit<ZoneKindTerm, 'id' | 'label' | 'short'> = {
  about: { fr: '', en: '' },
  style: 0,
  indicators: false,
};

/** A kind of zones; one that the vocabulary lacks is neutral, and called by its identifier. */
export function zoneKind(id: string): ZoneKindTerm {
  const name = { fr: id.toUpperCase(), en: id.toUpperCase() };
  return (
    vocabulary.data?.zone_kinds.find((k) => k.id === id) ?? {
      ...UNKNOWN_KIND,
      id,
      label: name,
      short: name,
    }
  );
}

/** Name of a group of proximity indicators: all zones together (''), or a kind and its underscore. */
export function groupLabel(group: string): string {
  return group === '' ? m().legend.allZones : text(zoneKind(group.slice(0, -1)).short);
}
