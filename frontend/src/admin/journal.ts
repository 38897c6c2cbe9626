import type { AuditRecord } from '../api/audit';
import { lang, m } from '../i18n/index.svelte';
import { csvOf, type CsvDialect } from '../table/export';

/** An action of the journal in words; those of other versions show their name. */
export function actionWords(action: string): string {
  const words: Record<string, string> = m().admin.actions;
  return words[action] ?? action;
}

/** The actions to choose from, by their words: those that exist and those met in these lines. */
export function actionChoices(met: readonly AuditRecord[]): { action: string; words: string }[] {
  const actions = new Set([...Object.keys(m().admin.actions), ...met.map((r) => r.action)]);
  const collator = new Intl.Collator(lang());
  return [...actions]
    .map((action) => ({ action, words: actionWords(action) }))
    .sort((a, b) => collator.compare(a.words, b.words));
}

/** Lines of the journal as CSV, under the names of its API. */
export function journalCsv(records: readonly AuditRecord[], dialect: CsvDialect): string {
  const head = ['seq', 'at', 'subject', 'action', 'layer', 'records', 'count', 'purpose'];
  const lines = records.map((r) => [
    r.seq,
    r.at,
    r.subject,
    r.action,
    r.layer ?? '',
    (r.records ?? []).join(' '),
    r.count,
    r.purpose ?? '',
  ]);
  return csvOf([head, ...lines], dialect);
}
