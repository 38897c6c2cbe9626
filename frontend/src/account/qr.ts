import { encode } from 'uqr';

/** Modules of quiet around a code, which readers need. */
const QUIET = 4;

/** A QR code as one SVG path of unit squares, drawn here: the secret goes to no one. */
export function qrPath(text: string): { path: string; size: number } {
  const { data, size } = encode(text, { ecc: 'M', border: QUIET });
  let path = '';
  data.forEach((row, y) =>
    row.forEach((dark, x) => {
      if (dark) path += `M${x} ${y}h1v1h-1z`;
    }),
  );
  return { path, size };
}
