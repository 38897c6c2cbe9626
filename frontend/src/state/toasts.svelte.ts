export interface Toast {
  id: number;
  tone: 'info' | 'success' | 'error';
  message: string;
  action?: { label: string; run: () => void };
}

/** Toasts without an action leave after this long; those with one wait for the user. */
const LIFETIME_MS = 6000;

class Toasts {
  items = $state.raw<Toast[]>([]);
  #next = 1;

  show(tone: Toast['tone'], message: string, action?: Toast['action']): void {
    const toast: Toast = { id: this.#next++, tone, message };
    if (action) toast.action = action;
    // One toast a message: retrying offline must not pile them up.
    this.items = [...this.items.filter((t) => t.message !== message), toast].slice(-3);
    if (!action && tone !== 'error') setTimeout(() => this.dismiss(toast.id), LIFETIME_MS);
  }

  dismiss(id: number): void {
    this.items = this.items.filter((t) => t.id !== id);
  }
}

export const toasts = new Toasts();
