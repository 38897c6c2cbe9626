package ingest

import (
	"strings"
	"testing"

	"vigie/data"
)

// peopled is a zone whose population the file tells, as JSON; "" without the property.
func peopled(code, population string) string {
	f := zoneFeature(code, square)
	if population != "" {
		f = strings.Replace(f, `"properties":{`, `"properties":{"population":`+population+`,`, 1)
	}
	return f
}

func TestPopulationsOfZones(t *testing.T) {
	b := newBench(t)
	imported := func(population string) *data.Import {
		return b.do(Request{Input: text(t, "z.geojson", collection(peopled("QN00101M", population))), Layer: data.LayerZones})
	}
	population := func() int {
		if n := b.zones()["2024 QN00101M"].Population; n != nil {
			return *n
		}
		return -1
	}
	want(t, imported(""), "created 1 updated 0 unchanged 0 missing 0: new QN00101M")
	if population() != -1 {
		t.Errorf("without a population, %d", population())
	}
	im := imported("1200")
	want(t, im, "created 0 updated 1 unchanged 0 missing 0: attributes QN00101M")
	if population() != 1200 || im.Changes[0].Before != "population: " || im.Changes[0].After != "population: 1200" {
		t.Errorf("%d, %+v", population(), im.Changes)
	}
	want(t, imported("1200"), "created 0 updated 0 unchanged 1 missing 0: ")
	// A file that does not tell it takes nothing away; one that is wrong neither.
	want(t, imported(""), "created 0 updated 0 unchanged 1 missing 0: ")
	im = imported("-3")
	want(t, im, "created 0 updated 0 unchanged 1 missing 0: ")
	if len(im.Problems) != 1 || im.Problems[0].Code != "bad-population" || im.Problems[0].Record != "QN00101M" {
		t.Errorf("%+v", im.Problems)
	}
	im = imported("0")
	if population() != 0 || im.Changes[0].Before != "population: 1200" || im.Changes[0].After != "population: 0" {
		t.Errorf("%d, %+v", population(), im.Changes)
	}
}

// A plain table of figures is imported as what it is.
func TestPlainTableOfStatistics(t *testing.T) {
	b := newBench(t)
	im := b.do(Request{Layer: data.LayerStatistics, Input: text(t, "jeunes.csv", "code_insee;indicateur;annee;valeur;unite\n01004;population_under_21;2022;3412;people\n01053;population_under_21;2022;;people\n")})
	if im.Format != "csv" || im.Edition != "2022" || im.Counts != (data.Counts{Read: 2, Kept: 2, Created: 2}) {
		t.Errorf("%s %s %+v", im.Format, im.Edition, im.Counts)
	}
	got := b.statistics(data.StatisticFilter{Indicators: []string{"population_under_21"}})
	if len(got) != 2 || *got[0].Value != 3412 || got[1].Value != nil || got[1].Status != data.StatisticNotAvailable {
		t.Errorf("%+v", got)
	}
}
