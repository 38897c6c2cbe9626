// Package siting keeps siting studies and answers them: it reads their files, measures
// their candidates against the snapshot as a viewer sees it, and surveys départements.
// A candidate is as secret as a home.
package siting

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/go-json-experiment/json"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/geojson"

	"vigie/data"
	"vigie/data/freetext"
	"vigie/geo/repair"
	"vigie/geo/siting"
)

// Format names the layout of a study's body.
const Format = "vigie-study/1"

// Limits of a study.
const (
	MaxCandidates = 10_000
	MaxExclusions = 1000 // polygons
	maxCriteria   = 20
	maxConstraint = 100
	maxOrigins    = 2000
	maxVertices   = 200_000
	maxText       = 2000 // bytes of the note
	maxLabel      = 200  // bytes of the other texts
	maxHomes      = 50
	minCell       = 50 // metres
	maxCell       = 500
)

// Study is the body of a siting study. Distances are metres, positions degrees (CRS84).
type Study struct {
	Format string `json:"format"`
	Title  string `json:"title"`
	Note   string `json:"note"`
	// OriginSiteID is the home that is to move, "" for a new one: it counts neither among
	// the other homes nor among their places.
	OriginSiteID string `json:"origin_site_id,omitempty"`
	Need         Need   `json:"need"`
	// Area is where the homes may be; nil for the whole département.
	Area        *Shape              `json:"area"`
	CellSize    int                 `json:"cell_size_m"`
	Constraints []siting.Constraint `json:"constraints"`
	Criteria    []siting.Choice     `json:"criteria"`
	Candidates  []Candidate         `json:"candidates"`
	Exclusions  []Area              `json:"exclusions"`
	// Allocation places several homes at once; nil for none.
	Allocation *Allocation `json:"allocation"`
	Runs       int         `json:"runs"`
	Seed       uint64      `json:"seed"`
}

// Need is who the homes are for.
type Need struct {
	Kind     string `json:"kind"` // a kind of home, "" when not decided
	Capacity int    `json:"capacity"`
	AgeMin   int    `json:"age_min"`
	AgeMax   int    `json:"age_max"`
	Homes    int    `json:"homes"`
	// Origins are where the people come from, as entered; Series, where it is given
	// instead, names a series of statistics of the département's communes.
	Origins []Origin `json:"origins"`
	Series  *Series  `json:"series"`
}

// Origin is how many people of the need come from a commune (INSEE code).
type Origin struct {
	Commune string  `json:"commune_code"`
	People  float64 `json:"people"`
}

// Series names imported statistics of communes.
type Series struct {
	Source    string `json:"source"`
	Indicator string `json:"indicator"`
	Edition   string `json:"edition"` // "" for the newest
	Year      int    `json:"year"`    // 0 for that of the edition
}

// Candidate is a place that somebody proposes.
type Candidate struct {
	ID        string         `json:"id"`
	Label     string         `json:"label"`
	Address   string         `json:"address"`
	Lon       float64        `json:"lon"`
	Lat       float64        `json:"lat"`
	Precision data.Precision `json:"precision"`
	Capacity  *int           `json:"capacity,omitempty"`
	Cost      *float64       `json:"cost_eur,omitempty"`
	Source    string         `json:"source"` // one of CandidateSources
	Note      string         `json:"note,omitempty"`
}

// Present is the identifier of the candidate that is the home to move, where it is now.
const Present = "present"

// CandidateSources are where candidates come from: "site" is the home that is to move.
var CandidateSources = []string{"map", "file", "address", "cell", "site"}

// Area is a part of the ground where no home may open.
type Area struct {
	ID       string `json:"id"`
	Label    string `json:"label"`
	Source   string `json:"source"`
	Geometry Shape  `json:"geometry"`
}

// Shape is polygons in lon/lat degrees (CRS84); GeoJSON in JSON.
type Shape orb.MultiPolygon

// MarshalJSON writes a GeoJSON MultiPolygon.
func (s Shape) MarshalJSON() ([]byte, error) {
	return geojson.NewGeometry(orb.MultiPolygon(s)).MarshalJSON()
}

// UnmarshalJSON reads a GeoJSON Polygon or MultiPolygon.
func (s *Shape) UnmarshalJSON(raw []byte) error {
	g, err := geojson.UnmarshalGeometry(raw)
	if err != nil {
		return err
	}
	switch shape := g.Geometry().(type) {
	case orb.Polygon:
		*s = Shape{shape}
	case orb.MultiPolygon:
		*s = Shape(shape)
	default:
		return errors.New("a Polygon or MultiPolygon is expected")
	}
	return nil
}

