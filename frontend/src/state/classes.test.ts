import { describe, expect, it } from 'vitest';
import type { Group } from '../api/types';
import { classOf, isImprecise, levelOf } from './classes';
import { site } from './fixtures';

describe('classOf', () => {
  it.each([
    [0, true, 'inside'],
    [0, false, 'within500'],
    [499.99, false, 'within500'],
    [500, false, 'within500'],
    [500.01, false, 'within1000'],
    [1000, false, 'within1000'],
    [2000, false, 'within2000'],
    [2000.01, false, 'beyond'],
  ])('puts %d m (inside: %s) in %s', (d, inside, expected) => {
    expect(classOf(site({ in_zone: inside, nearest_zone_distance_m: d }), '')).toBe(expected);
  });

  it('reads the group it is asked for', () => {
    const s = site({
      in_zone: true,
      nearest_zone_distance_m: 0,
      qpv_in_zone: false,
      qpv_nearest_zone_distance_m: 700,
    });
    expect(classOf(s, '')).toBe('inside');
    expect(classOf(s, 'qpv_')).toBe('within1000');
    expect(classOf(s, 'qrr_' as Group)).toBe('unknown');
  });

  it('never calls unknown what is far, nor far what is unknown', () => {
    expect(classOf(site({ in_zone: null, nearest_zone_distance_m: null }), '')).toBe('unknown');
    expect(classOf(site({ proximity_status: 'position_commune' }), '')).toBe('vague');
    expect(classOf(site({ proximity_status: 'not_located' }, false), '')).toBe('unlocated');
  });

  it('sets closed homes apart whatever their distance', () => {
    expect(classOf(site({ status: 'closed', in_zone: true }), '')).toBe('closed');
  });
});

describe('levelOf', () => {
  it.each([
    [{ exposure_status: 'computed', exposure_class: '4' }, '4'],
    [{ exposure_status: 'computed', exposure_class: 'indeterminate' }, 'indeterminate'],
    [{ exposure_status: 'computed', exposure_class: null }, 'indeterminate'],
    [{ exposure_status: 'pending', exposure_class: null }, 'pending'],
    [{ exposure_status: 'incomplete', exposure_class: null }, 'incomplete'],
    [{ exposure_status: 'not_located', exposure_class: null }, 'unlocated'],
    [{}, 'unlocated'],
    [{ status: 'closed', exposure_status: 'computed', exposure_class: '5' }, 'closed'],
  ] as const)('of %j is %s', (properties, expected) => {
    expect(levelOf(site(properties))).toBe(expected);
  });
});

describe('isImprecise', () => {
  it('holds only positions at the house number or placed by hand for precise', () => {
    const precise = ['surveyed', 'house_number'] as const;
    const vague = ['street', 'locality', 'commune', 'unspecified', null] as const;
    for (const p of precise) expect(isImprecise(site({ position_precision: p }))).toBe(false);
    for (const p of vague) expect(isImprecise(site({ position_precision: p }))).toBe(true);
  });
});
