import { describe, expect, it } from 'vitest';
import type { Exposure, Reason, Unknown } from '../api/exposure';
import { byReason, likelyClasses, mainPillar, unsettled } from './explain';

const t = (fr: string) => ({ fr, en: fr });
const reason = (pillar: string, share: number) => ({ pillar: t(pillar), share }) as Reason;

describe('an explanation', () => {
  it('tells the likeliest classes first, and not what is out of the question', () => {
    const e = { class_probabilities: [0, 0.2275, 0.7675, 0.005, 0] } as unknown as Exposure;
    expect(likelyClasses(e)).toEqual([
      { level: '3', p: 0.7675 },
      { level: '2', p: 0.2275 },
    ]);
    expect(likelyClasses({} as Exposure)).toEqual([]);
  });

  it('names the pillar that counts most, over all its reasons', () => {
    const reasons = [reason('Environnement', 0.4), reason('Recours', 0.3), reason('Recours', 0.3)];
    expect(mainPillar(reasons)).toEqual({ name: 'Recours', share: 0.6 });
    expect(mainPillar([])).toBeNull();
  });

  it('gathers what is unknown by its reason', () => {
    const unknown = (indicator: string, why: string) =>
      ({ indicator, reason_text: t(why) }) as Unknown;
    const list = [
      unknown('a', 'non chargé'),
      unknown('b', 'trop vague'),
      unknown('c', 'non chargé'),
    ];
    expect(byReason(list).map(([why, group]) => [why, group.map((u) => u.indicator)])).toEqual([
      ['non chargé', ['a', 'c']],
      ['trop vague', ['b']],
    ]);
  });

  it.each([
    [0.17, 0.17],
    [0.01, 0.01],
    [0.005, null],
    [0.995, null],
    [null, null],
  ])('tells the probability of being inside a zone when it is open: %s', (p, expected) => {
    expect(unsettled(p)).toBe(expected);
  });
});
