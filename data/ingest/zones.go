package ingest

import (
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/paulmach/orb"

	"vigie/data"
	"vigie/data/source"
	"vigie/geo/crs"
	"vigie/geo/repair"
)

// Undated labels the edition of a file that tells none. It counts as older than any
// dated edition.
const Undated = "undated"

// ReadZones reads zones from a file: in CRS84, geometries repaired, each code once
// within kind and edition. format is a format's ID, "" to detect it.
//
// Every repair is a located problem whose code is the repair.Kind. A zone without any area
// left, without code, or all outside France is rejected; a second zone of the same code too,
// unless it is identical, in which case it is skipped (counted as filtered). A file that
// mixes editions of one kind is refused as a whole: split it, or name its edition.
// The report is never nil unless the format isn't found; the error is a
// *data.RejectedError when the file can't be read or gives no zone, else that of ctx.
func ReadZones(ctx context.Context, in *source.Input, opt source.Options, format string) ([]data.Zone, *Report, error) {
	r, zones, err := readZones(ctx, in, opt, format, nil)
	if r == nil {
		return nil, nil, err
	}
	rep, err := r.conclude(err)
	if err != nil {
		return nil, rep, err
	}
	return zones, rep, nil
}

// readZones is ReadZones before its conclusion; the reader is nil when no format is found.
func readZones(ctx context.Context, in *source.Input, opt source.Options, format string, progress func(done, total int64)) (*reader, []data.Zone, error) {
	opt.Layer = data.LayerZones
	r, err := newReader(in, opt, format)
	if err != nil {
		return nil, nil, err
	}
	z := &zoneReader{reader: r, index: map[zoneKey]int{}}
	if err := r.run(ctx, source.Sink{Zone: z.zone}, progress); err != nil {
		return r, nil, err
	}
	if z.swapped > 0 {
		r.found.add(z.swappedNote())
	}
	if err := z.editions(); err != nil {
		return r, nil, err
	}
	return r, z.zones, nil
}

type zoneKey struct {
	kind          data.ZoneKind
	edition, code string
}

type zoneReader struct {
	*reader
	zones   []data.Zone
	places  []source.Location // of zones
	index   map[zoneKey]int   // into zones
	swapped int
}

func (r *zoneReader) zone(z data.Zone, loc source.Location) error {
	if err := r.stopped(); err != nil {
		return err
	}
	r.begin(loc)
	edition := z.Edition
	if z.Edition == "" {
		z.Edition = Undated // for its validation; decided for the file as a whole
	}
	problems := z.Sanitize()
	z.Edition = edition
	for _, p := range problems {
		if p.Severity == data.SeverityError {
			r.reject(loc, problems...)
			return r.stopped()
		}
	}
	geometry, more, repaired, ok := r.geometry(z.Code, z.Geometry)
	if !ok {
		r.reject(loc, append(problems, more...)...)
		return r.stopped()
	}
	z.Geometry = geometry
	key := zoneKey{z.Kind, z.Edition, z.Code}
	if i, twice := r.index[key]; twice {
		if sameZone(&r.zones[i], &z) {
			r.found.add(at(loc, repeated(z.Code, r.places[i])))
			r.filter(loc)
			return nil
		}
		r.reject(loc, duplicate(z.Code, r.places[i], loc))
		return r.stopped()
	}
	for _, p := range append(problems, more...) {
		if p.Code != data.CodeMissingName || !r.opt.KeepGeometryOnly {
			r.found.add(at(loc, p))
		}
	}
	if repaired {
		r.counts.Repaired++
	}
	r.index[key] = len(r.zones)
	r.zones = append(r.zones, z)
	r.places = append(r.places, loc)
	r.keep(loc)
	return nil
}

// geometry makes a geometry fit to be kept: in France, longitude first, valid. ok is
// false when it can't be, for the reason that the problems of error severity tell; repaired
// tells that it was not valid as given.
func (r *zoneReader) geometry(record string, mp orb.MultiPolygon) (fixed orb.MultiPolygon, problems []data.Problem, repaired, ok bool) {
	place := locate(mp)
	if place.swapped {
		mp = swap(mp)
		r.swapped++
	}
	if p, bad := place.problem(record); bad {
		return nil, []data.Problem{p}, false, false
	}
	fixed, report := repair.MultiPolygon(mp)
	problems = repairProblems(record, report, len(fixed) == 0)
	if len(fixed) == 0 {
		return nil, problems, false, false
	}
	if place.partly() {
		problems = append(problems, data.Problem{
			Severity: data.SeverityWarning, Code: CodePartlyOutside, Record: data.Clip(record),
			Message: data.Text{
				FR: "Une partie du contour est hors de France. La zone est gardée telle quelle.",
				EN: "Part of the outline is outside France. The zone is kept as it is.",
			},
		})
	}
	return fixed, problems, !report.Valid(), true
}

