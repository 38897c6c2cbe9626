package ingest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"vigie/data"
	"vigie/data/source"
)

const crimeHeader = "CODGEO_%s;annee;indicateur;unite_de_compte;nombre;taux_pour_mille;est_diffuse;insee_pop;insee_pop_millesime;insee_log;insee_log_millesime;complement_info_nombre;complement_info_taux\n"

// crime is a communal base of an edition; each row is "commune;year;indicator;count;rate;flag".
func crime(t testing.TB, edition string, rows ...string) *source.Input {
	var b strings.Builder
	fmt.Fprintf(&b, crimeHeader, edition)
	for _, row := range rows {
		f := strings.Split(row, ";")
		fmt.Fprintf(&b, "%s;%s;%s;Victime;%s;%s;%s;10000;2023;5000;2022;0,5;0,25\n", f[0], f[1], f[2], f[3], f[4], f[5])
	}
	return text(t, "donnee-geographie"+edition+".csv", b.String())
}

func (b *bench) statistics(filter data.StatisticFilter) []data.Statistic {
	b.t.Helper()
	var all []data.Statistic
	if err := b.store.Statistics(context.Background(), filter, func(s *data.Statistic) error { all = append(all, *s); return nil }); err != nil {
		b.t.Fatal(err)
	}
	return all
}

const (
	armed     = "01004;2025;Vols avec armes;12;1,2;diff"
	withheld  = "01053;2025;Vols avec armes;NA;NA;ndiff"
	elsewhere = "69123;2025;Vols avec armes;40;4;diff"
)

func (b *bench) importCrime(edition string, r Request, rows ...string) *data.Import {
	b.t.Helper()
	r.Input, r.Layer = crime(b.t, edition, rows...), data.LayerStatistics
	return b.do(r)
}

func TestImportOfStatistics(t *testing.T) {
	b := newBench(t)
	dry := b.importCrime("2026", Request{DryRun: true}, armed, withheld)
	if len(b.statistics(data.StatisticFilter{})) != 0 || b.refresh.Load() != 0 {
		t.Error("a dry run wrote")
	}
	im := b.importCrime("2026", Request{}, armed, withheld)
	// Two figures, a population and a number of dwellings for each commune, and the mean
	// of the département's withheld communes.
	if im.Counts != (data.Counts{Read: 7, Kept: 7, Created: 7}) || dry.Counts != im.Counts || im.Format != "ssmsi" || im.Edition != "2026" {
		t.Errorf("%+v, dry %+v, %s %s", im.Counts, dry.Counts, im.Format, im.Edition)
	}
	got := b.statistics(data.StatisticFilter{Areas: []string{"01053"}, Indicators: []string{"armed_robbery"}})
	if len(got) != 1 || got[0].Value != nil || got[0].Status != data.StatisticNotPublished || *got[0].Denominator != 10000 {
		t.Errorf("the withheld figure: %+v", got)
	}

	before := b.dump(false)
	again := b.importCrime("2026", Request{}, armed, withheld)
	if again.Counts != (data.Counts{Read: 7, Kept: 7, Unchanged: 7}) || len(again.Changes) != 0 || b.dump(false) != before {
		t.Errorf("the same file again: %+v %+v", again.Counts, again.Changes)
	}
	corrected := b.importCrime("2026", Request{}, strings.Replace(armed, "12;1,2", "13;1,3", 1), withheld, elsewhere)
	if c := corrected.Counts; c.Updated != 1 || c.Created != 3 || c.Unchanged != 6 {
		t.Errorf("a corrected file: %+v", c)
	}
	if corrected.Changes[0].Kind != data.ChangeAttributes || corrected.Changes[0].Record != "ssmsi.2026.armed_robbery.commune" || corrected.Changes[0].After != "+1 ~1 =1" {
		t.Errorf("changes %+v", corrected.Changes)
	}
	if _, err := b.service.Undo(context.Background(), b.by, im.ID); !errors.Is(err, data.ErrConflict) {
		t.Errorf("undo of what was corrected since: %v", err)
	}
	if _, err := b.service.Undo(context.Background(), b.by, corrected.ID); err != nil || b.dump(false) != before {
		t.Errorf("undo: %v\n%s", err, b.dump(false))
	}
	if _, err := b.service.Undo(context.Background(), b.by, im.ID); err != nil || len(b.statistics(data.StatisticFilter{})) != 0 {
		t.Errorf("undo of the first: %v", err)
	}
}

