// Package assess is the stateless batch door: files in, indicators out, with no
// database. Proximity to zones is measured in constant memory; the rest of the catalogue
// and the score need all sites at once.
package assess

import (
	"cmp"
	"context"
	"fmt"
	"runtime"
	"slices"
	"sync"

	"vigie/data"
	"vigie/data/ingest"
	"vigie/data/source"
	"vigie/geo/exposure"
	"vigie/geo/score"
)

// File is one file of zones, places or statistics and how it is read.
type File struct {
	Input   *source.Input
	Format  string // "" detects
	Options source.Options
}

// Request is what to assess against what. With places, statistics or a profile, sites
// get the whole catalogue; otherwise their proximity to zones.
type Request struct {
	Sites       *source.Input
	SitesFormat string // "" detects
	SiteOptions source.Options
	Zones       []File
	Places      []File
	Statistics  []File
	// Profile is that of the score; nil for none.
	Profile *score.Profile
	// Radii are in metres, at most zoneindex.MaxRadii, each > 0.
	Radii []float64
	// NewWriter opens the output once the columns are known.
	NewWriter func(*data.Schema) (data.FeatureWriter, error)
	// Progress is told how many bytes of the sites' file were read.
	Progress func(done, total int64)
	// Scored is told how many sites were scored.
	Scored func(done, total int64)
}

// Report is what was read, kept and rejected.
type Report struct {
	Zones      []*ingest.Report
	Places     []*ingest.Report
	Statistics []*ingest.Report
	Sites      *ingest.Report
	Assessed   int // sites written
	// NotCovered is the number of sites of which an indicator is unknown because places are
	// loaded, but not where they are.
	NotCovered int
	// Scores are nil without a profile.
	Scores *score.Ensemble
	// Absent are the indicators of the profile that sites do not have: unknown everywhere.
	Absent []string
}

// batchSize is how many sites travel together between the reader, the workers and the writer.
const batchSize = 512

type batch struct {
	sites []data.Site
	done  chan struct{}
	// What the worker leaves for the writer: encoded features when the format can
	// be encoded apart, otherwise the measures.
	encoded   []byte
	proximity []exposure.Proximity
	err       error
}

// batchWriter is a FeatureWriter whose features can be encoded by several
// goroutines and written by one.
type batchWriter interface {
	AppendFeature(dst []byte, f *data.Feature) ([]byte, error)
	WriteEncoded(features []byte, n int) error
}

// Run assesses every site and writes it, in file order. Sites without a usable
// position are written with unknown indicators and the reason. The error is a
// *data.RejectedError when a file can't be used; what was written before is then
// incomplete and must be thrown away by the caller.
func Run(ctx context.Context, r Request) (*Report, error) {
	report := &Report{}
	refs, kinds, err := readZones(ctx, r.Zones, report)
	if err != nil {
		return report, err
	}
	if r.whole() {
		return report, r.runWhole(ctx, refs, kinds, report)
	}
	if len(kinds) < 2 {
		kinds = nil // the whole and the kind would be the same columns twice
	}
	zones := exposure.NewZones(kinds, refs)
	indicators := exposure.ProximityIndicators(kinds, r.Radii)
	writer, err := r.NewWriter(schema(data.ColumnsOf(indicators)))
	if err != nil {
		return report, err
	}

	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	// Each batch goes to the workers and, at once, in order, to the writer, which waits for it to be done.
	workers := runtime.GOMAXPROCS(0)
	work := make(chan *batch, workers)
	written := make(chan *batch, 4*workers)
	free := sync.Pool{New: func() any { return &batch{sites: make([]data.Site, 0, batchSize)} }}
	apart, _ := writer.(batchWriter)
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			a := assessor{zones: zones, indicators: indicators, meter: zones.NewMeter(r.Radii), apart: apart}
			for b := range work {
				a.assess(b)
				close(b.done)
			}
		})
	}
	wg.Go(func() {
		a := assessor{zones: zones, indicators: indicators}
		for b := range written {
			<-b.done
			if context.Cause(ctx) == nil {
				n, err := a.write(writer, apart, b)
				report.Assessed += n
				if err != nil {
					cancel(err)
				}
			}
			clear(b.sites)
			b.sites, b.encoded = b.sites[:0], b.encoded[:0]
			free.Put(b)
		}
	})

	current := free.Get().(*batch)
	send := func() {
		current.done = make(chan struct{})
		work <- current
		written <- current
		current = free.Get().(*batch)
	}
	var readErr error
	report.Sites, readErr = ingest.EachSite(ctx, r.Sites, r.SiteOptions, r.SitesFormat, func(s data.Site) error {
		if err := context.Cause(ctx); err != nil {
			return err
		}
		current.sites = append(current.sites, s)
		if len(current.sites) == batchSize {
			send()
			if r.Progress != nil {
				r.Progress(r.Sites.Consumed(), r.Sites.Size)
			}
		}
		return nil
	})
	if len(current.sites) > 0 {
		send()
	}
	close(work)
	close(written)
	wg.Wait()
	if err := context.Cause(ctx); err != nil {
		return report, err
	}
	if readErr != nil {
		return report, readErr
	}
	return report, writer.Close()
}

