package release

import (
	"math"
	"slices"
	"strings"

	"github.com/paulmach/orb"

	"vigie/data"
	"vigie/data/snapshot"
	"vigie/geo/disclosure"
)

// register is the homes of a snapshot as disclosure control sees them, and what anyone
// can expect of each from public data.
type register struct {
	ids   []string
	sites []data.MaskedSite // without pseudonym, cell, class and codes
	homes []disclosure.Home
	class disclosure.Attribute
}

// ErrPending tells that classes are still being computed.
var ErrPending error = &data.InvalidError{Problems: []data.Problem{{
	Severity: data.SeverityError, Code: "scores-pending", Field: "exposure_status",
	Message: data.Text{
		FR: "Des scores sont encore en cours de calcul\u00a0: réessayez dans un instant.",
		EN: "Scores are still being computed: try again in a moment.",
	},
}}}

// readRegister takes every open home of a département that the viewer sees exactly.
func readRegister(sn *snapshot.Snapshot, by data.Viewer) (*register, error) {
	view, ok := sn.Collection(by, data.LayerSites)
	if !ok || by.Precision() != data.ViewExact {
		return nil, data.ErrForbidden
	}
	column := map[string]int{}
	for i, c := range view.Schema().Columns {
		column[c.Name] = i
	}
	page := view.Query(snapshot.Query{Limit: math.MaxInt})
	banded := snapshot.BandedIndicators()
	r := &register{}
	var labels, distances []int
	err := page.Each(func(f *data.Feature) error {
		text := func(name string) string { return f.Values[column[name]].Format() }
		if text("department_code") == "" {
			return nil
		}
		if text("exposure_status") == "pending" {
			return ErrPending
		}
		h := disclosure.Home{
			Position: orb.Point{math.NaN(), math.NaN()}, Department: text("department_code"),
			Category: text("kind") + "/" + text("category"), Body: text("legal_entity_finess"), Unlisted: !(&data.Site{FINESS: text("finess"), Kind: text("kind")}).Listed(),
			Address: strings.ToLower(strings.Join([]string{text("address"), text("postal_code"), text("locality")}, "\n")),
		}
		if strings.TrimSpace(h.Address) == "" {
			h.Address = ""
		}
		if p, ok := f.Geometry.(orb.Point); ok && data.Precision(text("position_precision")).Usable() {
			h.Position = p
		}
		label := -1
		switch class := text("exposure_class"); class {
		case "":
		case "indeterminate":
			label = 0
		default:
			label = int(class[0] - '0')
		}
		h.Class = max(label, 0)
		for _, b := range banded {
			band := b.Scale.Of(f.Values[column[b.ID]].Float64())
			h.Bands = append(h.Bands, band)
			// Positions and zones are public: anyone can compute the band.
			var expected []float64
			if band >= 0 {
				expected = make([]float64, len(b.Scale.Bands()))
				expected[band] = 1
			}
			h.Expected = append(h.Expected, expected)
		}
		r.ids = append(r.ids, f.ID)
		r.sites = append(r.sites, data.MaskedSite{
			SiteID: f.ID, Category: text("category"), Kind: text("kind"), DepartmentCode: h.Department,
		})
		r.homes = append(r.homes, h)
		labels = append(labels, label)
		distances = append(distances, h.Bands[slices.IndexFunc(banded, func(b snapshot.BandedIndicator) bool { return b.ID == "qpv_nearest_zone_distance_m" })])
		return nil
	})
	if err != nil {
		return nil, err
	}
	r.class = disclosure.ExposureClass(r.homes, prior(labels, distances))
	r.class.Labels = labels
	return r, nil
}

// nearHomes is for how many homes the national frequencies count beside those of a band.
const nearHomes = 5

// prior is what someone expects of each home's class who knows how far it is from a
// priority neighbourhood and how classes are spread at that distance in the whole country:
// frequencies among the *other* homes of its band of distance, drawn to those of the other
// homes of the country (which weigh as nearHomes homes), and these to all classes alike (as
// one home). Of its own class nothing is in it.
func prior(labels, distances []int) [][]float64 {
	const classes = 6
	type frequencies struct {
		counts [classes]float64
		n      float64
	}
	var country frequencies
	bands := map[int]*frequencies{}
	count := func(i int, sign float64) {
		band := bands[distances[i]]
		if band == nil {
			band = new(frequencies)
			bands[distances[i]] = band
		}
		for _, f := range []*frequencies{&country, band} {
			if labels[i] >= 0 {
				f.counts[labels[i]] += sign
				f.n += sign
			}
		}
	}
	for i := range labels {
		count(i, 1)
	}
	out := make([][]float64, len(labels))
	for i := range labels {
		count(i, -1)
		band := bands[distances[i]]
		out[i] = make([]float64, classes)
		for c := range out[i] {
			national := (country.counts[c] + 1./classes) / (country.n + 1)
			out[i][c] = (band.counts[c] + nearHomes*national) / (band.n + nearHomes)
		}
		count(i, 1)
	}
	return out
}

// rows are those of a stored release, as the attacker holds them.
func rows(r *data.Release) disclosure.Release {
	// Bands are aligned with BandedIndicators, whatever the release had.
	at := map[string]int{}
	for j, id := range r.Bands {
		at[id] = j
	}
	var out disclosure.Release
	for i := range r.Rows {
		m := &r.Rows[i]
		row := disclosure.Row{
			Pseudonym: m.Pseudonym, Department: m.DepartmentCode, Category: m.Kind + "/" + m.Category,
			Cell: m.Cell, Labels: []int{m.Class},
		}
		if m.Codes != nil {
			for _, b := range snapshot.BandedIndicators() {
				band := -1
				if j, ok := at[b.ID]; ok {
					band = bandOf(b.Scale, m.Codes[j])
				}
				row.Bands = append(row.Bands, band)
			}
		}
		out.Rows = append(out.Rows, row)
	}
	return out
}