// whereabouts counts the positions of a geometry by where they are.
type whereabouts struct {
	positions, inside, outOfRange int
	// swapped: none is in France, but all are once longitude and latitude are exchanged.
	// No French territory lies at the exchanged coordinates of another.
	swapped    bool
	projection string // a projection that would explain values out of range
}

func (w whereabouts) partly() bool { return !w.swapped && w.inside > 0 && w.inside < w.positions }

func locate(mp orb.MultiPolygon) whereabouts {
	var w whereabouts
	exchanged := 0
	for _, poly := range mp {
		for _, ring := range poly {
			for _, p := range ring {
				w.positions++
				if !(math.Abs(p[0]) <= 180 && math.Abs(p[1]) <= 90) {
					w.outOfRange++
				}
				if inFrance(p[0], p[1]) {
					w.inside++
				} else if w.inside == 0 && inFrance(p[1], p[0]) {
					exchanged++
				}
			}
		}
	}
	w.swapped = w.positions > 0 && w.inside == 0 && exchanged == w.positions
	if w.outOfRange > 0 && w.outOfRange == w.positions {
		w.projection = guessProjection(mp)
	}
	return w
}

func inFrance(lon, lat float64) bool {
	_, ok := crs.Legal(lon, lat)
	return ok
}

// guessProjection names a legal projection of France in which the first position would
// be in France.
func guessProjection(mp orb.MultiPolygon) string {
	for _, poly := range mp {
		for _, ring := range poly {
			for _, p := range ring {
				for _, c := range crs.Frames() {
					if !math.IsNaN(p[0]+p[1]) && c.Plausible(p[0], p[1]) && inFrance(c.ToWGS84(p[0], p[1])) {
						return fmt.Sprintf("EPSG:%d", c.Code())
					}
				}
				return ""
			}
		}
	}
	return ""
}

// problem is why a geometry of these whereabouts can't be kept.
func (w whereabouts) problem(record string) (data.Problem, bool) {
	p := data.Problem{Severity: data.SeverityError, Record: data.Clip(record)}
	switch {
	case w.positions == 0:
		p.Code = data.CodeMissingGeometry
		p.Message = data.Text{
			FR: "La zone n’a pas de contour\u00a0: elle est rejetée.",
			EN: "The zone has no outline: it is rejected.",
		}
	case w.swapped || w.inside > 0:
		return p, false
	case w.outOfRange == w.positions:
		p.Code = CodeWrongCRS
		p.Message = data.Text{
			FR: "Les coordonnées ne sont pas des degrés, alors que le fichier les annonce comme longitude et latitude\u00a0: la zone est rejetée. Indiquez leur système avec --crs.",
			EN: "The coordinates are not degrees, though the file says longitude and latitude: the zone is rejected. Name their system with --crs.",
		}
		if w.projection != "" {
			p.Message.FR += " " + w.projection + " conviendrait."
			p.Message.EN += " " + w.projection + " would fit."
			p.Value = w.projection
		}
	case w.outOfRange == 0:
		p.Code = CodeOutsideFrance
		p.Message = data.Text{
			FR: "La zone est tout entière hors de France\u00a0: elle est rejetée. Vérifiez le système de coordonnées et l’ordre longitude, latitude.",
			EN: "The zone is entirely outside France: it is rejected. Check the coordinate system and the order longitude, latitude.",
		}
	default:
		return p, false // the repair tells which positions can't be used
	}
	return p, true
}

func swap(mp orb.MultiPolygon) orb.MultiPolygon {
	out := mp.Clone()
	for _, poly := range out {
		for _, ring := range poly {
			for i, p := range ring {
				ring[i] = orb.Point{p[1], p[0]}
			}
		}
	}
	return out
}

func (r *zoneReader) swappedNote() data.Problem {
	p := data.Problem{Severity: data.SeverityWarning, Code: CodeSwapped, File: r.in.Name}
	if r.swapped == len(r.zones) {
		p.Message = data.Text{
			FR: fmt.Sprintf("Latitude et longitude sont inversées dans tout le fichier (%d zones)\u00a0: elles ont été remises dans l’ordre.", r.swapped),
			EN: fmt.Sprintf("Latitude and longitude are swapped in the whole file (%d zones): they were put in order.", r.swapped),
		}
		return p
	}
	p.Message = data.Text{
		FR: fmt.Sprintf("Latitude et longitude sont inversées dans %d zones\u00a0: elles ont été remises dans l’ordre.", r.swapped),
		EN: fmt.Sprintf("Latitude and longitude are swapped in %d zones: they were put in order.", r.swapped),
	}
	return p
}

