// Reads Vigie's GeoParquet with hyparquet (npm), a reader that shares no code with the server:
// VIGIE_TOKEN=… node read_parquet.mjs URL [masked|exact]
// hyparquet is looked for where the front end keeps what it is tested with.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';

const { resolve } = createRequire(new URL('../../frontend/package.json', import.meta.url));
const { parquetMetadata, parquetReadObjects } = await import(resolve('hyparquet'));
const { compressors } = await import(resolve('hyparquet-compressors'));

const [url = 'http://127.0.0.1:8080', view = 'masked'] = process.argv.slice(2);
const headers = { Authorization: `Bearer ${process.env.VIGIE_TOKEN}` };

const ask = async (path) => {
  const answer = await fetch(url + path, { headers });
  assert.ok(answer.ok || answer.status === 403, `${path}: ${answer.status}`);
  return answer;
};

/** The rows of a collection's file, geometries as GeoJSON, and what the file says of itself. */
async function read(collection, parameters = '') {
  const answer = await ask(`/api/collections/${collection}/items?f=parquet${parameters}`);
  const file = await answer.arrayBuffer();
  const metadata = parquetMetadata(file);
  const rows = await parquetReadObjects({ file, metadata, compressors });
  const said = Object.fromEntries(
    metadata.key_value_metadata.map(({ key, value }) => [key, JSON.parse(value)]),
  );
  const matched = (
    await (await ask(`/api/collections/${collection}/items?f=json&limit=1${parameters}`)).json()
  ).numberMatched;
  assert.ok(rows.length > 0);
  assert.equal(rows.length, matched);
  assert.equal(Number(metadata.num_rows), matched);
  return { rows, ...said };
}

const positions = (coordinates) =>
  typeof coordinates[0] === 'number' ? [coordinates] : coordinates.flatMap(positions);

/** Box of some positions: west, south, east, north. */
function box(of) {
  const [lon, lat] = [of.map((p) => p[0]), of.map((p) => p[1])];
  return [Math.min(...lon), Math.min(...lat), Math.max(...lon), Math.max(...lat)];
}

/** Fails unless the metadata "geo" describes the geometries (GeoParquet 1.1.0). */
function check(name, { rows, geo }) {
  const known = rows.map((r) => r.geometry).filter(Boolean);
  const column = geo.columns[geo.primary_column];
  assert.equal(geo.version, '1.1.0');
  assert.equal(geo.primary_column, 'geometry');
  assert.equal(column.encoding, 'WKB');
  assert.ok(!('crs' in column), 'no "crs" means longitude and latitude (OGC:CRS84)');
  assert.deepEqual(column.geometry_types, [...new Set(known.map((g) => g.type))].sort());
  const found = box(known.flatMap((g) => positions(g.coordinates)));
  assert.deepEqual(column.bbox, found);
  assert.ok(found[0] > -180 && found[1] > -90 && found[2] < 180 && found[3] < 90);
  console.log(
    name,
    rows.length,
    ...column.geometry_types,
    found.map((x) => x.toFixed(3)).join(' '),
  );
  return known;
}

for (const name of ['zones', 'places']) check(name, await read(name));

// An exact file needs the approval of a second person, given for that file alone.
if (view === 'exact')
  assert.equal((await ask('/api/collections/sites/items?f=parquet')).status, 403);

const sites = await read('sites', '&precision=masked');
const masked =
  /^(site_id|kind|category|department_code|cell|cell_size_m|exposure_class|release|geometry|[a-z0-9_]+_band)$/;
assert.deepEqual(
  Object.keys(sites.rows[0]).filter((c) => !masked.test(c)),
  [],
);
for (const cell of check('sites', sites)) {
  const [west, south, east, north] = box(positions(cell.coordinates));
  assert.ok(
    cell.type === 'Polygon' && east - west > 0.0089 && north - south > 0.0089,
    'a masked home is more precise than 1 km',
  );
}
assert.equal(sites.provenance.precision, 'masked');
assert.ok(sites.provenance.recipient && sites.provenance.mark && sites.provenance.expires);
console.log('sites: copy of', sites.provenance.recipient, 'until', sites.provenance.expires);
