"""Reads the collections with GeoPandas: VIGIE_TOKEN=… python3 geopandas_read.py URL

The token is sent as "Authorization: Bearer". Pages are followed by their "next" links.
"""

import json
import os
import sys
import urllib.parse
import urllib.request

import geopandas

url = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8080"


def get(address):
    request = urllib.request.Request(
        address,
        headers={
            "Authorization": "Bearer " + os.environ["VIGIE_TOKEN"],
            "Accept": "application/geo+json",
        },
    )
    with urllib.request.urlopen(request) as answer:
        return json.load(answer), answer.headers


def read(collection, frame_crs="OGC:CRS84", **parameters):
    """A GeoDataFrame of all the pages of a collection."""
    address = f"{url}/api/collections/{collection}/items?" + urllib.parse.urlencode(
        {"limit": 50, **parameters}
    )
    features, matched = [], None
    while address:
        page, _ = get(address)
        matched = page["numberMatched"]
        features += page["features"]
        address = next((l["href"] for l in page["links"] if l["rel"] == "next"), None)
    assert len(features) == matched, (len(features), matched)
    if not features:
        return geopandas.GeoDataFrame(geometry=[], crs=frame_crs)
    frame = geopandas.GeoDataFrame.from_features(features, crs=frame_crs)
    frame.insert(0, "id", [f["id"] for f in features])
    return frame


for name in ["sites", "zones", "places", "departments"]:
    frame = read(name)
    print(name, len(frame), sorted(set(frame.geometry.dropna().geom_type)), frame.total_bounds.round(3).tolist())

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
