#!/usr/bin/env bash
# Reads Vigie with GDAL (3.6 or newer): VIGIE_TOKEN=… gdal.sh URL [masked|exact]
# Features, files and a vector tile. The token goes to GDAL in the environment and to curl on
# its standard input: no list of processes shows it.
set -euo pipefail
url=${1:-http://127.0.0.1:8080} view=${2:-masked}
export GDAL_HTTP_USERPWD="token:$VIGIE_TOKEN" # the user name does not matter
export OGR_XLSX_HEADERS=FORCE # otherwise a sheet without numbers has its header as a row
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

fail() { echo "$*" >&2; exit 1; }
fetch() { curl -sS -f -K <(printf 'header = "Authorization: Bearer %s"\n' "$VIGIE_TOKEN") "$@"; }
# is WHAT GOT EXPECTED
is() { [ "$2" = "$3" ] || fail "$1: $2 instead of $3"; }
# about SOURCE [LAYER] [OPTIONS…]: notes what GDAL tells of the layer, or of the first of them.
about() { ogrinfo -ro -so "$@" | awk '/^Layer name:/ { n++ } n < 2' >"$dir/about"; }
features() { sed -n 's/^Feature Count: //p' "$dir/about"; }
geometry() { sed -n 's/^Geometry: //p' "$dir/about"; }
is_wgs84() { grep -q 'GEOGCRS\["WGS 84"' "$dir/about" || fail "$1: not WGS 84"; }
# only_masked WHAT: fails when about found a column that masked homes don't have.
only_masked() {
	! sed -n '/^[a-z_0-9]*: [A-Z][A-Za-z0-9]* (/s/:.*//p' "$dir/about" |
		grep -vxE '(id|site_id|kind|category|department_code|cell|cell_size_m|exposure_class|release|wkt|[a-z0-9_]+_band|export_[a-z_]+)' >&2 ||
		fail "$1: a masked viewer sees these columns"
}
# only_cells GEOPACKAGE: fails when a home in it is not a polygon of a kilometre (0.0089° of latitude) or more.
only_cells() {
	ogrinfo -ro -q -sql "SELECT count(*) AS cells, sum(ST_GeometryType(geom) <> 'POLYGON' OR ST_MaxX(geom) - ST_MinX(geom) < 0.0089 OR
		ST_MaxY(geom) - ST_MinY(geom) < 0.0089) AS precise FROM sites WHERE geom IS NOT NULL" "$1" >"$dir/cells"
	grep -q 'cells (.*) = [1-9]' "$dir/cells" || fail "$1: no home has a cell"
	grep -q 'precise (.*) = 0$' "$dir/cells" || fail "$1: a masked home is more precise than 1 km"
}

# matched ADDRESS: how many features the server has for an address.
matched() {
	fetch -o /dev/null -D "$dir/head" "$1"
	tr -d '\r' <"$dir/head" | sed -n 's/^ogc-numbermatched: //Ip'
}

echo "== features"
ogrinfo -ro -q "OAPIF:$url/api"
for id in sites zones places departments; do
	rows=$(matched "$url/api/collections/$id/items?limit=1")
	# Small pages, so that GDAL follows the links to the next ones.
	ogr2ogr -f GPKG -oo PAGE_SIZE=7 "$dir/$id.copy.gpkg" "OAPIF:$url/api" "$id"
	about "$dir/$id.copy.gpkg" "$id"
	is "$id" "$(features)" "$rows"
	is_wgs84 "$id"
	case $id:$view in
	sites:masked) only_masked sites; only_cells "$dir/sites.copy.gpkg" ;;
	sites:exact) is sites "$(geometry)" Point ;;
	esac
	about "OAPIF:$url/api" "$id"
	echo "$id: $rows, $(geometry)"
done

echo "== queries"
ogr2ogr -f GeoJSON /vsistdout/ -spat 0 40 10 50 -where "kind = 'qpv'" "OAPIF:$url/api" zones |
	python3 -c 'import json, sys; f = json.load(sys.stdin)["features"]; assert f and all(x["properties"]["kind"] == "qpv" for x in f); print("zones in a box, of a kind:", len(f))'
# The document says in which system it is.
ogr2ogr -f GPKG "$dir/lambert.gpkg" "$url/api/collections/zones/items?crs=http://www.opengis.net/def/crs/EPSG/0/2154&limit=10000"
about -al "$dir/lambert.gpkg"
grep -q 'ID\["EPSG",2154\]' "$dir/about" || fail "Lambert-93 is not recognised"
grep -q '^Extent: (6[0-9]\{5\}\.[0-9]*, 65[0-9]\{5\}\.' "$dir/about" || fail "not in Lambert-93"
echo "zones in Lambert-93: $(sed -n 's/^Extent: //p' "$dir/about")"

echo "== files"
for id in sites zones places; do
	# Homes are masked: an exact file needs the approval of a second person, given for that file alone.
	items="$url/api/collections/$id/items?limit=10000" masked=
	[ "$id" != sites ] || masked='&precision=masked'
	rows=$(matched "$items$masked")
	for format in gpkg geojson xlsx; do
		fetch -o "$dir/$id.$format" "$items$masked&f=$format"
		about -al "$dir/$id.$format"
		is "$id.$format" "$(features)" "$rows"
		[ "$format" = xlsx ] || is_wgs84 "$id.$format"
		[ "$id" != sites ] || only_masked "$id.$format"
	done
	[ "$id" != sites ] || only_cells "$dir/sites.gpkg"
	# A stream, not /vsicurl/: a file is made for who asks, once, and is not served in parts.
	about -al "CSV:/vsicurl_streaming/$items$masked&f=csv" -oo X_POSSIBLE_NAMES=lon -oo Y_POSSIBLE_NAMES=lat
	is "$id.csv" "$(features)" "$rows"
	[ "$id" != sites ] || only_masked "$id.csv"
	echo "$id: $rows in GeoPackage, GeoJSON, XLSX and CSV"
done
if [ "$view" = exact ]; then
	is "an exact file" "$(fetch -o /dev/null -w '%{http_code}' "$url/api/collections/sites/items?f=gpkg" 2>/dev/null || true)" 403
	echo "sites, exact, as a file: refused without a second person"
fi

echo "== tiles"
# The tile of zoom 9 at the middle of the layer.
read -r y x < <(fetch "$url/api/collections/sites/tiles/WebMercatorQuad?f=tilejson" | python3 -c '
import json, math, sys
w, s, e, n = json.load(sys.stdin)["bounds"]
print(int((1 - math.asinh(math.tan(math.radians((s + n) / 2))) / math.pi) * 2**8), int(((w + e) / 2 + 180) / 360 * 2**9))')
fetch -o "$dir/tile.pbf" "$url/api/collections/sites/tiles/WebMercatorQuad/9/$y/$x"
about -al "MVT:$dir/tile.pbf" -oo "X=$x" -oo "Y=$y" -oo Z=9
echo "sites in tile 9/$y/$x: $(features), $(geometry)"
[ "$(features)" -gt 0 ] || fail "no home in the tile"
[ "$view" = exact ] || is "a home of a tile" "$(geometry)" Polygon