// readZones reads zones in the order of a snapshot, which tells which of several that
// are as near is the nearest; kinds are those it found.
func readZones(ctx context.Context, inputs []File, report *Report) (refs []exposure.ZoneRef, kinds []string, err error) {
	present := map[data.ZoneKind]bool{}
	for _, in := range inputs {
		zones, rep, err := ingest.ReadZones(ctx, in.Input, in.Options, in.Format)
		report.Zones = append(report.Zones, rep)
		if err != nil {
			return nil, nil, err
		}
		for i := range zones {
			z := &zones[i]
			present[z.Kind] = true
			refs = append(refs, exposure.ZoneRef{Kind: string(z.Kind), ID: z.Code, Name: z.Name, Population: z.Population, Geometry: z.Geometry})
		}
	}
	slices.SortStableFunc(refs, func(a, b exposure.ZoneRef) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.ID, b.ID))
	})
	for _, kind := range data.ZoneKinds {
		if present[kind] {
			kinds = append(kinds, string(kind))
		}
	}
	return refs, kinds, nil
}

var identity = []data.Column{
	{Name: "site_id", Label: data.Text{FR: "Identifiant", EN: "Identifier"}},
	{Name: "name", Label: data.Text{FR: "Nom", EN: "Name"}},
	{Name: "kind", Label: data.Text{FR: "Type", EN: "Kind"}},
	{Name: "department_code", Label: data.Text{FR: "Département", EN: "Département"}},
	{Name: "commune_code", Label: data.Text{FR: "Commune (code Insee)", EN: "Commune (INSEE code)"}},
	{Name: "capacity", Label: data.Text{FR: "Capacité (places)", EN: "Capacity (places)"}, Unit: "1", Type: data.TypeInteger},
	{Name: "proximity_status", Label: data.Text{FR: "État du calcul de proximité", EN: "Status of the proximity computation"}},
}

func schema(columns ...[]data.Column) *data.Schema {
	return &data.Schema{
		Layer: data.LayerSites, Geometry: "Point", Title: data.Text{FR: "Foyers évalués", EN: "Assessed homes"},
		Columns: slices.Concat(identity, slices.Concat(columns...)),
	}
}

// assessor turns sites into features; one per goroutine.
type assessor struct {
	zones      *exposure.Zones
	indicators []exposure.Indicator
	meter      *exposure.Meter
	apart      batchWriter // nil when features are encoded by the writer
	feature    data.Feature
	proximity  exposure.Proximity
}

// assess measures a batch, and encodes it when that can be done apart.
func (a *assessor) assess(b *batch) {
	if a.apart == nil {
		if b.proximity == nil {
			b.proximity = make([]exposure.Proximity, batchSize)
		}
		for i := range b.sites {
			a.measure(&b.sites[i], &b.proximity[i])
		}
		return
	}
	for i := range b.sites {
		a.measure(&b.sites[i], &a.proximity)
		a.fill(&b.sites[i], &a.proximity)
		if b.encoded, b.err = a.apart.AppendFeature(b.encoded, &a.feature); b.err != nil {
			return
		}
	}
}

// write writes a batch and tells how many of its features were.
func (a *assessor) write(writer data.FeatureWriter, apart batchWriter, b *batch) (int, error) {
	if apart != nil {
		if b.err != nil {
			return 0, b.err
		}
		return len(b.sites), apart.WriteEncoded(b.encoded, len(b.sites))
	}
	for i := range b.sites {
		a.fill(&b.sites[i], &b.proximity[i])
		if err := writer.Write(&a.feature); err != nil {
			return i, err
		}
	}
	return len(b.sites), nil
}

func (a *assessor) measure(s *data.Site, out *exposure.Proximity) {
	switch p := s.Position; {
	case p == nil:
		out.Status = exposure.NotLocated
	case !p.Precision.Usable():
		out.Status = exposure.PositionTooVague
	default:
		a.meter.MeasureTo(p.Point, out)
	}
}

// fill makes the feature of a site and its measures.
func (a *assessor) fill(s *data.Site, p *exposure.Proximity) {
	identify(&a.feature, s, p.Status)
	for i := range a.indicators {
		a.feature.Values = append(a.feature.Values, a.indicators[i].Value(a.zones, p))
	}
}

// identify begins the feature of a site: its values are those of identity.
func identify(f *data.Feature, s *data.Site, status exposure.Status) {
	f.ID, f.Geometry = s.ID, nil
	if s.Position != nil {
		f.Geometry = s.Position.Point
	}
	capacity := data.Null
	if s.Capacity != nil {
		capacity = data.Integer(*s.Capacity)
	}
	f.Values = append(f.Values[:0], data.String(s.ID), data.StringOrNull(s.Name), data.StringOrNull(s.Kind),
		data.StringOrNull(s.DepartmentCode), data.StringOrNull(s.CommuneCode), capacity, data.String(string(status)))
}

// Summary is one readable line a file, for the command line.
func (r *Report) Summary(lang string) []string {
	var out []string
	line := func(of data.Text, rep *ingest.Report) {
		if rep == nil {
			return
		}
		c := rep.Counts
		out = append(out, fmt.Sprintf(data.Text{
			FR: "%s\u00a0: %d lus, %d gardés, %d réparés, %d écartés, %d rejetés",
			EN: "%s: %d read, %d kept, %d repaired, %d filtered out, %d rejected",
		}.In(lang), of.In(lang), c.Read, c.Kept, c.Repaired, c.Filtered, c.Rejected))
	}
	for _, rep := range r.Zones {
		line(data.Text{FR: "zones", EN: "zones"}, rep)
	}
	for _, rep := range r.Places {
		line(data.Text{FR: "lieux", EN: "places"}, rep)
	}
	for _, rep := range r.Statistics {
		line(data.Text{FR: "statistiques", EN: "statistics"}, rep)
	}
	line(data.Text{FR: "foyers", EN: "sites"}, r.Sites)
	return out
}
