#!/usr/bin/python3
"""Referee of `vigie assess`: an independent computation of the proximity indicators.

  referee.py VIGIE DATA_DIR [POINTS [SEED]]

VIGIE is the binary, DATA_DIR the folder of real files (qpv2024/, qpv2015/, admin/). For each
file of zones, POINTS (5,000) seeded random points are drawn: inside zones, on their
vertices and edges and within metres of them, near, and far, in every territory. Each
point is computed with GeoPandas, PROJ and GEOS in an azimuthal equidistant
projection centred on it, discs having 1,440 sides, and compared with Vigie:
  - distance within max(1 cm, 1e-5 d), and so the depth inside a zone;
  - the same nearest zone, unless two are as near within that tolerance;
  - the same counts, unless a zone's distance to the radius is within the tolerance;
  - inside alike, unless the edge is within 1 cm;
  - shares within 1e-4;
  - for every third point, kernel share and probability of being inside (positions at
    house numbers, σ = 10 m, and at streets, σ = 400 m, in turn) within 2e-5: both are
    integrals over the distance r of areas (zones ∩ disc r), here by Gauss–Legendre
    quadrature;
  - decay exposure within 1e-4, unless a zone is at its cut.
Each tolerance is widened by the rounding of the output; "beyond rounding" is the
difference less half a unit of the last decimal. Without places `vigie assess` takes
its way of constant memory, with places that of the whole catalogue: both must agree.
Prints the worst cases; exits 1 on a disagreement.
Needs Debian's python3-geopandas (Shapely 1.8 or 2, pyproj)."""
import json, math, os, subprocess, sys, tempfile, warnings
from concurrent.futures import ProcessPoolExecutor
import numpy as np
warnings.filterwarnings("ignore")
import geopandas as gpd
import pyproj
from shapely.geometry import MultiPolygon, Point, Polygon
from shapely.ops import unary_union
from shapely.prepared import prep
from shapely.validation import make_valid

RADII = (500.0, 1000.0, 2000.0)
BANDWIDTH = 500.0
DECAY = 300.0
SIGMAS = (("house_number", 10.0), ("street", 400.0))
REACH = max(*RADII, 3 * DECAY, 6 * max(s for _, s in SIGMAS))
NODES, WEIGHTS = np.polynomial.legendre.leggauss(12)
PANELS = 24
THIRD = 3  # integrals take long: every third point has them
TURN = 2 * math.pi * np.arange(720) / 720
WGS84 = pyproj.Geod(ellps="WGS84")


def polygonal(g):
    """The polygonal part of a geometry, valid, or None."""
    if not g.is_valid:
        g = make_valid(g)
    parts = [g] if g.geom_type == "Polygon" else [p for p in getattr(g, "geoms", []) if p.geom_type in ("Polygon", "MultiPolygon")]
    flat = [q for p in parts for q in (p.geoms if p.geom_type == "MultiPolygon" else [p])]
    flat = [p for p in flat if p.area > 0]
    return MultiPolygon(flat) if flat else None


def square_metres(g):
    return sum(abs(WGS84.geometry_area_perimeter(p)[0]) for p in g.geoms)


class Zones:
    def __init__(self, paths, code):
        self.codes, self.geoms = [], []
        for path in paths:
            frame = gpd.read_file(path)
            if frame.crs is not None:
                frame = frame.to_crs(4326)
            for c, g in zip(frame[code], frame.geometry):
                m = polygonal(g) if g is not None else None
                if m is not None and square_metres(m) >= 1:  # the product's own threshold
                    self.codes.append(c)
                    self.geoms.append(m)
        self.rings = [[np.asarray(r.coords)[:, :2] for p in g.geoms for r in [p.exterior, *p.interiors]] for g in self.geoms]
        xyz, self.starts, self.longest = [], [], []
        n = 0
        for rings in self.rings:
            self.starts.append(n)
            longest = 0.0
            for r in rings:
                v = ecef(r[:, 0], r[:, 1])
                longest = max(longest, np.sqrt(((v[1:] - v[:-1]) ** 2).sum(1)).max())
                xyz.append(v)
                n += len(v)
            self.longest.append(longest)
        self.xyz = np.vstack(xyz)
        self.longest = np.array(self.longest)

    def candidates(self, lon, lat):
        """Zones that may be the nearest or within the largest radius, by straight lines through the earth."""
        d = np.sqrt(((self.xyz - ecef(np.array([lon]), np.array([lat]))[0]) ** 2).sum(1))
        nearest = np.minimum.reduceat(d, self.starts)
        reach = max(nearest.min() * 1.01 + 10, REACH * 1.01 + 10)
        return np.flatnonzero(nearest - self.longest <= reach)

    def projected(self, i, to):
        polygons = []
        k = 0
        for p in self.geoms[i].geoms:
            rings = []
            for _ in range(1 + len(p.interiors)):
                r = self.rings[i][k]
                rings.append(np.column_stack(to.transform(r[:, 0], r[:, 1])))
                k += 1
            polygons.append(Polygon(rings[0], rings[1:]))
        return MultiPolygon(polygons)