// An edition stays beside the next, and readers who ask for the newest see one.
func TestEditionsOfStatisticsStaySideBySide(t *testing.T) {
	b := newBench(t)
	b.importCrime("2025", Request{}, strings.Replace(armed, "12;1,2", "11;1,1", 1), elsewhere)
	b.importCrime("2026", Request{}, armed)
	filter := data.StatisticFilter{Indicators: []string{"armed_robbery"}}
	if got := b.statistics(filter); len(got) != 3 {
		t.Errorf("%+v", got)
	}
	filter.Newest = true
	got := b.statistics(filter)
	if len(got) != 2 || got[0].Edition != "2026" || *got[0].Value != 1.2 || got[1].Area != "69123" || got[1].Edition != "2025" {
		t.Errorf("newest: %+v", got)
	}
}

func TestStatisticsOfADepartment(t *testing.T) {
	b := newBench(t)
	im := b.importCrime("2026", Request{Options: source.Options{Departments: []string{"69"}}}, armed, withheld, elsewhere)
	if im.Counts != (data.Counts{Read: 5, Kept: 3, Created: 3, Filtered: 2}) {
		t.Errorf("%+v", im.Counts)
	}
	_, err := b.service.Import(context.Background(), b.by, Request{
		Input: crime(t, "2026", armed), Layer: data.LayerStatistics, Options: source.Options{Departments: []string{"75"}},
	})
	checkRefusal(t, err, CodeNothingAskedFor, "donnee-geographie2026.csv", 0)

	local := data.NewViewer(data.ViewerSpec{Subject: "local", Precision: data.ViewExact, Writes: true, Departments: []string{"01"}})
	im, err = b.service.Import(context.Background(), local, Request{Input: crime(t, "2026", armed, elsewhere), Layer: data.LayerStatistics})
	if err != nil || im.Counts.Created != 3 || im.Counts.Rejected != 3 || im.ProblemCounts[CodeOutsideScope] != 3 {
		t.Errorf("%+v, %v", im, err)
	}
}

func TestRepeatedFigures(t *testing.T) {
	b := newBench(t)
	im := b.importCrime("2026", Request{}, armed, strings.Replace(armed, "12;1,2", "99;9,9", 1))
	if im.Counts != (data.Counts{Read: 4, Kept: 3, Created: 3, Rejected: 1}) {
		t.Errorf("%+v", im.Counts)
	}
	if p := im.Problems[0]; p.Code != source.CodeDuplicateID || p.Line != 3 || p.Record != "01004" || !strings.Contains(p.Message.EN, "line 2") {
		t.Errorf("%+v", p)
	}
	if got := b.statistics(data.StatisticFilter{Indicators: []string{"armed_robbery"}}); len(got) != 1 || *got[0].Value != 1.2 {
		t.Errorf("the first does not stand: %+v", got)
	}
	_, err := b.service.Import(context.Background(), b.by, Request{Input: crime(t, "2027", armed, armed), Layer: data.LayerStatistics, Strict: true})
	checkRefusal(t, err, CodeStrict, "donnee-geographie2027.csv", 3)
}

// The edition of a file that does not tell it is its last year.
func TestEditionOfPopulations(t *testing.T) {
	b := newBench(t)
	content := "code_commune;annee;population\n01004;2021;14000\n01004;2022;14321\n"
	im := b.do(Request{Input: text(t, "p.csv", content), Layer: data.LayerStatistics})
	got := b.statistics(data.StatisticFilter{Newest: true})
	if im.Edition != "2022" || len(got) != 2 || got[1].Year != 2022 || got[0].Edition != "2022" {
		t.Errorf("%s %+v", im.Edition, got)
	}
	_, err := b.service.Import(context.Background(), b.by, Request{
		Input: text(t, "p.csv", content), Layer: data.LayerStatistics, Options: source.Options{Edition: "deux mille"},
	})
	checkRefusal(t, err, data.CodeInvalidEdition, "p.csv", 0)
}

