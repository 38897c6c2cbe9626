import { m } from '../i18n/index.svelte';
import { app } from './app.svelte';
import { toasts } from './toasts.svelte';

/** Copies an address that shows the same again; shows it where copying is not allowed. */
export async function copyLink(): Promise<void> {
  const link = app.link();
  try {
    await navigator.clipboard.writeText(link);
    toasts.show('success', m().map.linkCopied);
  } catch {
    toasts.show('info', link);
  }
}
