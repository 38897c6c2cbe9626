#!/usr/bin/env bash
# Reads the collections with GDAL (3.6 or newer): VIGIE_TOKEN=… gdal.sh URL
# The token is the password of HTTP Basic authentication; the user name does not matter.
set -euo pipefail
url=${1:-http://127.0.0.1:8080}
export GDAL_HTTP_USERPWD="token:$VIGIE_TOKEN"
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

echo "== collections"
ogrinfo -ro -q "OAPIF:$url/api"

for id in sites zones places departments; do
	echo "== $id"
	ogrinfo -ro -so "OAPIF:$url/api" "$id" | sed -n '/^Geometry\|^Feature Count\|^Extent/p'
	# Small pages, so that GDAL follows the links to the next ones.
	ogr2ogr -f GPKG -oo PAGE_SIZE=7 "$dir/$id.gpkg" "OAPIF:$url/api" "$id"
	ogrinfo -ro -so "$dir/$id.gpkg" "$id" | sed -n 's/^Feature Count/In the GeoPackage/p'
done

echo "== zones in a box, and of a kind"
ogr2ogr -f GeoJSON /vsistdout/ -spat 0 40 10 50 -where "kind = 'qpv'" "OAPIF:$url/api" zones |
	python3 -c 'import json, sys; f = json.load(sys.stdin)["features"]; assert f and all(x["properties"]["kind"] == "qpv" for x in f); print(len(f))'

echo "== zones in Lambert-93, given by the server (GeoJSON driver)"
ogrinfo -ro -so -al "$url/api/collections/zones/items?crs=http://www.opengis.net/def/crs/EPSG/0/2154&limit=10000" | sed -n '/^Feature Count\|^Extent/p'
