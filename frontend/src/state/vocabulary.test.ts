import { describe, expect, it } from 'vitest';
import golden from '../../../api/vocabulary/testdata/vocabulary.json';
import { KNOWN_RIGHTS, type Vocabulary } from '../api/vocabulary';
import { LAYERS } from '../api/types';
import { THEMES, zoneColor } from '../map/theme';
import { levelName } from '../site/levels';
import { EXPOSURE_CLASSES } from './classes';
import {
  groupLabel,
  label,
  precisionAbout,
  terms,
  vocabulary,
  zoneKind,
} from './vocabulary.svelte';

// A test of the server holds that the file is what it answers; this line, that our types fit it.
const served: Vocabulary = golden;

describe('the vocabulary of the server', () => {
  it('has the rights and layers that the interface acts upon', () => {
    expect(served.rights.map((r) => r.id).sort()).toEqual([...KNOWN_RIGHTS].sort());
    expect(served.layers.map((l) => l.id)).toEqual(expect.arrayContaining([...LAYERS]));
    expect(served.exposure_classes.map((c) => c.id)).toEqual([...EXPOSURE_CLASSES].reverse());
  });

  it('has no kind of zones without a look of its own', () => {
    for (const { style } of served.zone_kinds)
      for (const theme of Object.values(THEMES)) expect(theme.zones[style]).toBeDefined();
  });

  it('names what it has, and calls the rest by its identifier', () => {
    vocabulary.data = served;
    expect(label('roles', 'manager')).toBe('Responsable');
    expect(label('roles', 'auditor')).toBe('auditor');
    expect(groupLabel('qpv_')).toBe('QPV');
    expect(levelName('5')).toBe('Très forte');
    expect(precisionAbout('street')).toContain('un kilomètre');
    expect(precisionAbout(null)).toBe('Aucune position connue.');
    expect(terms('export_formats').map((f) => f.id)).toContain('gpkg');
  });

  it('draws an unknown kind neutrally', () => {
    const kind = zoneKind('ber');
    expect(kind.label.fr).toBe('BER');
    expect(zoneColor(THEMES.light, kind.style)).toBe(THEMES.light.zones[0]);
    expect(zoneColor(THEMES.light, 99)).toBe(THEMES.light.zones[0]);
  });
});
