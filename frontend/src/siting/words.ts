import { decimal, distance, integer, percent } from '../i18n/format';
import { m, text } from '../i18n/index.svelte';
import { label, zoneKind } from '../state/vocabulary.svelte';
import type { Catalogue, Criterion } from './types';

/** A value of a criterion in its unit. */
export function quantity(value: number | null, unit: string): string {
  if (value === null) return m().siting.answer.unknown;
  if (unit === 'm') return distance(value);
  if (unit === '€') return `${integer(value)}\u00a0€`;
  return decimal(value);
}

export function score(value: number | null): string {
  return value === null ? m().siting.answer.unknown : decimal(value);
}

/** "de 41 à 56", when both bounds are known. */
export function interval(low: number | null, high: number | null): string {
  return low === null || high === null
    ? ''
    : m().siting.answer.interval(0, decimal(low), decimal(high));
}

export function ratio(value: number | null): string {
  return value === null ? m().siting.answer.unknown : percent(value);
}

export function criterion(catalogue: Catalogue, id: string): Criterion | undefined {
  return catalogue.criteria.find((c) => c.id === id);
}

/** The name of a layer that is absent: of a criterion, of a kind of zones or of places. */
export function layerName(catalogue: Catalogue, id: string): string {
  const found = criterion(catalogue, id);
  if (found) return text(found.label);
  const [prefix, name = ''] = id.split(':');
  if (prefix === 'zone_distance') return zoneName(name);
  return label('place_themes', name);
}

export function zoneName(kind: string): string {
  return kind === 'any' ? m().siting.constraints.any : text(zoneKind(kind).short);
}