def ecef(lon, lat):
    lon, lat = np.radians(lon), np.radians(lat)
    e2 = 0.0066943799901413165
    n = 6378137.0 / np.sqrt(1 - e2 * np.sin(lat) ** 2)
    return np.column_stack((n * np.cos(lat) * np.cos(lon), n * np.cos(lat) * np.sin(lon), n * (1 - e2) * np.sin(lat)))


def radial(union, slope, reach):
    """The integral over union of a density f(r), from slope(r) = -f'(r), r up to reach."""
    # Sides in number, and a radius that gives the disc its area.
    unit = np.column_stack((np.cos(TURN), np.sin(TURN))) * math.sqrt(math.pi / (len(TURN) / 2 * math.sin(2 * math.pi / len(TURN))))
    part = union.intersection(Polygon(unit * reach))
    if part.is_empty:
        return 0.0
    total, width = 0.0, reach / PANELS
    for k in range(PANELS):
        for x, w in zip(NODES, WEIGHTS):
            r = width * (k + (x + 1) / 2)
            total += w * width / 2 * slope(r) * part.intersection(Polygon(unit * r)).area
    return total


def kernel_share(union):
    h = BANDWIDTH
    return radial(union, lambda r: 12 * r / (math.pi * h**4) * (1 - (r / h) ** 2), h)


def probability(union, sigma):
    return radial(union, lambda r: r / (2 * math.pi * sigma**4) * math.exp(-((r / sigma) ** 2) / 2), 6 * sigma)


def reference(args):
    (lon, lat), sigma, integrals = args
    z = ZONES
    to = pyproj.Transformer.from_crs("EPSG:4326", f"+proj=aeqd +lat_0={lat!r} +lon_0={lon!r} +datum=WGS84 +units=m", always_xy=True)
    origin = Point(0, 0)
    distances, near = {}, []
    for i in z.candidates(lon, lat):
        g = z.projected(i, to)
        edge = g.boundary.distance(origin)
        # buffer(0) of a polygon that the projection has bent by less than a micrometre
        inside = g.contains(origin) if g.is_valid else g.buffer(0).contains(origin)
        distances[z.codes[i]] = (0.0 if inside else edge, edge)
        if min(distances[z.codes[i]]) <= REACH:
            near.append(g if g.is_valid else g.buffer(0))
    union = unary_union(near) if near else None
    shares = []
    for r in RADII:
        angle = 2 * math.pi * np.arange(1440) / 1440
        disc = Polygon(np.column_stack((r * np.cos(angle), r * np.sin(angle))))
        shares.append(union.intersection(disc).area / disc.area if union is not None else 0.0)
    depth = next((distances[c][1] for c in sorted(distances) if distances[c][0] == 0), 0.0)
    decay = sum(math.exp(-d / DECAY) for d, _ in distances.values() if d <= 3 * DECAY)
    at_cut = any(abs(d - 3 * DECAY) <= 0.02 for d, _ in distances.values())
    cover = {"depth": depth, "decay": decay, "at_cut": at_cut}
    if integrals:
        cover["kernel"], cover["probability"] = (kernel_share(union), probability(union, sigma)) if union is not None else (0.0, 0.0)
    return distances, shares, cover