// Model is how several homes are placed at once.
type Model string

// Models, those of geo/siting/allocation.
const (
	Median     Model = "median"
	Cover      Model = "cover"
	Dispersion Model = "dispersion"
)

// Pool is what homes are chosen among.
type Pool string

// Pools: the study's candidates, or the best cells of its surface.
const (
	PoolCandidates Pool = "candidates"
	PoolCells      Pool = "cells"
)

// Allocation is how several homes are placed at once.
type Allocation struct {
	Model Model   `json:"model"`
	Homes int     `json:"homes"`
	Reach float64 `json:"reach_m,omitempty"` // of Cover
	Pool  Pool    `json:"pool"`
}

// Codes of the problems of studies.
const (
	CodeInvalidStudy = "invalid-study"
	CodeTooMany      = "too-many"
)

// Parse reads the body of a study, strictly. The error is a *data.InvalidError whose
// problems bear the JSON path of what is wrong: "candidates[3].lon".
func Parse(raw []byte) (*Study, error) {
	var s Study
	if err := json.Unmarshal(raw, &s, json.RejectUnknownMembers(true)); err != nil {
		return nil, &data.InvalidError{Problems: []data.Problem{decodingProblem(err)}}
	}
	if problems := s.Validate(); problems != nil {
		return nil, &data.InvalidError{Problems: problems}
	}
	return &s, nil
}

// Body is the study as it is stored.
func (s *Study) Body() ([]byte, error) {
	raw, err := json.Marshal(s)
	return bytes.TrimSpace(raw), err
}

func decodingProblem(err error) data.Problem {
	p := data.Problem{Severity: data.SeverityError, Code: CodeInvalidStudy, Message: data.Text{
		FR: "Le contenu n’est pas du JSON de la forme attendue.", EN: "The content is not JSON of the expected form.",
	}}
	semantic, ok := errors.AsType[*json.SemanticError](err)
	if !ok {
		return p
	}
	p.Field = pathOf(string(semantic.JSONPointer))
	p.Message = data.Text{FR: "La valeur n’est pas du type attendu.", EN: "The value is not of the expected type."}
	if errors.Is(err, json.ErrUnknownName) {
		p.Message = data.Text{FR: "Membre inconnu d’une étude.", EN: "Unknown member of a study."}
	}
	return p
}

// pathOf turns a JSON pointer into a path: "/candidates/3/lon" is "candidates[3].lon".
func pathOf(pointer string) string {
	var b []byte
	for part := range bytes.SplitSeq([]byte(pointer), []byte{'/'}) {
		switch _, err := strconv.Atoi(string(part)); {
		case len(part) == 0:
		case err == nil:
			b = fmt.Appendf(b, "[%s]", part)
		case len(b) > 0:
			b = fmt.Appendf(b, ".%s", part)
		default:
			b = append(b, part...)
		}
	}
	return data.Clip(string(b))
}

// checker gathers what is wrong with a study.
type checker struct {
	problems []data.Problem
	texts    map[string]string
}

func (c *checker) add(field, value string, fr, en string) {
	c.problems = append(c.problems, data.Problem{
		Severity: data.SeverityError, Code: CodeInvalidStudy, Field: field, Value: data.Clip(value), Message: data.Text{FR: fr, EN: en},
	})
}

func (c *checker) tooMany(field string, n, most int) bool {
	if n <= most {
		return false
	}
	c.problems = append(c.problems, data.Problem{
		Severity: data.SeverityError, Code: CodeTooMany, Field: field, Value: strconv.Itoa(n),
		Message: data.Text{FR: fmt.Sprintf("%d au plus.", most), EN: fmt.Sprintf("%d at most.", most)},
	})
	return true
}

// text checks a text and has it screened.
func (c *checker) text(field, text string, most int) {
	if len(text) > most {
		c.add(field, text, fmt.Sprintf("Texte trop long\u00a0: %d octets au plus.", most), fmt.Sprintf("Text too long: %d bytes at most.", most))
		return
	}
	c.texts[field] = text
}

func (c *checker) number(field string, v, low, high float64) {
	if !(v >= low && v <= high) {
		c.add(field, strconv.FormatFloat(v, 'g', -1, 64),
			fmt.Sprintf("Un nombre de %.0f à %.0f est attendu.", low, high), fmt.Sprintf("A number from %.0f to %.0f is expected.", low, high))
	}
}

func (c *checker) unique(ids map[string]bool, field, id string) {
	switch {
	case id == "" || len(id) > maxLabel:
		c.add(field, id, "Un identifiant est attendu.", "An identifier is expected.")
	case ids[id]:
		c.add(field, id, "Cet identifiant est donné deux fois.", "This identifier is given twice.")
	}
	ids[id] = true
}

