package ingest

import (
	"context"
	"fmt"
	"maps"
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

// ReadZones reads zones from a file: in CRS84, geometries repaired, each code once. format is a format's ID, "" to detect it.
//
// Every repair is a located problem whose code is the repair.Kind. A zone without any area
// left, without code, or all outside France is rejected, and so is a second zone of the same
// code. A file that mixes editions of one kind is refused as a whole: split it, or name its edition.
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
	z := &zoneReader{reader: r}
	if err := r.run(ctx, source.Sink{Zone: z.zone}, progress); err != nil {
		return r, nil, err
	}
	if err := z.editions(); err != nil {
		return r, nil, err
	}
	return r, z.zones, nil
}

type zoneReader struct {
	*reader
	zones  []data.Zone
	places []source.Location // of zones
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
	geometry, more, repaired, ok := r.outline(z.Code, z.Geometry, loc)
	if !ok {
		r.reject(loc, append(problems, more...)...)
		return r.stopped()
	}
	z.Geometry = geometry
	for _, p := range append(problems, more...) {
		if p.Code != data.CodeMissingName || !r.opt.KeepGeometryOnly {
			r.found.add(at(loc, p))
		}
	}
	if repaired {
		r.counts.Repaired++
	}
	r.zones = append(r.zones, z)
	r.places = append(r.places, loc)
	return r.keep(loc)
}

// outline makes an outline fit to be kept: in France, and valid. ok is false when it
// can't be, for the reason that the problems of error severity tell; repaired tells that it
// was not valid as given. Swapped axes and wrong coordinate systems are put right before,
// by source.Locator.
func (r *reader) outline(record string, mp orb.MultiPolygon, loc source.Location) (fixed orb.MultiPolygon, problems []data.Problem, repaired, ok bool) {
	positions, inside := 0, 0
	for _, poly := range mp {
		for _, ring := range poly {
			positions += len(ring)
			for _, p := range ring {
				if _, ok := crs.Legal(p[0], p[1]); ok {
					inside++
				}
			}
		}
	}
	p := data.Problem{Severity: data.SeverityError, Record: data.Clip(record)}
	switch {
	case positions == 0:
		p.Code = data.CodeMissingGeometry
		p.Message = data.Text{
			FR: "L’enregistrement n’a pas de contour\u00a0: il est rejeté.",
			EN: "The record has no outline: it is rejected.",
		}
		return nil, []data.Problem{p}, false, false
	case inside == 0:
		p.Code = source.CodeOutsideFrance
		p.Message = data.Text{
			FR: "Le contour est tout entier hors de France\u00a0: l’enregistrement est rejeté. Vérifiez le système de coordonnées et l’ordre longitude, latitude.",
			EN: "The outline is entirely outside France: the record is rejected. Check the coordinate system and the order longitude, latitude.",
		}
		return nil, []data.Problem{p}, false, false
	}
	fixed, report := repair.MultiPolygon(mp)
	r.countCosmetic(record, report, loc)
	problems = repairProblems(record, report, len(fixed) == 0)
	if len(fixed) == 0 {
		return nil, problems, false, false
	}
	if inside < positions {
		p.Severity, p.Code = data.SeverityWarning, CodePartlyOutside
		p.Message = data.Text{
			FR: "Une partie du contour est hors de France. L’enregistrement est gardé tel quel.",
			EN: "Part of the outline is outside France. The record is kept as it is.",
		}
		problems = append(problems, p)
	}
	return fixed, problems, !report.Valid(), true
}

// swappedNote tells of a file whose axes are all swapped, as one finding: a format tells it
// of each record.
func (r *reader) swappedNote() {
	n := r.found.counts[source.CodeSwapped]
	if n < 2 || n < r.counts.Kept {
		return
	}
	r.found.add(data.Problem{
		Severity: data.SeverityWarning, Code: CodeFileSwapped, File: r.in.Name,
		Message: data.Text{
			FR: fmt.Sprintf("Latitude et longitude sont interverties dans tout le fichier (%d enregistrements)\u00a0: elles ont été remises dans l’ordre.", n),
			EN: fmt.Sprintf("Latitude and longitude are swapped in the whole file (%d records): they were put in order.", n),
		},
	})
}

// sameZone tells whether two zones are the same in every field.
func sameZone(a, b *data.Zone) bool {
	return sameZoneAttributes(a, b) && a.Kind == b.Kind && a.Edition == b.Edition && a.Code == b.Code && a.Geometry.Equal(b.Geometry)
}

// sameZoneAttributes compares what a user may read of a zone, its geometry aside.
func sameZoneAttributes(a, b *data.Zone) bool {
	return a.Name == b.Name && a.Restricted == b.Restricted && slices.Equal(a.CommuneCodes, b.CommuneCodes) &&
		slices.Equal(a.CommuneNames, b.CommuneNames) && slices.Equal(a.DepartmentCodes, b.DepartmentCodes) &&
		samePointee(a.Population, b.Population)
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
