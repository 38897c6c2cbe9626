// Package shapefile reads ESRI shapefiles (ESRI Shapefile Technical Description,
// 1998): the .shp with its .dbf, and the .prj and .cpg when they are there; the
// .shx is not needed. Every shapefile of an archive is read; what a later one
// repeats of an earlier one is skipped and said (see source.Features).
package shapefile

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"regexp"
	"strings"

	"github.com/paulmach/orb"

	"vigie/data"
	"vigie/data/source"
	"vigie/geo/crs"
)

// Codes of the problems that this format gives, beside the shared ones.
const (
	CodeMissingPart     = "missing-part"      // a .shp without its .dbf, or the reverse
	CodeMissingCRS      = "missing-crs"       // no .prj
	CodeNameConflict    = "crs-name-conflict" // the file's name and its .prj disagree
	CodeDeletedRecords  = "deleted-records"
	CodeUnknownEncoding = "unknown-encoding"
	CodeMixedEncoding   = "mixed-encoding"
	CodeTrailingBytes   = "trailing-bytes"
	CodePartsMismatch   = "parts-mismatch" // the .shp and the .dbf have not as many records
)

// maxSidecar bounds how much of a .prj or .cpg is read, in bytes.
const maxSidecar = 64 << 10

// Format reads shapefiles. The zero value is ready.
type Format struct{}

var _ source.Format = Format{}

// ID is "shapefile".
func (Format) ID() string { return "shapefile" }

// Label names the format.
func (Format) Label() data.Text {
	return data.Text{FR: "Shapefile ESRI (.shp avec .dbf et .prj, ou .zip)", EN: "ESRI shapefile (.shp with .dbf and .prj, or .zip)"}
}

// Layers are all the layers.
func (Format) Layers() []data.Layer {
	return []data.Layer{data.LayerSites, data.LayerZones, data.LayerPlaces, data.LayerAreas}
}

// Detect looks for a .shp and its file code. A lone part of a shapefile scores
// low, so that the read says what is missing.
func (Format) Detect(in *source.Input) int {
	best := 0
	for _, m := range in.Members() {
		switch m.Ext() {
		case ".shp":
			head, err := m.Head(4)
			if err == nil && bytes.Equal(head, []byte{0, 0, 0x27, 0x0a}) {
				return 95
			}
			best = max(best, 20)
		case ".dbf", ".shx":
			best = max(best, 10)
		}
	}
	return best
}

// layer is a .shp and the parts that go with it.
type layer struct {
	name          string
	shp           source.Member
	dbf, prj, cpg *source.Member
}

// layersOf finds the shapefiles of an input, in its order.
func layersOf(in *source.Input) ([]layer, error) {
	stem := func(m source.Member) string { return strings.ToLower(strings.TrimSuffix(m.Name, path.Ext(m.Name))) }
	parts := map[string]map[string]source.Member{}
	for _, m := range in.Members() {
		if parts[stem(m)] == nil {
			parts[stem(m)] = map[string]source.Member{}
		}
		parts[stem(m)][m.Ext()] = m
	}
	var layers []layer
	for _, m := range in.Members() {
		if m.Ext() != ".shp" {
			continue
		}
		part := func(ext string) *source.Member {
			if p, ok := parts[stem(m)][ext]; ok {
				return &p
			}
			return nil
		}
		l := layer{
			name: strings.TrimSuffix(path.Base(m.Name), path.Ext(m.Name)), shp: m,
			dbf: part(".dbf"), prj: part(".prj"), cpg: part(".cpg"),
		}
		if l.dbf == nil {
			return nil, source.Reject(source.Location{File: m.File()}, CodeMissingPart,
				fmt.Sprintf("il manque le fichier %s.dbf, qui porte les noms et les codes. Donnez toutes les parties du shapefile, ou leur archive .zip.", l.name),
				fmt.Sprintf("the file %s.dbf, which holds the names and codes, is missing. Give all the parts of the shapefile, or their .zip archive.", l.name))
		}
		layers = append(layers, l)
	}
	if len(layers) == 0 {
		return nil, source.Reject(source.Location{File: in.Name}, CodeMissingPart,
			"il manque le fichier .shp, qui porte les géométries. Donnez toutes les parties du shapefile, ou leur archive .zip.",
			"the .shp file, which holds the geometries, is missing. Give all the parts of the shapefile, or their .zip archive.")
	}
	return layers, nil
}

// Read reads every shapefile of the input.
func (Format) Read(ctx context.Context, in *source.Input, opt source.Options, sink source.Sink) error {
	layers, err := layersOf(in)
	if err != nil {
		return err
	}
	r := reader{opt: opt, features: source.NewFeatures(ctx, in, opt, sink), only: len(layers) == 1}
	for _, l := range layers {
		if err := r.layer(l); err != nil {
			return err
		}
	}
	r.features.Done()
	return nil
}

