import { ApiError } from '../api/client';
import { m, text } from '../i18n/index.svelte';
import { describe } from '../state/app.svelte';

/** Why the server refuses a password, in words; what else went wrong, otherwise. */
export function passwordProblem(error: unknown): string {
  const problem = error instanceof ApiError ? error.problems[0] : undefined;
  const known: Record<string, string> = m().account.passwordProblems;
  const code = problem?.code ?? (error instanceof ApiError ? error.code : '');
  return known[code] ?? (problem ? text(problem.message) : describe(error));
}
