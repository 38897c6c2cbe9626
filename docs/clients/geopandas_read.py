"""Reads Vigie with GeoPandas: VIGIE_TOKEN=… python3 geopandas_read.py URL [masked|exact]

Features are read page by page, following the "next" links; files are downloaded.
"""

import json
import tempfile
import urllib.parse

import geopandas

import vigie

try:
    import pyarrow
except ImportError:
    pyarrow = None


def read(collection, frame_crs="OGC:CRS84", **parameters):
    """A GeoDataFrame of all the pages of a collection."""
    address = vigie.items(collection, "&" + urllib.parse.urlencode({"limit": 50, **parameters}))
    features, matched = [], None
    while address:
        page = json.loads(vigie.get(address)[0])
        matched = page["numberMatched"]
        features += page["features"]
        address = next((l["href"] for l in page["links"] if l["rel"] == "next"), None)
    assert len(features) == matched, (len(features), matched)
    if not features:
        return geopandas.GeoDataFrame(geometry=[], crs=frame_crs)
    frame = geopandas.GeoDataFrame.from_features(features, crs=frame_crs)
    frame.insert(0, "id", [f["id"] for f in features])
    return frame


def check_masked(frame):
    known = frame[~frame.geometry.isna() & ~frame.geometry.is_empty]
    vigie.check_masked([c for c in frame.columns if c != frame.geometry.name], known.bounds.values)


print("== features")
for name in vigie.COLLECTIONS:
    frame = read(name)
    kinds = sorted(set(frame.geometry.dropna().geom_type))
    print(name, len(frame), *kinds)
    assert len(frame) == vigie.count(name) > 0
    if name == "sites" and vigie.VIEW == "masked":
        check_masked(frame)
    elif name == "sites":
        assert kinds == ["Point"] and "address" in frame

print("== queries")
# The server's Lambert-93 is PROJ's, to the rounding of the coordinates.
zones = read("zones")
lambert = read("zones", frame_crs="EPSG:2154", crs="http://www.opengis.net/def/crs/EPSG/0/2154")
apart = (zones.to_crs("EPSG:2154").bounds - lambert.bounds).abs().max().max()
print(f"Lambert-93: {apart * 100:.2f} cm from PROJ")
assert apart < 0.02

# CQL2, an order, a choice of properties.
large = read("zones", filter="kind = 'qpv' AND area_m2 > 100000", sortby="-area_m2", properties="name,area_m2")
assert large["area_m2"].is_monotonic_decreasing and (large["area_m2"] > 100000).all()
print("zones over 10 ha:", len(large))

# Places within 2 km of a zone.
near = read("places", **{"near-zone": zones["id"][0], "within": 2000})
print("places within 2 km of", zones["id"][0] + ":", len(near))

print("== files")
with tempfile.TemporaryDirectory() as folder:
    for name in ["sites", "zones", "places"]:
        frames = {f: geopandas.read_file(vigie.download(name, f, folder)) for f in ["geojson", "gpkg"]}
        if pyarrow:
            frames["parquet"] = geopandas.read_parquet(vigie.download(name, "parquet", folder))
        for format, frame in frames.items():
            print(name, format, len(frame), frame.crs.name)
            assert len(frame) == vigie.in_file(name) and frame.crs.to_epsg() == 4326
            if name == "sites":
                check_masked(frame)
if not pyarrow:
    print("GeoParquet is not read: pyarrow is not installed")
if vigie.VIEW == "exact":
    assert vigie.exact_file_is_refused()
    print("sites, exact, as a file: refused without a second person")