func repeated(code string, first source.Location) data.Problem {
	return data.Problem{
		Severity: data.SeverityWarning, Code: CodeRepeated, Record: data.Clip(code),
		Message: data.Text{
			FR: "Zone déjà donnée à l’identique (" + placeFR(first) + ")\u00a0: elle n’est comptée qu’une fois.",
			EN: "Zone already given, identical, at " + placeEN(first) + ": it counts once.",
		},
	}
}

// sameZone tells whether two zones are the same in every field.
func sameZone(a, b *data.Zone) bool {
	return sameZoneAttributes(a, b) && a.Kind == b.Kind && a.Edition == b.Edition && a.Code == b.Code && a.Geometry.Equal(b.Geometry)
}

// sameZoneAttributes compares what a user may read of a zone, its geometry aside.
func sameZoneAttributes(a, b *data.Zone) bool {
	return a.Name == b.Name && a.Restricted == b.Restricted && slices.Equal(a.CommuneCodes, b.CommuneCodes) &&
		slices.Equal(a.CommuneNames, b.CommuneNames) && slices.Equal(a.DepartmentCodes, b.DepartmentCodes)
}

// editions decides on the edition of each kind: the one that the codes or the file tell, for
// all its zones; Undated when nothing tells. Several are refused, since making the newer
// current would make the older's zones vanish from the map.
func (r *zoneReader) editions() error {
	byKind := map[data.ZoneKind]map[string][]int{}
	for i, z := range r.zones {
		if byKind[z.Kind] == nil {
			byKind[z.Kind] = map[string][]int{}
		}
		byKind[z.Kind][z.Edition] = append(byKind[z.Kind][z.Edition], i)
	}
	for _, kind := range slices.Sorted(maps.Keys(byKind)) {
		labels := byKind[kind]
		untold := labels[""]
		delete(labels, "")
		told := slices.Sorted(maps.Keys(labels))
		switch {
		case len(told) > 1:
			return r.mixed(kind, labels, told)
		case len(untold) == 0:
		case len(told) == 1:
			r.adopt(untold, told[0])
		default:
			for _, i := range untold {
				r.zones[i].Edition = Undated
			}
			r.found.add(data.Problem{
				Severity: data.SeverityInfo, Code: CodeUndatedEdition, File: r.in.Name,
				Message: data.Text{
					FR: "Rien ne dit de quelle édition sont ces zones\u00a0: elles forment l’édition «\u00a0" + Undated + "\u00a0». Indiquez-la avec --edition, par exemple 2024.",
					EN: "Nothing tells the edition of these zones: they form the edition “" + Undated + "”. Name it with --edition, for example 2024.",
				},
			})
		}
	}
	return nil
}

// adopt gives zones whose code tells no edition that of the rest of the file.
func (r *zoneReader) adopt(untold []int, edition string) {
	for _, i := range untold {
		z := &r.zones[i]
		z.Edition = edition
		r.found.add(at(r.places[i], data.Problem{
			Severity: data.SeverityWarning, Code: CodeUndatedEdition, Record: data.Clip(z.Code),
			Message: data.Text{
				FR: "Ce code ne dit pas son édition\u00a0: celle du reste du fichier (" + edition + ") est retenue.",
				EN: "This code does not tell its edition: that of the rest of the file (" + edition + ") is taken.",
			},
		}))
	}
}

func (r *zoneReader) mixed(kind data.ZoneKind, labels map[string][]int, told []string) error {
	var list []string
	first := len(r.zones)
	for _, label := range told {
		list = append(list, fmt.Sprintf("%s (%d)", label, len(labels[label])))
		if label != r.zones[0].Edition {
			first = min(first, labels[label][0])
		}
	}
	loc := source.Location{File: r.in.Name}
	record := ""
	if first < len(r.zones) {
		loc, record = r.places[first], r.zones[first].Code
	}
	rejected := source.Reject(loc, CodeMixedEditions,
		fmt.Sprintf("le fichier mêle plusieurs éditions de zones (%s)\u00a0: %s. Séparez-les, ou indiquez une édition pour tout le fichier avec --edition.", kind, strings.Join(list, ", ")),
		fmt.Sprintf("the file mixes several editions of zones (%s): %s. Split it, or name one edition for the whole file with --edition.", kind, strings.Join(list, ", ")))
	rejected.Problem.Record = data.Clip(record)
	return rejected
}
