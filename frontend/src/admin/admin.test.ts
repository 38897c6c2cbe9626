import { describe, expect, it } from 'vitest';
import type { Assignment } from '../api/types';
import { auditQuery, NO_FILTER } from '../api/audit';
import {
  assignmentDraft,
  assignmentOf,
  endOf,
  lacks,
  lastDay,
  NEW_ASSIGNMENT,
} from './assignments';
import { actionChoices, journalCsv } from './journal';

describe('a role', () => {
  it('survives the form', () => {
    const inspector: Assignment = {
      role: 'inspector',
      scope: { national: true },
      restricted: true,
      mission_order: 'OM 2026-12',
      expires: endOf('2027-03-31'),
    };
    expect(assignmentOf(assignmentDraft(inspector))).toEqual(inspector);
    const analyst: Assignment = { role: 'analyst', scope: { departments: ['00'] } };
    expect(assignmentOf(assignmentDraft(analyst))).toEqual(analyst);
  });

  it('holds to the end of its last day', () => {
    expect(lastDay(endOf('2026-12-31'))).toBe('2026-12-31');
    expect(new Date(endOf('2026-12-31')).getTime()).toBeGreaterThan(
      new Date('2026-12-31T22:59:00').getTime(),
    );
  });

  it('needs a place, and a mission order and an end for the whole country', () => {
    expect(lacks(NEW_ASSIGNMENT)).toEqual(['scope']);
    const national = { ...NEW_ASSIGNMENT, scope: { kind: 'national', list: '' } } as const;
    expect(lacks(national)).toEqual(['missionOrder', 'until']);
    expect(lacks({ ...national, missionOrder: 'OM', until: '2027-01-01' })).toEqual([]);
  });
});

describe('the journal', () => {
  it('is asked for whole days and leaves out what is empty', () => {
    const q = new URLSearchParams(
      auditQuery({ ...NO_FILTER, subject: ' a.b ', from: '2026-11-01', to: '2026-11-01' }, 40),
    );
    expect(q.get('subject')).toBe('a.b');
    expect(q.has('action')).toBe(false);
    expect(q.get('before')).toBe('40');
    const span = new Date(q.get('to') ?? '').getTime() - new Date(q.get('from') ?? '').getTime();
    expect(span).toBe(86_400_000);
  });

  it('is exported as it is shown, without formulas', () => {
    const csv = journalCsv(
      [
        {
          seq: 3,
          at: '2026-11-24T08:00:00Z',
          subject: '=cmd()',
          action: 'read',
          layer: 'sites',
          records: ['F-1', 'F-2'],
          count: 2,
          purpose: 'inspection',
        },
      ],
      { separator: ';', decimal: ',' },
    );
    const [head, line] = csv.replace('\ufeff', '').split('\r\n');
    expect(head).toBe('seq;at;subject;action;layer;records;count;purpose');
    expect(line).toBe("3;2026-11-24T08:00:00Z;'=cmd();read;sites;F-1 F-2;2;inspection");
  });
});

describe('the filter of actions', () => {
  it('offers those that exist, by their words, and those of other versions by their name', () => {
    const met = [{ seq: 1, at: '', subject: 'x', action: 'site.teleport', count: 0 }];
    const choices = actionChoices(met);
    expect(choices.find((c) => c.action === 'release.freeze')?.words).toBe('Vue masquée figée');
    expect(choices.find((c) => c.action === 'site.teleport')?.words).toBe('site.teleport');
    expect(actionChoices([]).map((c) => c.action)).not.toContain('site.teleport');
  });
});
