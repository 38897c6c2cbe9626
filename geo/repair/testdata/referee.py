"""GEOS as the referee of geo/repair. JSON lines in and out.

zones FOLDER   the official zones of FOLDER (qpv2024, qrr, qpv2015) in longitude and latitude:
               {"id", "coordinates"}, coordinates of a MultiPolygon
judge RULE     reads {"id", "in", "out"} (MultiPolygon coordinates before and after repair) and
               says what GEOS thinks: {"id", "valid", "reason", "out_valid", "out_reason",
               "area", "out_area", "difference"}; areas in m² in an equal-area projection.
               What is expected is, by RULE, GEOS' make_valid, or the union over the polygons of
               the faces that an odd number of their rings enclose (even-odd)
"""
import gzip
import json
import os
import sys
import warnings

warnings.filterwarnings("ignore")

from pyproj import Transformer
from shapely.geometry import LineString, MultiPolygon, Polygon, shape
from shapely.ops import polygonize, transform, unary_union
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


def even_odd(coordinates):
    """The union of the polygons, the rings of each read by the even-odd rule."""
    return unary_union([face for rings in coordinates for face in odd_faces(rings)])


def odd_faces(rings):
    for face in polygonize(unary_union([LineString(r) for r in rings])):
        p = face.representative_point()
        if sum(crossings(p.x, p.y, r) for r in rings) % 2:
            yield face


def crossings(x, y, ring):
    """How many edges of the ring a ray from the point to the east crosses."""
    n = 0
    for (x1, y1), (x2, y2) in zip(ring, ring[1:]):
        if (y1 <= y) != (y2 <= y) and x < x1 + (y - y1) * (x2 - x1) / (y2 - y1):
            n += 1
    return n


def judge(rule):
    # Cylindrical equal-area on the ellipsoid: one projection serves the whole world.
    to_metres = Transformer.from_crs("EPSG:4326", "+proj=cea +ellps=WGS84", always_xy=True).transform

    def area(g):
        return transform(to_metres, g).area if not g.is_empty else 0.0

    for line in sys.stdin:
        case = json.loads(line)
        given = shape({"type": "MultiPolygon", "coordinates": case["in"]})
        result = shape({"type": "MultiPolygon", "coordinates": case["out"]})
        expected = even_odd(case["in"]) if rule == "even-odd" else polygonal(make_valid(given))
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
    command = {"zones": zones, "judge": judge}[sys.argv[1]]
    command(sys.argv[2])
