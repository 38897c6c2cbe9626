// Package gpkg reads OGC GeoPackages (12-128r17): every feature table of every
// GeoPackage of the input. What a later table repeats of an earlier one is skipped
// and said (see source.Features).
//
// The file comes from anyone: it is opened read-only and immutable, and a
// statement other than a plain SELECT of the tables' own columns is refused by an
// authorizer. Views, virtual tables, generated columns and triggers never run.
package gpkg

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/paulmach/orb"

	"vigie/data"
	"vigie/data/source"
	"vigie/geo/crs"
)

// Codes of the problems that this format gives, beside the shared ones.
const (
	CodeCorrupt     = "corrupt-database"
	CodeNoLayer     = "no-layer"      // no feature table that can be read
	CodeUnsafeLayer = "unsafe-layer"  // a layer that is a view or a virtual table
	CodePendingWAL  = "pending-write" // changes left in a -wal file beside the GeoPackage
)

var magic = []byte("SQLite format 3\x00")

// applicationOffset is where an SQLite file has its application id.
const applicationOffset = 68

// Format reads GeoPackages. The zero value is ready; TempDir, when not empty, is
// where a compressed GeoPackage is spooled (a file of mode 0600).
type Format struct {
	TempDir string
}

var _ source.Format = Format{}

// ID is "gpkg".
func (Format) ID() string { return "gpkg" }

// Label names the format.
func (Format) Label() data.Text { return data.Text{FR: "GeoPackage (.gpkg)", EN: "GeoPackage (.gpkg)"} }

// Layers are all the layers.
func (Format) Layers() []data.Layer {
	return []data.Layer{data.LayerSites, data.LayerZones, data.LayerPlaces, data.LayerAreas}
}

// score tells how surely a member is a GeoPackage.
func score(m source.Member) int {
	head, err := m.Head(applicationOffset + 4)
	if err != nil || !bytes.HasPrefix(head, magic) {
		if m.Ext() == ".gpkg" {
			return 20 // so that the read says what is wrong with it
		}
		return 0
	}
	if len(head) == applicationOffset+4 {
		switch binary.BigEndian.Uint32(head[applicationOffset:]) {
		case 0x47504B47, 0x47503130, 0x47503131: // GPKG, GP10, GP11
			return 100
		}
	}
	if m.Ext() == ".gpkg" {
		return 90
	}
	return 15
}

// Detect looks for SQLite's magic and the application id of GeoPackage.
func (Format) Detect(in *source.Input) int {
	best := 0
	for _, m := range in.Members() {
		best = max(best, score(m))
	}
	return best
}

// Read reads every feature table.
func (f Format) Read(ctx context.Context, in *source.Input, opt source.Options, sink source.Sink) error {
	features := source.NewFeatures(ctx, in, opt, sink)
	members := in.Members()
	members = slices.DeleteFunc(members, func(m source.Member) bool { return score(m) == 0 })
	if len(members) == 0 {
		return source.Reject(source.Location{File: in.Name}, source.CodeUnrecognised,
			"aucun GeoPackage n’a été donné.", "no GeoPackage was given.")
	}
	r := reader{opt: opt, features: features}
	for _, m := range members {
		if err := r.file(ctx, m, f.TempDir); err != nil {
			return err
		}
	}
	if r.read == 0 {
		if r.refused != nil {
			return r.refused
		}
		return source.Reject(source.Location{File: in.Name}, CodeNoLayer,
			"aucune couche d’objets géographiques.", "no layer of geographic features.")
	}
	for _, p := range r.leftAside {
		features.Problem(p)
	}
	features.Done()
	return nil
}

type reader struct {
	opt      source.Options
	features *source.Features
	read     int // layers read
	// leftAside are the layers that could not be read; refused is the first one,
	// which is the reason of the rejection when nothing else could be.
	leftAside []data.Problem
	refused   *data.RejectedError
}

// setAside remembers a layer that is not read while others may be.
func (r *reader) setAside(err *data.RejectedError) {
	if r.refused == nil {
		r.refused = err
	}
	p := err.Problem
	p.Severity = data.SeverityWarning
	r.leftAside = append(r.leftAside, p)
}

func (r *reader) file(ctx context.Context, m source.Member, tempDir string) error {
	head, err := m.Head(len(magic))
	if err != nil {
		return err
	}
	if !bytes.Equal(head, magic) {
		return source.Reject(source.Location{File: m.File()}, source.CodeUnrecognised,
			fmt.Sprintf("ce n’est pas un GeoPackage : le fichier commence par %s, attendu « SQLite format 3 ».", source.Quote(string(head))),
			fmt.Sprintf("not a GeoPackage: the file begins with %s, expected “SQLite format 3”.", source.QuoteEN(string(head))))
	}
	path, cleanup, err := m.Spool(tempDir)
	if err != nil {
		return err
	}
	defer cleanup()
	if st, err := os.Stat(path + "-wal"); err == nil && st.Size() > 0 {
		r.features.Problem(data.Problem{
			Severity: data.SeverityWarning, Code: CodePendingWAL, File: m.File(),
			Message: data.Text{
				FR: "un autre logiciel a ce fichier ouvert, ou ne l’a pas refermé : ses dernières modifications (fichier -wal) ne sont pas lues. Fermez-le puis recommencez.",
				EN: "another program has this file open, or did not close it: its latest changes (-wal file) are not read. Close it, then import again.",
			},
		})
	}
	db, err := connect(ctx, path, m.File())
	if err != nil {
		return err
	}
	defer db.close()
	// SQLite holds the file: a spooled copy outlives no crash where the system lets
	// an open file go.
	cleanup()
	tables, err := db.featureTables(ctx)
	if err != nil {
		return err
	}
	for _, t := range tables {
		if err := r.table(ctx, db, t); err != nil {
			return err
		}
	}
	return nil
}

