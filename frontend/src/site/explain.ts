import type { Exposure, Reason, Unknown } from '../api/exposure';
import { text } from '../i18n/index.svelte';
import { EXPOSURE_CLASSES, type Level } from '../state/classes';

/** What is known to a percent or better is told; the rest would be noise. */
const TOLD = 0.01;

/** Classes that are likely enough to be told, the likeliest first. */
export function likelyClasses(e: Exposure): { level: Level; p: number }[] {
  const levels = [...EXPOSURE_CLASSES].reverse();
  return (e.class_probabilities ?? [])
    .flatMap((p, i) => {
      const level = levels[i];
      return level === undefined || p < TOLD ? [] : [{ level, p }];
    })
    .sort((a, b) => b.p - a.p);
}

/** The pillar that gives most of the score, with its share (0–1); null without reasons. */
export function mainPillar(reasons: readonly Reason[]): { name: string; share: number } | null {
  const shares = new Map<string, number>();
  for (const r of reasons) {
    const name = text(r.pillar);
    shares.set(name, (shares.get(name) ?? 0) + r.share);
  }
  const [first] = [...shares].sort((a, b) => b[1] - a[1]);
  return first ? { name: first[0], share: first[1] } : null;
}

/** Unknown indicators by the reason why, in the order met. */
export function byReason(list: readonly Unknown[]): [string, Unknown[]][] {
  const groups = new Map<string, Unknown[]>();
  for (const u of list) {
    const reason = text(u.reason_text);
    groups.set(reason, [...(groups.get(reason) ?? []), u]);
  }
  return [...groups];
}

/** A probability of being inside a zone that says something: neither settled one way nor the other. */
export function unsettled(p: unknown): number | null {
  return typeof p === 'number' && p >= TOLD && p <= 1 - TOLD ? p : null;
}
