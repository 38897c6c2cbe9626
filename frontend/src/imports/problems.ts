import type { Problem, Severity } from '../api/types';

export const SEVERITIES: readonly Severity[] = ['error', 'warning', 'info'];

/** Problems of one code and severity. */
export interface ProblemGroup {
  code: string;
  severity: Severity;
  problems: Problem[];
}

/** Groups problems by severity and code: the worst first, then the most frequent. */
export function groupProblems(problems: readonly Problem[]): ProblemGroup[] {
  const groups = new Map<string, ProblemGroup>();
  for (const problem of problems) {
    const key = `${problem.severity} ${problem.code}`;
    const group = groups.get(key);
    if (group) group.problems.push(problem);
    else groups.set(key, { code: problem.code, severity: problem.severity, problems: [problem] });
  }
  return [...groups.values()].sort(
    (a, b) =>
      SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity) ||
      b.problems.length - a.problems.length ||
      a.code.localeCompare(b.code),
  );
}

/** A message as a sentence: importers may start one in lower case, after a location. */
export function sentence(message: string): string {
  return message.charAt(0).toLocaleUpperCase() + message.slice(1);
}

/** Where a problem stands: "file:line:column", with the parts that are known. */
export function locationOf(p: Problem): string {
  let where = p.file ?? '';
  if (p.line) where += `:${p.line}`;
  if (p.line && p.column) where += `:${p.column}`;
  return where;
}

/** Whether a problem holds the text, whatever the case, in what the user sees of it. */
export function matches(p: Problem, query: string, lang: 'fr' | 'en'): boolean {
  const q = query.trim().toLowerCase();
  if (q === '') return true;
  return [locationOf(p), p.record, p.field, p.value, p.code, p.message[lang]]
    .filter((s) => s !== undefined)
    .some((s) => s.toLowerCase().includes(q));
}
