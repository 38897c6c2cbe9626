import { describe, expect, it } from 'vitest';
import { CSV_DIALECTS, csvOf, fileAddress } from './export';

describe('csvOf', () => {
  it('writes for the spreadsheet of the language', () => {
    expect(csvOf([['a', 1.5]], CSV_DIALECTS.fr)).toBe('\ufeffa;1,5\r\n');
    expect(csvOf([['a', 1.5]], CSV_DIALECTS.en)).toBe('\ufeffa,1.5\r\n');
  });

  it('makes a text that looks like a formula harmless, not a number', () => {
    expect(csvOf([['=HYPERLINK("http://x")']], CSV_DIALECTS.en)).toContain("'=HYPERLINK");
    expect(csvOf([['@SUM(A1)']], CSV_DIALECTS.en)).toContain("'@SUM");
    expect(csvOf([['b', -3.5]], CSV_DIALECTS.en)).toContain(',-3.5');
  });
});

describe('fileAddress', () => {
  const query = (address: string) => new URL(address, 'http://x').searchParams;

  it('names the homes that are shown, and nothing else', () => {
    const q = query(fileAddress(['1', "d'ici"], '00', 'gpkg'));
    expect(q.get('filter')).toBe("site_id IN ('1','d''ici')");
    expect(q.get('department_code')).toBe('00');
    expect(q.get('f')).toBe('gpkg');
  });

  it('asks for the whole when they are too many to name', () => {
    const ids = Array.from({ length: 501 }, (_, i) => String(i));
    expect(query(fileAddress(ids, null, 'csv')).has('filter')).toBe(false);
  });
});