type reader struct {
	opt      source.Options
	features *source.Features
	only     bool // the input holds one layer
}

func (r *reader) note(sev data.Severity, code, file, value, fr, en string) {
	r.features.Problem(data.Problem{Severity: sev, Code: code, File: file, Value: data.Clip(value), Message: data.Text{FR: fr, EN: en}})
}

func (r *reader) layer(l layer) error {
	shpFile, err := l.shp.Open()
	if err != nil {
		return err
	}
	defer shpFile.Close()
	shp, err := newShpReader(shpFile, l.shp.File())
	if err != nil {
		return err
	}
	if unfit := r.unfit(l, shp.kind); unfit != nil {
		if r.only {
			return unfit
		}
		unfit.Problem.Severity = data.SeverityWarning
		r.features.Problem(unfit.Problem)
		return nil
	}
	declared, err := r.crs(l)
	if err != nil {
		return err
	}
	cpg, err := sidecar(l.cpg)
	if err != nil {
		return err
	}
	dbfFile, err := l.dbf.Open()
	if err != nil {
		return err
	}
	defer dbfFile.Close()
	dbf, err := newDBFReader(dbfFile, l.dbf.File(), string(cpg))
	if err != nil {
		return err
	}
	if !dbf.knownEncoding {
		r.note(data.SeverityWarning, CodeUnknownEncoding, l.cpg.File(), string(cpg),
			"encodage inconnu : les textes sont lus comme de l’UTF-8, sinon du Windows-1252.",
			"unknown encoding: texts are read as UTF-8, or else Windows-1252.")
	}
	r.features.StartLayer(l.name, l.shp.File(), dbf.names(), declared)
	if err := r.records(l, shp, dbf); err != nil {
		return err
	}
	if dbf.text.undecodable > 0 {
		r.note(data.SeverityWarning, CodeMixedEncoding, l.dbf.File(), "",
			fmt.Sprintf("le .cpg annonce de l’UTF-8, mais %d valeurs n’en sont pas : elles sont lues comme du Windows-1252.", dbf.text.undecodable),
			fmt.Sprintf("the .cpg announces UTF-8, but %d values are not: they are read as Windows-1252.", dbf.text.undecodable))
	}
	if shp.trailing {
		r.note(data.SeverityWarning, CodeTrailingBytes, l.shp.File(), "",
			fmt.Sprintf("des octets suivent la fin annoncée (%d octets) et ne sont pas des enregistrements : ils ne sont pas lus.", shp.length),
			fmt.Sprintf("bytes follow the announced end (%d bytes) and are not records: they are not read.", shp.length))
	}
	return nil
}

// unfit tells why a layer's geometry type is not what the wanted records need, or nil.
func (r *reader) unfit(l layer, kind uint32) *data.RejectedError {
	if kind == typeNull {
		return nil
	}
	wantsPoints := r.opt.Layer == data.LayerSites || r.opt.Layer == data.LayerPlaces
	fr, en := "des polygones", "polygons"
	fits := kind == typePolygon || kind == typePolygonZ || kind == typePolygonM
	if wantsPoints {
		fr, en = "des points", "points"
		fits = kind == typePoint || kind == typePointZ || kind == typePointM ||
			kind == typeMultiPoint || kind == typeMultiPointZ || kind == typeMultiPointM
	}
	if fits {
		return nil
	}
	return source.Reject(source.Location{File: l.shp.File()}, source.CodeGeometryType,
		fmt.Sprintf("cette couche contient %s ; %s sont attendus. Elle n’est pas lue.", kindName(kind).FR, fr),
		fmt.Sprintf("this layer holds %s; %s are expected. It is not read.", kindName(kind).EN, en))
}

func kindName(kind uint32) data.Text {
	switch kind {
	case typePoint, typePointZ, typePointM, typeMultiPoint, typeMultiPointZ, typeMultiPointM:
		return data.Text{FR: "des points", EN: "points"}
	case typePolyline, typePolylineZ, typePolylineM:
		return data.Text{FR: "des lignes", EN: "lines"}
	case typePolygon, typePolygonZ, typePolygonM:
		return data.Text{FR: "des polygones", EN: "polygons"}
	case typeMultiPatch:
		return data.Text{FR: "des surfaces en trois dimensions", EN: "three-dimensional patches"}
	}
	return data.Text{FR: fmt.Sprintf("des géométries de type %d", kind), EN: fmt.Sprintf("geometries of type %d", kind)}
}

func sidecar(m *source.Member) ([]byte, error) {
	if m == nil {
		return nil, nil
	}
	return m.Head(maxSidecar)
}