// table reads one layer, or sets it aside.
func (r *reader) table(ctx context.Context, db *database, t featureTable) error {
	at := source.Location{File: db.file + "!" + t.name}
	if err := r.unfit(t, at); err != nil {
		r.setAside(err)
		return nil
	}
	if ok, err := db.ordinaryTable(ctx, t.name); err != nil {
		return err
	} else if !ok {
		r.setAside(source.Reject(at, CodeUnsafeLayer,
			"cette couche est une vue ou une table virtuelle, qui pourrait exécuter n’importe quoi : elle n’est pas lue. Exportez-la comme une table.",
			"this layer is a view or a virtual table, which could run anything: it is not read. Export it as a table."))
		return nil
	}
	declared, err := r.crs(t, at)
	if err != nil {
		r.setAside(err)
		return nil
	}
	columns, errColumns := db.columns(ctx, t)
	if errColumns != nil {
		return errColumns
	}
	r.features.StartLayer(t.name, at.File, columns, declared)
	var indexes []int
	var wanted []string
	for i, c := range columns {
		if r.features.Wanted(i) {
			indexes, wanted = append(indexes, i), append(wanted, c)
		}
	}
	r.read++
	record := 0
	return db.rows(ctx, t, wanted, func(blob []byte, values []any) error {
		record++
		at.Line = record
		if err := r.features.Tick(); err != nil {
			return err
		}
		for k, v := range values {
			r.features.Set(indexes[k], text(v))
		}
		var g orb.Geometry
		if blob != nil {
			var err error
			if g, err = decodeBlob(blob); err != nil {
				return r.undecoded(at, err)
			}
		}
		return r.features.Emit(at, g)
	})
}

func (r *reader) undecoded(at source.Location, err error) error {
	fr, en := err.Error(), err.Error()
	var b *badGeometry
	if errors.As(err, &b) {
		fr, en = b.fr, b.en
	}
	return r.features.EmitUndecoded(at, fr, en)
}

// unfit tells why a layer's geometry type is not what the wanted records need, or nil.
func (r *reader) unfit(t featureTable, at source.Location) *data.RejectedError {
	fits := []string{"POLYGON", "MULTIPOLYGON", "GEOMETRY", "GEOMETRYCOLLECTION", "MULTISURFACE", "SURFACE", "CURVEPOLYGON"}
	fr, en := "des polygones", "polygons"
	if r.opt.Layer == data.LayerSites || r.opt.Layer == data.LayerPlaces {
		fits, fr, en = []string{"POINT", "MULTIPOINT", "GEOMETRY", "GEOMETRYCOLLECTION"}, "des points", "points"
	}
	if slices.Contains(fits, strings.ToUpper(t.geometryType)) {
		return nil
	}
	return source.Reject(at, source.CodeGeometryType,
		fmt.Sprintf("cette couche contient des géométries de type %s ; %s sont attendus. Elle n’est pas lue.", data.Clip(t.geometryType), fr),
		fmt.Sprintf("this layer holds geometries of type %s; %s are expected. It is not read.", data.Clip(t.geometryType), en))
}

// crs recognises the spatial reference system of a layer, nil when it is undefined.
func (r *reader) crs(t featureTable, at source.Location) (*crs.CRS, *data.RejectedError) {
	if r.opt.CRS != nil {
		return r.opt.CRS, nil
	}
	if strings.EqualFold(t.organization, "EPSG") {
		if c, ok := crs.ByCode(int(t.code)); ok {
			return &c, nil
		}
	}
	if t.srsID == -1 || t.srsID == 0 {
		return nil, nil
	}
	c, err := crs.ParseWKT(t.definition)
	if err == nil {
		return &c, nil
	}
	if t.organization != "" && !strings.EqualFold(t.organization, "NONE") {
		// The code names the system better than its definition does.
		c, byName := crs.Parse(fmt.Sprintf("%s:%d", t.organization, t.code))
		if byName == nil {
			return &c, nil
		}
		err = byName
	}
	fr, en := err.Error(), err.Error()
	var e *crs.Error
	if errors.As(err, &e) {
		fr, en = e.FR, e.EN
	}
	return nil, source.Reject(at, source.CodeUnknownCRS, fr, en)
}
