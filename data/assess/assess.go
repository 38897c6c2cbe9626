// Package assess is the stateless batch door: files of sites and zones in,
// proximity indicators out, in constant memory, with no database.
package assess

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"sync"

	"vigie/data"
	"vigie/data/ingest"
	"vigie/data/source"
	"vigie/geo/exposure"
)

// Zones is one file of zones and the kind its zones are.
type Zones struct {
	Input   *source.Input
	Format  string // "" detects
	Options source.Options
}

// Request is what to assess against what.
type Request struct {
	Sites       *source.Input
	SitesFormat string // "" detects
	SiteOptions source.Options
	Zones       []Zones
	// Radii are in metres, at most zoneindex.MaxRadii, each > 0.
	Radii []float64
	// NewWriter opens the output once the columns are known.
	NewWriter func(*data.Schema) (data.FeatureWriter, error)
	// Progress is told how many bytes of the sites' file were read.
	Progress func(done, total int64)
}

// Report is what was read, kept and rejected.
type Report struct {
	Zones    []*ingest.Report
	Sites    *ingest.Report
	Assessed int // sites written
}

// batchSize is how many sites travel together between the reader, the workers and the writer.
const batchSize = 512

type batch struct {
	sites     []data.Site
	proximity []exposure.Proximity
	done      chan struct{}
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
	if len(kinds) < 2 {
		kinds = nil // the whole and the kind would be the same columns twice
	}
	zones := exposure.NewZones(kinds, refs)
	indicators := exposure.ProximityIndicators(kinds, r.Radii)
	writer, err := r.NewWriter(schema(indicators))
	if err != nil {
		return report, err
	}

	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	// Each batch goes to the workers and, at once, in order, to the writer, which waits for it to be done.
	workers := runtime.GOMAXPROCS(0)
	work := make(chan *batch, workers)
	written := make(chan *batch, 4*workers)
	free := sync.Pool{New: func() any {
		return &batch{sites: make([]data.Site, 0, batchSize), proximity: make([]exposure.Proximity, batchSize)}
	}}
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			meter := zones.NewMeter(r.Radii)
			for b := range work {
				measure(meter, b)
				close(b.done)
			}
		})
	}
	wg.Go(func() {
		f := data.Feature{Values: make([]data.Value, 0, len(indicators)+8)}
		for b := range written {
			<-b.done
			for i := range b.sites {
				if context.Cause(ctx) != nil {
					break
				}
				fill(&f, &b.sites[i], &b.proximity[i], zones, indicators)
				if err := writer.Write(&f); err != nil {
					cancel(err)
					break
				}
				report.Assessed++
			}
			clear(b.sites)
			b.sites = b.sites[:0]
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

func readZones(ctx context.Context, inputs []Zones, report *Report) (refs []exposure.ZoneRef, kinds []string, err error) {
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
			refs = append(refs, exposure.ZoneRef{Kind: string(z.Kind), ID: z.Code, Name: z.Name, Geometry: z.Geometry})
		}
	}
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

func schema(indicators []exposure.Indicator) *data.Schema {
	return &data.Schema{
		Layer: data.LayerSites, Geometry: "Point", Title: data.Text{FR: "Foyers évalués", EN: "Assessed homes"},
		Columns: slices.Concat(identity, data.ColumnsOf(indicators)),
	}
}

func measure(meter *exposure.Meter, b *batch) {
	for i := range b.sites {
		switch p := b.sites[i].Position; {
		case p == nil:
			b.proximity[i].Status = exposure.NotLocated
		case !p.Precision.Usable():
			b.proximity[i].Status = exposure.PositionTooVague
		default:
			b.proximity[i] = meter.Measure(p.Point)
		}
	}
}

func fill(f *data.Feature, s *data.Site, p *exposure.Proximity, zones *exposure.Zones, indicators []exposure.Indicator) {
	f.ID, f.Geometry = s.ID, nil
	if s.Position != nil {
		f.Geometry = s.Position.Point
	}
	capacity := data.Null
	if s.Capacity != nil {
		capacity = data.Integer(*s.Capacity)
	}
	f.Values = append(f.Values[:0], data.String(s.ID), data.StringOrNull(s.Name), data.StringOrNull(s.Kind),
		data.StringOrNull(s.DepartmentCode), data.StringOrNull(s.CommuneCode), capacity, data.String(string(p.Status)))
	for i := range indicators {
		f.Values = append(f.Values, indicators[i].Value(zones, p))
	}
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
			FR: "%s : %d lus, %d gardés, %d réparés, %d écartés, %d rejetés",
			EN: "%s: %d read, %d kept, %d repaired, %d filtered out, %d rejected",
		}.In(lang), of.In(lang), c.Read, c.Kept, c.Repaired, c.Filtered, c.Rejected))
	}
	for _, z := range r.Zones {
		line(data.Text{FR: "zones", EN: "zones"}, z)
	}
	line(data.Text{FR: "foyers", EN: "sites"}, r.Sites)
	return out
}
