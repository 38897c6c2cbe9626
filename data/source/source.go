// Package source is what the input formats share: opening and decompressing a
// file, decoding its text, recognising its CRS and positions, and the types by
// which a format hands records and located problems to its caller. Each format
// is a package of its own below this one; data/source/all is their registry.
package source

import (
	"context"
	"slices"

	"vigie/data"
	"vigie/geo/crs"
)

// Format reads one file layout.
type Format interface {
	// ID is stable: "finess-etalab", "finess-joined", "finess-json", "bpe", "police-gendarmerie",
	// "schools", "ssmsi", "filosofi", "population", "csv", "geojson", "shapefile", "gpkg", "qrr-json".
	ID() string
	Label() data.Text
	// Layers are the layers this format can give.
	Layers() []data.Layer
	// Detect tells how sure the format is that it can read the input, 0 (no) to 100,
	// from names and the first bytes; it must not read the whole input.
	Detect(in *Input) int
	// Read calls the sink with each record in file order. A record in error gives a
	// problem and is skipped; reading goes on. The returned error is a
	// *data.RejectedError (located) when the file as a whole can't be read, an error
	// of the context, or whatever the sink returned.
	Read(ctx context.Context, in *Input, opt Options, sink Sink) error
}

// Options are what a user may choose for a read; the zero value detects everything.
type Options struct {
	Layer data.Layer
	// Kind and Edition apply to zones. An empty Edition is detected from the codes
	// or left to the caller.
	Kind    data.ZoneKind
	Edition string
	// CRS overrides what the file says; nil detects.
	CRS *crs.CRS
	// IDField and NameField name the properties to use for zones and sites of
	// unknown layout, compared without case.
	IDField, NameField string
	// Categories are the FINESS category codes to keep; nil keeps the
	// child-protection residences. Services are added with Services.
	Categories []string
	Services   bool
	// Departments are the INSEE codes of the départements whose places and statistics to
	// keep, where the file tells them; nil keeps all. National grids and databases of
	// facilities are read whole otherwise.
	Departments []string
	// Since is the earliest year of the statistics to keep; 0 keeps all.
	Since int
	// KeepGeometryOnly skips attributes that proximity does not need (assess).
	KeepGeometryOnly bool
}

// KeepsCategory tells whether a site of this FINESS category is asked for.
func (o Options) KeepsCategory(code string) bool {
	if o.Categories != nil {
		for _, c := range o.Categories {
			if c == code {
				return true
			}
		}
		return false
	}
	c, ok := data.CategoryByCode(code)
	if !ok {
		return false
	}
	// Lieux de vie are not in the 4501 aggregate and may be private homes: on request only.
	return c.ChildProtection && (c.Residence || o.Services) || o.Services && c.Code == "295"
}

// KeepsDepartment tells whether a place or statistic of this département is asked for.
func (o Options) KeepsDepartment(code string) bool {
	return o.Departments == nil || slices.Contains(o.Departments, code)
}

// Location tells where in the input a record stands.
type Location struct {
	File   string // with the archive's member after "!"
	Line   int    // 1-based line, or record number in binary formats
	Column int    // 1-based field or byte column, 0 when meaningless
}

// Sink receives what a format reads. Functions left nil are not called. Records
// are owned by the receiver after the call.
type Sink struct {
	Site func(data.Site, Location) error
	// Zone geometry is in CRS84 as read: not validated nor repaired, which is the
	// caller's work, the same for every format.
	Zone  func(data.Zone, Location) error
	Place func(data.Place, Location) error
	Area  func(data.Area, Location) error
	// Statistic receives a figure that Validate accepts but for its edition, which is
	// empty where the file does not tell it. The record belongs to the format: what it
	// points to may change after the call.
	Statistic func(*data.Statistic, Location) error
	// Problem receives a located finding. Error severity means that the record was
	// skipped or, with the code unknown-crs on a point, that its position was refused
	// and the record kept, not located.
	Problem func(data.Problem)
	// Filtered is told of a record that was read well but not asked for (category, closed service…).
	Filtered func(reason string)
	// Progress is told how many bytes of the input were consumed, now and then.
	Progress func(bytes int64)
}