func TestBadStatistics(t *testing.T) {
	for name, c := range map[string]struct {
		file, content, code string
		line                int
	}{
		"homes":         {"sites.csv", goodSites, "missing-columns", 1},
		"empty":         {"a.csv", fmt.Sprintf(crimeHeader, "2026"), CodeNoRecords, 0},
		"no year":       {"carreaux.csv", "idcar_200m,ind,men,men_pauv\nCRS3035RES200mN2523800E3944600,1,1,1\n", "missing-year", 0},
		"nothing right": {"a.csv", fmt.Sprintf(crimeHeader, "2026") + "x;x;x;x;x;x;x;x;x;x;x;x;x\n", CodeNothingUsable, 2},
	} {
		b := filled(t)
		before := b.dump(true)
		_, err := b.service.Import(context.Background(), b.by, Request{Input: text(t, c.file, c.content), Layer: data.LayerStatistics})
		if r, ok := source.Rejected(err); !ok || r.Problem.Code != c.code || r.Problem.Line != c.line && c.code != "missing-year" {
			t.Errorf("%s: %v, want %s", name, err, c.code)
		}
		if b.dump(true) != before {
			t.Errorf("%s: the store changed", name)
		}
	}
}

const unitsHeader = "service;adresse_geographique;telephone;departement;code_commune_insee;voie;code_postal;commune;geocodage_epsg;geocodage_x;geocodage_y;geocodage_x_GPS;geocodage_y_GPS\n"

func units(t testing.TB, names ...string) *source.Input {
	content := unitsHeader
	for i, name := range names {
		content += fmt.Sprintf("%s;1 rue Fictive;17;01;01004;;01500;Essai;;;;5.35;45.9%d\n", name, i)
	}
	return text(t, "export-pn.csv", content)
}

// What an official file no longer has is told, and removed when that is asked for.
func TestPlacesThatAreGone(t *testing.T) {
	b := newBench(t)
	b.do(Request{Layer: data.LayerPlaces, Input: text(t, "p.csv", "id;type;nom;code_insee;lon;lat\nP;police;À la main;01004;5.35;45.95\n")})
	b.do(Request{Layer: data.LayerPlaces, Input: units(t, "Commissariat A", "Commissariat B", "Commissariat C")})
	before := b.dump(false)
	im := b.do(Request{Layer: data.LayerPlaces, Input: units(t, "Commissariat A", "Commissariat B")})
	if im.Counts.Missing != 1 || im.ProblemCounts[CodeMissingRecords] != 1 || im.ChangeCounts["gone"] != 1 || b.dump(false) != before {
		t.Errorf("%+v %+v", im.Counts, im.Changes)
	}
	im = b.do(Request{Layer: data.LayerPlaces, Input: units(t, "Commissariat A", "Commissariat B"), CloseMissing: true})
	names := map[string]bool{}
	if err := b.store.Places(context.Background(), nil, func(p *data.Place) error { names[p.Name] = true; return nil }); err != nil {
		t.Fatal(err)
	}
	if im.Counts.Missing != 1 || names["Commissariat C"] || !names["Commissariat A"] || !names["À la main"] {
		t.Errorf("%+v, left %v", im.Counts, names)
	}
	if _, err := b.service.Undo(context.Background(), b.by, im.ID); err != nil || b.dump(false) != before {
		t.Errorf("undo: %v", err)
	}
}

func TestHoursAtNightAreCompared(t *testing.T) {
	b := newBench(t)
	night := func(hours string) *source.Input {
		return text(t, "export-gn2.csv", "identifiant_public_unite;"+strings.TrimSuffix(unitsHeader, "\n")+";horaires_accueil;url\n"+
			"7;Brigade fictive;1 rue Fictive;17;01;01004;;01500;Essai;;;;5.35;45.95;"+hours+";\n")
	}
	b.do(Request{Layer: data.LayerPlaces, Input: night("")})
	if im := b.do(Request{Layer: data.LayerPlaces, Input: night("Lundi : 8h00-12h00")}); im.Counts.Updated != 1 {
		t.Errorf("hours that become known: %+v", im.Counts)
	}
	if im := b.do(Request{Layer: data.LayerPlaces, Input: night("Mardi : 8h00-12h00")}); im.Counts.Unchanged != 1 {
		t.Errorf("hours that stay by day: %+v", im.Counts)
	}
}