def draw(zones, land, n, rng):
    """n points: a fifth each inside, on or at a border, within metres, near, and far (on French land: a
    position elsewhere is refused by name)."""
    out = []
    while len(out) < n:
        g = zones.geoms[rng.integers(len(zones.geoms))]
        rings = [np.asarray(r.coords) for p in g.geoms for r in [p.exterior, *p.interiors]]
        ring = rings[rng.integers(len(rings))]
        k = rng.integers(len(ring) - 1)
        a, b = ring[k][:2], ring[k + 1][:2]
        t = rng.random()
        on = a + t * (b - a)
        lat_m = 1 / 111_000
        lon_m = lat_m / math.cos(math.radians(on[1]))
        angle = rng.uniform(0, 2 * math.pi)
        offset = np.array([math.cos(angle) * lon_m, math.sin(angle) * lat_m])
        kind = len(out) % 5
        if kind == 0:
            p = np.array(g.representative_point().coords[0])
            p = p + rng.uniform(0, 0.4) * (a - p)
        elif kind == 1:
            p = a if rng.random() < 0.5 else on
        elif kind == 2:
            p = on + offset * rng.uniform(0, 30)
        elif kind == 3:
            p = on + offset * 3000 * math.sqrt(rng.random())
        else:
            p = on + offset * 10 ** rng.uniform(3.3, 5.3)
            if not land.contains(Point(p)):
                continue
        if abs(p[1]) < 89:
            out.append((round(float(p[0]), 7), round(float(p[1]), 7)))
    return out


