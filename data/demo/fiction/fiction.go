// Package fiction invents a département: communes, priority zones, homes, places, and
// three years of incidents, reviews, measures and communal statistics, as the files that
// package demo embeds.
//
// Nothing in it is real. Every name says so or is built on a word for fiction, every code
// lies in département 00, which INSEE and FINESS give to nobody, and no position is taken
// from a real record. The same seed gives the same bytes.
//
// The files plant what later computations must find, listed in planted.json: a space–time
// cluster of incidents, homes that never report, and zones that overlap, have a hole, lie in
// two parts or in two communes.
package fiction

import (
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"time"

	"github.com/paulmach/orb"
)

// Seed is the seed of the files that package demo embeds.
const Seed = 20240101

// Names of the files.
const (
	FileAreas         = "areas.geojson"          // the département and its communes
	FileQPV2015       = "zones-qpv-2015.geojson" // the former edition, in the property names of 2015
	FileQPV2024       = "zones-qpv-2024.geojson" // the current edition, in those of 2024
	FileQRR           = "zones-qrr.geojson"
	FileZSP           = "zones-zsp.geojson"
	FileZSPPolice     = "zones-zsp-police.geojson" // restricted: for those with the right
	FileCustom        = "zones-custom.geojson"
	FilePlaces        = "places.csv"
	FileBrigades      = "gendarmerie.csv" // with opening hours, in the layout of the official list
	FileSites         = "sites.csv"
	FileIncidents     = "incidents.csv"
	FileReviews       = "reviews.json"
	FileMeasures      = "measures.csv"
	FileCommunes      = "communes.csv"       // population and poverty
	FileUnder21       = "under-21.csv"       // people under 21, one figure a line
	FileRecordedCrime = "recorded-crime.csv" // in the layout of the communal base of SSMSI
	FileIncome        = "filosofi-200m.csv"  // gridded incomes
	FilePlanted       = "planted.json"       // the truth that computations should find
)

// Centre is the middle of the département, longitude and latitude in degrees (CRS84):
// farmland and woods, more than 20 km from the nearest town of 20,000 inhabitants.
var Centre = orb.Point{2.18, 46.49}

// Period covered by incidents, reviews and measures: From included, To too.
var (
	From = time.Date(2024, time.January, 1, 0, 0, 0, 0, time.UTC)
	To   = time.Date(2026, time.October, 31, 0, 0, 0, 0, time.UTC)
)

// File is a generated file.
type File struct {
	Name    string
	Content []byte
}

// Files generates all the files, in a fixed order. The error tells of a seed by which a
// geometry turns out invalid or a home finds no place: another seed is then needed.
func Files(seed uint64) ([]File, error) {
	land, err := newTerritory(seed)
	if err != nil {
		return nil, err
	}
	areas, err := land.areas()
	if err != nil {
		return nil, err
	}
	zones := newZones(seed, land)
	places := newPlaces(seed, land)
	homes, err := newHomes(seed, land, zones)
	if err != nil {
		return nil, err
	}
	incidents, truth := newIncidents(seed, zones, homes)
	reviews, measures := newReviews(seed, homes, truth)

	files := []File{areas}
	for _, c := range zones.collections() {
		f, err := c.file()
		if err != nil {
			return nil, err
		}
		files = append(files, f)
	}
	reviewFile, err := reviewsFile(reviews)
	if err != nil {
		return nil, err
	}
	planted, err := truth.file(seed)
	if err != nil {
		return nil, err
	}
	return append(files,
		placesFile(places), brigadesFile(places), homesFile(homes), incidentsFile(incidents), reviewFile, measuresFile(measures),
		communesFile(land), under21File(land), newRecordedCrime(seed, land), newIncome(seed, land, zones), planted), nil
}

// stream is the random numbers of one subject, so that a change to one file leaves the
// others as they are.
func stream(seed uint64, subject string) *rand.Rand {
	h := fnv.New64a()
	h.Write([]byte(subject))
	return rand.New(rand.NewPCG(seed, h.Sum64())) // #nosec G404 -- fiction, which the seed repeats
}

// between draws uniformly from [low, high).
func between(r *rand.Rand, low, high float64) float64 { return low + (high-low)*r.Float64() }

// pick draws one of the choices.
func pick[T any](r *rand.Rand, choices ...T) T { return choices[r.IntN(len(choices))] }

// weighted draws an index, with the probability of its weight.
func weighted(r *rand.Rand, weights []float64) int {
	total := 0.0
	for _, w := range weights {
		total += w
	}
	x := r.Float64() * total
	for i, w := range weights {
		if x -= w; x < 0 {
			return i
		}
	}
	return len(weights) - 1
}

func day(t time.Time) string { return t.Format(time.DateOnly) }

func days(n int) time.Duration { return time.Duration(n) * 24 * time.Hour }

func number(n int) string { return fmt.Sprint(n) }
