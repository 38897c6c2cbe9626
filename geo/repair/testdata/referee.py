"""GEOS as the referee of geo/repair. JSON lines in and out.

zones FOLDER   the official zones of FOLDER (qpv2024, qrr, qpv2015) in longitude and latitude:
               {"id", "coordinates"}, coordinates of a MultiPolygon
judge          reads {"id", "in", "out"} (MultiPolygon coordinates before and after repair) and
               says what GEOS thinks: {"id", "valid", "reason", "out_valid", "out_reason",
               "area", "out_area", "difference"}; areas in m² in an equal-area projection;
               area is that of what make_valid gives, difference that of the symmetric difference
"""
import gzip
import json
import os
import sys
import warnings

warnings.filterwarnings("ignore")

from pyproj import Transformer
from shapely.geometry import MultiPolygon, Polygon, shape
from shapely.ops import transform
from shapely.validation import explain_validity, make_valid


def zones(folder):
    def emit(id, coordinates):
        print(json.dumps({"id": id, "coordinates": coordinates}))

    with open(os.path.join(folder, "qpv2024/qpv2024_simplified.geojson")) as f:
        for feature in json.load(f)["features"]:
            emit(feature["properties"]["code_qp"], feature["geometry"]["coordinates"])
    with gzip.open(os.path.join(folder, "qrr/sensible_zones.json.gz")) as f:
        for zone in json.load(f)["zones"]:
            emit("QRR " + zone["name"], zone["g"])
    import geopandas

    for name in ("QP_METROPOLE_LB93", "QP_GUADELOUPE_WGS84_UTM20N", "QP_LAREUNION_RGR92_UTM40S"):
        frame = geopandas.read_file(os.path.join(folder, "qpv2015", name + ".shp")).to_crs(4326)
        for code, g in zip(frame["CODE_QP"], frame.geometry):
            parts = getattr(g, "geoms", [g])
            emit(code, [[list(p.exterior.coords)] + [list(h.coords) for h in p.interiors] for p in parts])


def polygonal(g):
    """What of g has an area."""
    if g.geom_type in ("Polygon", "MultiPolygon"):
        return g
    if hasattr(g, "geoms"):
        parts = [p for h in g.geoms for p in getattr(polygonal(h), "geoms", [polygonal(h)])]
        return MultiPolygon([p for p in parts if not p.is_empty])
    return Polygon()


def judge():
    # Cylindrical equal-area on the ellipsoid: one projection serves the whole world.
    to_metres = Transformer.from_crs("EPSG:4326", "+proj=cea +ellps=WGS84", always_xy=True).transform

    def area(g):
        return transform(to_metres, g).area if not g.is_empty else 0.0

    for line in sys.stdin:
        case = json.loads(line)
        given = shape({"type": "MultiPolygon", "coordinates": case["in"]})
        result = shape({"type": "MultiPolygon", "coordinates": case["out"]})
        expected = polygonal(make_valid(given))
        usable = result if result.is_valid else make_valid(result)
        print(json.dumps({
            "id": case["id"],
            "valid": given.is_valid,
            "reason": explain_validity(given),
            "out_valid": result.is_valid,
            "out_reason": explain_validity(result),
            "area": area(expected),
            "out_area": area(result),
            "difference": area(polygonal(expected.symmetric_difference(usable))),
        }))


if __name__ == "__main__":
    zones(sys.argv[2]) if sys.argv[1] == "zones" else judge()