def compare(name, vigie, paths, code, land, n, seed):
    global ZONES
    ZONES = Zones(paths, code)
    points = draw(ZONES, land, n, np.random.default_rng(seed))
    with tempfile.TemporaryDirectory() as tmp:
        sites, places = os.path.join(tmp, "sites.geojson"), os.path.join(tmp, "places.csv")
        with open(sites, "w") as f:
            json.dump({"type": "FeatureCollection", "features": [
                {"type": "Feature", "id": f"P{i}", "properties": {"nom": f"Point {i}", "precision": SIGMAS[i % 2][0]},
                 "geometry": {"type": "Point", "coordinates": p}}
                for i, p in enumerate(points)]}, f)
        with open(places, "w") as f:
            f.write("id;kind;name;lon;lat\nL1;school;Lieu fictif;2.6;46.4\n")

        def assess(*more):
            result = os.path.join(tmp, "out.geojson")
            command = [vigie, "assess", "--sites", sites, "--radii", ",".join(str(int(r)) for r in RADII), "--out", result, *more]
            for p in paths:
                command += ["--zones", "qpv=" + p]
            done = subprocess.run(command, capture_output=True, text=True)
            if done.returncode:
                sys.exit(f"{name}: vigie assess failed\n{done.stderr[-2000:]}")
            return {f["properties"]["site_id"]: f["properties"] for f in json.load(open(result))["features"]}

        got, whole = assess(), assess("--places", places)
    if len(got) != n or len(whole) != n:
        sys.exit(f"{name}: {len(got)} and {len(whole)} of {n} points came back")
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        expected = list(pool.map(reference, [(p, SIGMAS[i % 2][1], i % THIRD == 0) for i, p in enumerate(points)], chunksize=25))

    # What the whole catalogue adds: column, decimals written, tolerance.
    covers = {"depth": ("zone_depth_m", 1, 0.01), "decay": ("zone_decay_300m", 3, 1e-4), "kernel": ("zone_kernel_share_500m", 4, 2e-5),
              "probability": ("in_zone_probability", 3, 2e-5)}
    failures, worst = [], {"distance (m)": (0, ""), "distance (share of tolerance)": (0, ""), **{f"share {int(r)} m": (0, "") for r in RADII}}
    for key in covers:
        worst[key], worst[key + ", beyond rounding"] = (0, ""), (0, "")
    between = {key: 0 for key in ("kernel", "probability")}
    ties = count_ties = inside_ties = 0
    farthest = 0.0

    def note(key, value, where):
        if value > worst[key][0]:
            worst[key] = (value, where)

    for i, (p, (distances, shares, cover)) in enumerate(zip(points, expected)):
        g = got[f"P{i}"]
        w = whole[f"P{i}"]
        differ = [k for k in g if g[k] != w[k]]
        if differ:
            failures.append(f"P{i} {p}: {differ[0]} is {g[differ[0]]}, with the whole catalogue {w[differ[0]]}")
        where = f"P{i} {p}"
        d = min(v[0] for v in distances.values())
        farthest = max(farthest, d)
        tolerance = max(0.01, 1e-5 * d) + 0.005  # and the rounding of the output to centimetres
        mine = g["nearest_zone_distance_m"]
        note("distance (m)", abs(mine - d), where)
        note("distance (share of tolerance)", abs(mine - d) / tolerance, where)
        if abs(mine - d) > tolerance:
            failures.append(f"{where}: distance {mine}, expected {d:.4f}")
        first = min(distances, key=lambda c: distances[c][0])
        if g["nearest_zone_id"] != first:
            other = distances.get(g["nearest_zone_id"])
            if other is None or other[0] - d > tolerance:
                failures.append(f"{where}: nearest {g['nearest_zone_id']}, expected {first} ({other} / {d})")
            else:
                ties += 1
        inside = d == 0
        if g["in_zone"] != inside:
            if min(v[1] for v in distances.values()) > 0.01:
                failures.append(f"{where}: inside {g['in_zone']}, expected {inside}")
            else:
                inside_ties += 1
        for r, share in zip(RADII, shares):
            n_in = sum(v[0] <= r for v in distances.values())
            mine = g[f"zones_within_{int(r)}m"]
            if mine != n_in:
                slack = sum(abs(v[0] - r) <= 0.02 for v in distances.values())
                if abs(mine - n_in) > slack:
                    failures.append(f"{where}: {mine} zones within {r}, expected {n_in}")
                else:
                    count_ties += 1
            delta = abs(g[f"zone_share_{int(r)}m"] - share)
            note(f"share {int(r)} m", delta, where)
            if delta > 1e-4:
                failures.append(f"{where}: share {r} {g[f'zone_share_{int(r)}m']}, expected {share:.7f}")
        for key, (column, decimals, slack) in covers.items():
            if key not in cover or key == "decay" and cover["at_cut"]:
                continue
            delta, half = abs(w[column] - cover[key]), 0.5 * 10.0**-decimals
            if key == "depth":
                if inside != w["in_zone"]:
                    continue  # on the edge: told above
                slack = max(slack, 1e-5 * cover[key])
            note(key, delta, where)
            note(key + ", beyond rounding", delta - half, where)
            if delta > slack + half:
                failures.append(f"{where}: {column} {w[column]}, expected {cover[key]:.7f}")
            if key in between and 0.001 < cover[key] < 0.999:
                between[key] += 1
    print(f"{name}: {n} points against {len(ZONES.codes)} zones, {sum(min(v[0] for v in d.values()) == 0 for d, _, _ in expected)} inside, farthest {farthest/1000:.0f} km")
    for key, (value, where) in worst.items():
        print(f"  worst {key}: {value:.3g}  at {where}")
    print(f"  neither 0 nor 1: kernel share of {between['kernel']} points, probability of {between['probability']}")
    print(f"  ties: {ties} nearest, {count_ties} counts, {inside_ties} inside; disagreements: {len(failures)}")
    for line in failures[:20]:
        print("   ", line)
    return len(failures)


def main():
    vigie, folder = os.path.abspath(sys.argv[1]), sys.argv[2]
    n = int(sys.argv[3]) if len(sys.argv) > 3 else 5000
    seed = int(sys.argv[4]) if len(sys.argv) > 4 else 11473
    land = prep(unary_union([g.buffer(0) for g in gpd.read_file(f"{folder}/admin/polygone-4326_dep.geojson").geometry]))
    bad = compare("QPV 2024", vigie, [f"{folder}/qpv2024/qpv2024_simplified.geojson"], "code_qp", land, n, seed)
    shapefiles = [f"{folder}/qpv2015/{f}.shp" for f in ("QP_METROPOLE_LB93", "QP_LAREUNION_RGR92_UTM40S", "QP_GUADELOUPE_WGS84_UTM20N")]
    bad += compare("QPV 2015", vigie, shapefiles, "CODE_QP", land, n, seed + 1)
    sys.exit(1 if bad else 0)


ZONES = None
if __name__ == "__main__":
    main()