func (c *checker) shape(field string, s Shape, vertices *int) {
	for _, polygon := range s {
		for _, ring := range polygon {
			*vertices += len(ring)
		}
	}
	if *vertices > maxVertices {
		c.tooMany(field, *vertices, maxVertices)
		return
	}
	if ok, _ := repair.Valid(orb.MultiPolygon(s)); !ok || len(s) == 0 {
		c.add(field, "", "Contour incorrect\u00a0: il se croise ou n’est pas fermé.", "Invalid outline: it crosses itself or is not closed.")
		return
	}
	if b := orb.MultiPolygon(s).Bound(); !(b.Min[0] >= -180 && b.Max[0] <= 180 && b.Min[1] >= -90 && b.Max[1] <= 90) {
		c.add(field, "", "Longitudes et latitudes en degrés attendues.", "Longitudes and latitudes in degrees are expected.")
	}
}

// Validate lists what is wrong with the study, by JSON path; texts are screened for what
// identifies people.
func (s *Study) Validate() []data.Problem {
	c := &checker{texts: map[string]string{}}
	if s.Format != Format {
		c.add("format", s.Format, "«\u00a0"+Format+"\u00a0» est attendu.", "“"+Format+"” is expected.")
	}
	if s.Title == "" {
		c.add("title", "", "Donnez un titre.", "Give a title.")
	}
	c.text("title", s.Title, maxLabel)
	c.text("note", s.Note, maxText)
	s.Need.check(c)
	vertices := 0
	if s.Area != nil {
		c.shape("area", *s.Area, &vertices)
	}
	c.number("cell_size_m", float64(s.CellSize), minCell, maxCell)
	c.number("runs", float64(s.Runs), 1, siting.MaxRuns)
	s.checkExclusions(c, &vertices)
	s.checkMethod(c)
	s.checkCandidates(c)
	s.Allocation.check(c)
	if invalid, ok := errors.AsType[*data.InvalidError](freetext.CheckAll(c.texts, true)); ok {
		c.problems = append(c.problems, invalid.Problems...)
	}
	return c.problems
}

func (n *Need) check(c *checker) {
	if _, ok := data.CategoryByKind(n.Kind); !ok && n.Kind != "" && n.Kind != data.KindOther {
		c.add("need.kind", n.Kind, "Type de foyer inconnu.", "Unknown kind of home.")
	}
	c.number("need.capacity", float64(n.Capacity), 0, 1000)
	c.number("need.age_min", float64(n.AgeMin), 0, 21)
	c.number("need.age_max", float64(n.AgeMax), float64(min(n.AgeMin, 21)), 21)
	c.number("need.homes", float64(n.Homes), 1, maxHomes)
	if n.Origins != nil && n.Series != nil {
		c.add("need.series", "", "Donnez «\u00a0origins\u00a0» ou «\u00a0series\u00a0», pas les deux.", "Give “origins” or “series”, not both.")
	}
	if c.tooMany("need.origins", len(n.Origins), maxOrigins) {
		return
	}
	seen := map[string]bool{}
	for i, o := range n.Origins {
		field := fmt.Sprintf("need.origins[%d].", i)
		c.unique(seen, field+"commune_code", o.Commune)
		if !(o.People > 0 && o.People <= data.MaxPopulation) {
			c.add(field+"people", "", "Un nombre de jeunes supérieur à 0 est attendu.", "A number of young people above 0 is expected.")
		}
	}
}

func (s *Study) checkMethod(c *checker) {
	if c.tooMany("criteria", len(s.Criteria), maxCriteria) || c.tooMany("constraints", len(s.Constraints), maxConstraint) {
		return
	}
	weight := 0.0
	for i, choice := range s.Criteria {
		field := fmt.Sprintf("criteria[%d]", i)
		if text, bad := choice.Problem(); bad {
			c.add(field, choice.ID, sentence(text.FR), sentence(text.EN))
		}
		if slices.ContainsFunc(s.Criteria[:i], func(o siting.Choice) bool { return o.ID == choice.ID }) {
			c.add(field+".id", choice.ID, "Ce critère est donné deux fois.", "This criterion is given twice.")
		}
		weight += choice.Weight
	}
	if !(weight > 0) {
		c.add("criteria", "", "Donnez un poids supérieur à 0 à un critère au moins.", "Give a weight above 0 to one criterion at least.")
	}
	for i, constraint := range s.Constraints {
		field := fmt.Sprintf("constraints[%d]", i)
		if text, bad := constraint.Problem(); bad {
			c.add(field, string(constraint.Type), sentence(text.FR), sentence(text.EN))
		} else if constraint.Type == siting.Exclusion && !slices.ContainsFunc(s.Exclusions, func(a Area) bool { return a.ID == constraint.ID }) {
			c.add(field+".id", constraint.ID, "Ce périmètre exclu n’est pas dans l’étude.", "The study has no such excluded area.")
		}
	}
}

