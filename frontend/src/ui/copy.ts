import { m } from '../i18n/index.svelte';
import { toasts } from '../state/toasts.svelte';

/** Copies a text, or shows it to be copied by hand where the browser refuses. */
export async function copy(text: string, done: string = m().account.copied): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    toasts.show('success', done);
  } catch {
    toasts.show('info', text);
  }
}
