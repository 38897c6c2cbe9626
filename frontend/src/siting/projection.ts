/** Lambert-93 (EPSG:2154) on GRS80, after IGN's note NTG_71. Degrees, metres. */
const E = 0.0818191910428158;
const LON0 = (3 * Math.PI) / 180;
const N = 0.725607765053267;
const C = 11754255.4261;
const X0 = 700000;
const Y0 = 12655612.0499;

type Pair = [number, number];

const RAD = Math.PI / 180;

function isometric(lat: number): number {
  const s = E * Math.sin(lat);
  return Math.log(Math.tan(Math.PI / 4 + lat / 2) * ((1 - s) / (1 + s)) ** (E / 2));
}

/** East and north in Lambert-93 of a longitude and latitude. */
export function toLambert93([lon, lat]: Pair): Pair {
  const r = C * Math.exp(-N * isometric(lat * RAD));
  const angle = N * (lon * RAD - LON0);
  return [X0 + r * Math.sin(angle), Y0 - r * Math.cos(angle)];
}

/** Longitude and latitude of an east and north in Lambert-93. */
export function fromLambert93([x, y]: Pair): Pair {
  const r = Math.hypot(x - X0, y - Y0);
  const lon = LON0 + Math.atan((x - X0) / (Y0 - y)) / N;
  const l = -Math.log(r / C) / N;
  let lat = 2 * Math.atan(Math.exp(l)) - Math.PI / 2;
  for (let i = 0; i < 8; i++) {
    const s = E * Math.sin(lat);
    lat = 2 * Math.atan(((1 + s) / (1 - s)) ** (E / 2) * Math.exp(l)) - Math.PI / 2;
  }
  return [lon / RAD, lat / RAD];
}

/** North–south position in the Mercator projection of the map, in radians. */
export const mercator = (lat: number) => Math.log(Math.tan(Math.PI / 4 + (lat * RAD) / 2));
export const inverseMercator = (y: number) => (2 * Math.atan(Math.exp(y)) - Math.PI / 2) / RAD;