// sentence makes one of what geo/siting says in a few words.
func sentence(words string) string {
	r := []rune(words)
	if len(r) > 0 && r[0] >= 'a' && r[0] <= 'z' {
		r[0] += 'A' - 'a'
	}
	return string(r) + "."
}

func (s *Study) checkExclusions(c *checker, vertices *int) {
	polygons := 0
	for i := range s.Exclusions {
		polygons += len(s.Exclusions[i].Geometry)
	}
	if c.tooMany("exclusions", max(polygons, len(s.Exclusions)), MaxExclusions) {
		return
	}
	seen := map[string]bool{}
	for i := range s.Exclusions {
		a, field := &s.Exclusions[i], fmt.Sprintf("exclusions[%d].", i)
		c.unique(seen, field+"id", a.ID)
		c.text(field+"label", a.Label, maxLabel)
		c.text(field+"source", a.Source, maxLabel)
		c.shape(field+"geometry", a.Geometry, vertices)
	}
}

func (s *Study) checkCandidates(c *checker) {
	if c.tooMany("candidates", len(s.Candidates), MaxCandidates) {
		return
	}
	seen := map[string]bool{}
	for i := range s.Candidates {
		p, field := &s.Candidates[i], fmt.Sprintf("candidates[%d].", i)
		c.unique(seen, field+"id", p.ID)
		c.text(field+"label", p.Label, maxLabel)
		c.text(field+"address", p.Address, maxLabel)
		c.text(field+"note", p.Note, maxText)
		c.number(field+"lon", p.Lon, -180, 180)
		c.number(field+"lat", p.Lat, -90, 90)
		if !p.Precision.Valid() || !p.Precision.Usable() {
			c.add(field+"precision", string(p.Precision),
				"Une précision est attendue\u00a0: surveyed, house_number, street, locality ou unspecified.",
				"A precision is expected: surveyed, house_number, street, locality or unspecified.")
		}
		if p.Capacity != nil {
			c.number(field+"capacity", float64(*p.Capacity), 0, 1000)
		}
		if p.Cost != nil {
			c.number(field+"cost_eur", *p.Cost, 0, 1e9)
		}
		if !slices.Contains(CandidateSources, p.Source) {
			c.add(field+"source", p.Source, "Origine inconnue\u00a0: map, file, address, cell ou site est attendu.", "Unknown source: map, file, address, cell or site is expected.")
		}
	}
}

func (a *Allocation) check(c *checker) {
	if a == nil {
		return
	}
	if a.Model != Median && a.Model != Cover && a.Model != Dispersion {
		c.add("allocation.model", string(a.Model), "Modèle inconnu\u00a0: median, cover ou dispersion est attendu.", "Unknown model: median, cover or dispersion is expected.")
	}
	c.number("allocation.homes", float64(a.Homes), 1, maxHomes)
	if a.Model == Cover && !(a.Reach > 0 && a.Reach <= 1e6) {
		c.add("allocation.reach_m", "", "Une portée en mètres, supérieure à 0, est attendue.", "A reach in metres, above 0, is expected.")
	}
	if a.Pool != PoolCandidates && a.Pool != PoolCells {
		c.add("allocation.pool", string(a.Pool), "candidates ou cells est attendu.", "candidates or cells is expected.")
	}
}

// Begin adds the home that is to move, where
// it is now, as a candidate to compare with. The error is data.ErrNotFound when the viewer
// does not see it exactly.
func (s *Service) Begin(v data.Viewer, study *Study) error {
	study.Candidates = slices.DeleteFunc(study.Candidates, func(c Candidate) bool { return c.ID == Present })
	if study.OriginSiteID == "" {
		return nil
	}
	site, ok := s.snapshots.Current().SiteFor(v, study.OriginSiteID)
	if !ok {
		return data.ErrNotFound
	}
	if site.Position == nil || !site.Position.Precision.Usable() {
		return invalid("origin_site_id", "Ce foyer n’est pas localisé.", "This home is not located.")
	}
	study.Candidates = slices.Insert(study.Candidates, 0, Candidate{
		ID: Present, Label: site.Name, Lon: site.Position.Point.Lon(), Lat: site.Position.Point.Lat(),
		Precision: site.Position.Precision, Capacity: site.Capacity, Source: "site",
	})
	return nil
}
