import { afterEach, describe, expect, it } from 'vitest';
import type { OpenSession } from '../api/session';
import { app } from './app.svelte';
import { session } from './session.svelte';
import { EMPTY } from './permalink';

const as = (precision: OpenSession['precision']) =>
  (session.info = { authenticated: true, precision } as OpenSession);

afterEach(() => {
  session.info = null;
  app.apply(EMPTY);
});

function look(): void {
  app.apply({
    ...EMPTY,
    workspace: 'map',
    camera: { center: [2.6, 46.4], zoom: 14 },
    site: 'F-1',
    department: '00',
    levels: ['5'],
  });
}

describe('the address bar', () => {
  it('tells nothing of where one looks once homes are seen exactly', () => {
    as('exact');
    look();
    expect(app.fragment()).toBe('');
    app.apply({ ...EMPTY, workspace: 'admin', tab: 'journal', department: '00' });
    expect(app.fragment()).toBe('ws=admin&tab=journal');
  });

  it('is a permalink for the public and for masked homes', () => {
    as('masked');
    app.apply({ ...EMPTY, site: 'F-1', camera: { center: [2.6, 46.4], zoom: 9 }, levels: ['5'] });
    expect(app.fragment()).toBe('at=9.00/46.40000/2.60000&level=5');
  });
});