// projectedName finds the mark of a projection in a file's name.
var projectedName = regexp.MustCompile(`(?i)(?:^|[^A-Z])(UTM|LB93|L93|LAMB(?:ERT)?(?:[^A-Z]|$)|CC(?:4[2-9]|50))`)

// crs reads the .prj, nil when there is none. A .prj that cannot be understood
// refuses the layer, unless the user says which CRS it is.
func (r *reader) crs(l layer) (*crs.CRS, error) {
	if r.opt.CRS != nil {
		return r.opt.CRS, nil
	}
	prj, err := sidecar(l.prj)
	if err != nil {
		return nil, err
	}
	if len(bytes.TrimSpace(prj)) == 0 {
		r.note(data.SeverityWarning, CodeMissingCRS, l.shp.File(), "",
			fmt.Sprintf("le fichier %s.prj manque : le système de coordonnées est déduit des valeurs.", l.name),
			fmt.Sprintf("the file %s.prj is missing: the coordinate system is inferred from the values.", l.name))
		return nil, nil
	}
	c, err := crs.ParseWKT(string(prj))
	if err != nil {
		fr, en := err.Error(), err.Error()
		var e *crs.Error
		if errors.As(err, &e) {
			fr, en = e.FR, e.EN
		}
		return nil, source.Reject(source.Location{File: l.prj.File()}, source.CodeUnknownCRS, fr, en)
	}
	if mark := projectedName.FindStringSubmatch(l.name); mark != nil && c.Geographic() {
		r.note(data.SeverityInfo, CodeNameConflict, l.prj.File(), l.name,
			fmt.Sprintf("le nom du fichier annonce une projection (%s), mais son .prj dit %s : c’est le .prj qui est suivi.", mark[1], c.Name()),
			fmt.Sprintf("the file’s name announces a projection (%s), but its .prj says %s: the .prj is followed.", mark[1], c.Name()))
	}
	return &c, nil
}

func (r *reader) records(l layer, shp *shpReader, dbf *dbfReader) error {
	deleted := 0
	for {
		if err := r.features.Tick(); err != nil {
			return err
		}
		s, err := shp.next()
		if errors.Is(err, io.EOF) {
			break
		}
		var unusable *badRecord
		if err != nil && !errors.As(err, &unusable) {
			return err
		}
		gone, err := dbf.next()
		if errors.Is(err, io.EOF) {
			return mismatch(l, fmt.Sprintf("plus de %d", dbf.rows), fmt.Sprintf("more than %d", dbf.rows), dbf.rows)
		}
		if err != nil {
			return err
		}
		if gone {
			deleted++
			r.features.Filtered(CodeDeletedRecords)
			continue
		}
		for i := range dbf.fields {
			if r.features.Wanted(i) {
				r.features.Set(i, dbf.value(i))
			}
		}
		at := source.Location{File: l.shp.File(), Line: shp.record}
		if unusable != nil {
			if err := r.features.EmitUndecoded(at, unusable.fr, unusable.en); err != nil {
				return err
			}
			continue
		}
		if err := r.emit(at, s); err != nil {
			return err
		}
	}
	if dbf.row < dbf.rows {
		return mismatch(l, fmt.Sprint(shp.record), fmt.Sprint(shp.record), dbf.rows)
	}
	if deleted > 0 {
		r.note(data.SeverityInfo, CodeDeletedRecords, l.dbf.File(), "",
			fmt.Sprintf("%d enregistrements sont marqués comme supprimés et ne sont pas lus.", deleted),
			fmt.Sprintf("%d records are marked as deleted and are not read.", deleted))
	}
	return nil
}

func (r *reader) emit(at source.Location, s shape) error {
	var g orb.Geometry
	switch {
	case len(s.rings) > 0:
		g = polygons(s.rings)
	case len(s.points) == 1:
		g = s.points[0]
	case len(s.points) > 1:
		g = orb.MultiPoint(s.points)
	case s.kind == typePolyline, s.kind == typePolylineZ, s.kind == typePolylineM, s.kind == typeMultiPatch:
		name := kindName(s.kind)
		return r.features.EmitUndecoded(at,
			"cet enregistrement contient "+name.FR+".", "this record holds "+name.EN+".")
	}
	return r.features.Emit(at, g)
}

// mismatch refuses parts that were not made together: which code belongs to which
// outline would be a guess.
func mismatch(l layer, shapesFR, shapesEN string, rows int) error {
	return source.Reject(source.Location{File: l.dbf.File()}, CodePartsMismatch,
		fmt.Sprintf("le .shp compte %s enregistrements et le .dbf %d : ces fichiers ne vont pas ensemble, ou l’un est incomplet.", shapesFR, rows),
		fmt.Sprintf("the .shp has %s records and the .dbf %d: these files do not belong together, or one is incomplete.", shapesEN, rows))
}
