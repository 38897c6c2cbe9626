import { app } from '../state/app.svelte';
import type { Workspace } from '../state/permalink';
import { session } from '../state/session.svelte';

/** Tabs of the administration. */
export const ADMIN_TABS = ['users', 'grants', 'journal'] as const;
export type AdminTab = (typeof ADMIN_TABS)[number];

const TAB_RIGHTS = { users: 'users', grants: 'approve', journal: 'audit' } as const;

/** The tabs that the viewer's rights open. */
export function adminTabs(): AdminTab[] {
  return ADMIN_TABS.filter((tab) => session.may(TAB_RIGHTS[tab]));
}

/** The tab that is open: the one asked for, or the first. */
export function adminTab(): AdminTab | undefined {
  const tabs = adminTabs();
  return tabs.find((tab) => tab === app.tab) ?? tabs[0];
}

/** The viewer may enter a workspace. Requests are among the tabs of whoever decides them. */
export function mayEnter(workspace: Workspace): boolean {
  switch (workspace) {
    case 'map':
    case 'stats':
    case 'notice':
      return true;
    case 'account':
      return session.open !== null;
    case 'access':
      return session.open !== null && session.open.precision !== 'none' && !session.may('approve');
    case 'admin':
      return adminTabs().length > 0;
    case 'data':
      return session.may('import');
    case 'siting':
      return session.may('study');
  }
}
