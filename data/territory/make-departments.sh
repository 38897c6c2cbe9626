#!/bin/sh
# Makes departments.geojson, the outlines of the French départements that Vigie
# embeds as its offline base map.
#
#   sh make-departments.sh POLYGONE-4326_DEP.GEOJSON
#
# Input: "polygone-4326_dep.geojson" of the ANCT (from IGN Admin Express), WGS84,
# Licence Ouverte 2.0, with the properties insee_dep and lib_dep.
# Needs: Node 20 and npx; mapshaper is fetched by npx at the version below.
#
# Simplification is topological (shared borders stay shared), Visvalingam weighted;
# small islands are kept. Four decimals are about 11 m, well under the
# simplification itself. Rings follow RFC 7946 (outer rings counter-clockwise).
set -eu
here=$(dirname "$0")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
npx --yes mapshaper@0.7.70 "$1" \
  -rename-fields code=insee_dep,name=lib_dep \
  -filter-fields code,name \
  -sort code \
  -simplify 25% weighted keep-shapes \
  -clean \
  -o "$work/out.geojson" precision=0.0001 rfc7946
sed '1s|^{"type":"FeatureCollection", *|{"type":"FeatureCollection","name":"departments","attribution":"ANCT, IGN Admin Express 2026, Licence Ouverte 2.0 (simplified)",|' \
  "$work/out.geojson" >"$here/departments.geojson"
