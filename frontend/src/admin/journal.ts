import type { AuditRecord } from '../api/audit';
import { m } from '../i18n/index.svelte';
import { csvOf, type CsvDialect } from '../table/export';

/** An action of the journal in words; those of other versions show their name. */
export function actionWords(action: string): string {
  const words: Record<string, string> = m().admin.actions;
  return words[action] ?? action;
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
