import { describe, expect, it } from 'vitest';
import { qrPath } from './qr';

const URI =
  'otpauth://totp/Vigie:a.fictif?algorithm=SHA1&digits=6&issuer=Vigie&period=30&secret=JBSWY3DPEHPK3PXP';

describe('a QR code', () => {
  it('has its three finders inside a quiet zone, and changes with its text', () => {
    const { path, size } = qrPath(URI);
    const dark = new Set(path.match(/M\d+ \d+/g));
    for (const [x, y] of [
      [4, 4],
      [size - 5, 4],
      [4, size - 5],
    ]) {
      expect(dark.has(`M${x} ${y}`)).toBe(true);
    }
    for (let i = 0; i < size; i++) expect(dark.has(`M${i} 3`)).toBe(false);
    expect(qrPath(`${URI}A`).path).not.toBe(path);
  });
});
