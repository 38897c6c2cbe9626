// Package statistics makes the public statistics: a fixed cube of counts, built from a
// snapshot, suppressed by geo/disclosure, attacked, and frozen. Nothing is computed on
// demand: a stored edition never changes, and a correction is another one.
package statistics

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"vigie/data"
	"vigie/geo/disclosure"
)

// Edition is a frozen edition as the public gets it.
type Edition struct {
	ID       string `json:"id"`
	Quarter  string `json:"quarter"`
	Revision int    `json:"revision"`
	// Note says what a revision corrects.
	Note string `json:"note,omitempty"`
	// Year is set in the edition of a fourth quarter: figures at its end are the year's.
	Year int `json:"year,omitempty"`
	// ReferenceDay is the last day of the quarter, which the figures describe as the
	// register stood when the edition was frozen.
	ReferenceDay string      `json:"reference_day"`
	FrozenAt     time.Time   `json:"frozen_at"`
	Title        data.Text   `json:"title"`
	Licence      Licence     `json:"licence"`
	Citation     data.Text   `json:"citation"`
	Rules        []data.Text `json:"rules"`
	// QPV is the edition of the priority neighbourhoods, empty when none was loaded.
	QPV string `json:"qpv_edition,omitempty"`
	// Profile is the hash of the score's profile.
	Profile string `json:"profile_hash,omitempty"`
	// ListedOnly tells that only homes of the public register are counted; editions frozen
	// before count them all.
	ListedOnly  bool          `json:"listed_only"`
	Suppression []Suppression `json:"suppression"`
	Measures    []Measure     `json:"measures"`
	Areas       []Area        `json:"areas"`
	Cells       []Cell        `json:"cells"`
}

// Measure describes a measure of an edition.
type Measure struct {
	ID         string    `json:"id"`
	Label      data.Text `json:"label"`
	Definition data.Text `json:"definition"`
	Unit       data.Text `json:"unit"`
	Source     data.Text `json:"source"`
	// Date is the day that the figures describe.
	Date string `json:"date"`
	// Coverage is the share of homes of which the measure is known; nil when it can't be told.
	Coverage *Coverage `json:"coverage"`
	Quality  data.Text `json:"quality"`
	// Levels are those at which this edition has the measure.
	Levels []Level `json:"levels"`
	// PartOf is the measure of which this one is a part.
	PartOf string `json:"part_of,omitempty"`
}

// Status tells what is known of a cell.
type Status string

// Statuses of a cell. Neither of the last two is a zero.
const (
	StatusPublished Status = "published"
	StatusHidden    Status = "hidden"    // known, and withheld
	StatusNoReport  Status = "no_report" // nothing was reported: not known
)

// Cell is one figure.
type Cell struct {
	Level   Level  `json:"level"`
	Area    string `json:"area"`
	Measure string `json:"measure"`
	Status  Status `json:"status"`
	// Value is rounded to base 5; nil unless published.
	Value *int `json:"value,omitempty"`
	// Share is the value over the homes of the area (0–1), from rounded figures; nil
	// when either is hidden or the measure does not count homes.
	Share *float64 `json:"share,omitempty"`
}

// Suppression is how much of a level is hidden.
type Suppression struct {
	Level Level `json:"level"`
	// Cells are those for which something was reported, Hidden those withheld.
	Cells  int `json:"cells"`
	Hidden int `json:"hidden"`
	// Share is Hidden over Cells (0–1), 0 without cells.
	Share float64 `json:"share"`
}

// Licence is the terms of reuse.
type Licence struct {
	ID    string `json:"id"` // SPDX
	Title string `json:"title"`
	URL   string `json:"url"`
}

// OpenLicence is that of the public statistics.
var OpenLicence = Licence{ID: "etalab-2.0", Title: "Licence Ouverte 2.0", URL: "https://www.etalab.gouv.fr/licence-ouverte-open-licence"}

// units are what measures count, in words.
var units = map[disclosure.Unit]data.Text{
	disclosure.Facilities: {FR: "foyers", EN: "homes"},
	disclosure.People:     {FR: "places", EN: "places"},
}

var rules = []data.Text{
	{
		FR: "Seuls comptent les foyers du registre public (FINESS), hors lieux de vie. Les foyers qu’il ne recense pas ne sont dans aucun chiffre.",
		EN: "Only homes of the public register (FINESS) count, without small living places. Homes that it does not list are in no figure.",
	},
	{
		FR: "Sont masqués\u00a0: moins de 5 foyers (adresses et organismes gestionnaires distincts), moins de 11 places, et ce qu’un foyer ou un organisme tient à plus de 85\u00a0%.",
		EN: "Hidden: fewer than 5 homes (distinct addresses and managing bodies), fewer than 11 places, and what one home or body holds over 85% of.",
	},
	{
		FR: "D’autres chiffres sont masqués pour que nul ne retrouve les premiers par différence, éditions précédentes comprises.",
		EN: "More figures are hidden so that nobody finds the first ones by subtraction, earlier editions included.",
	},
	{
		FR: "Les chiffres sont arrondis à 5 près\u00a0: 20 veut dire de 18 à 22. Les parts viennent des chiffres arrondis.",
		EN: "Figures are rounded to base 5: 20 stands for 18 to 22. Shares come from rounded figures.",
	},
	{
		FR: "«\u00a0Masqué\u00a0» et «\u00a0non déclaré\u00a0» ne valent pas zéro.",
		EN: "“Hidden” and “no report” are not zero.",
	},
}

// encode gives the bytes that are stored and served, and their SHA-256.
func (e *Edition) encode() (document []byte, sum string, err error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(e); err != nil {
		return nil, "", err
	}
	return b.Bytes(), digest(b.Bytes()), nil
}

func digest(document []byte) string {
	sum := sha256.Sum256(document)
	return hex.EncodeToString(sum[:])
}

// Decode reads a stored edition; an error when it is not what was frozen.
func Decode(p *data.PublishedEdition) (*Edition, error) {
	if digest(p.Document) != p.SHA256 {
		return nil, fmt.Errorf("published edition %s: the document is not the one that was frozen", p.ID)
	}
	e := new(Edition)
	if err := json.Unmarshal(p.Document, e); err != nil {
		return nil, fmt.Errorf("published edition %s: %w", p.ID, err)
	}
	return e, nil
}

// Cell finds a cell; nil when the cube has no such one.
func (e *Edition) Cell(level Level, area, measure string) *Cell {
	for i := range e.Cells {
		if c := &e.Cells[i]; c.Level == level && c.Area == area && c.Measure == measure {
			return c
		}
	}
	return nil
}

// Newest is the edition of the latest quarter, in its last revision; nil without editions.
func Newest(editions []data.PublishedEdition) *data.PublishedEdition {
	var newest *data.PublishedEdition
	for i := range editions {
		if e := &editions[i]; newest == nil || e.Quarter > newest.Quarter || e.Quarter == newest.Quarter && e.Revision > newest.Revision {
			newest = e
		}
	}
	return newest
}
