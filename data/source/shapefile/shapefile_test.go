package shapefile

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/paulmach/orb"
	"pgregory.net/rapid"

	"vigie/data"
	"vigie/data/source"
	"vigie/geo/crs"
)

const lambert93 = `PROJCS["RGF93_Lambert_93",GEOGCS["GCS_RGF_1993",DATUM["D_RGF_1993",SPHEROID["GRS_1980",6378137.0,298.257222101]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]],PROJECTION["Lambert_Conformal_Conic"],PARAMETER["False_Easting",700000.0],PARAMETER["False_Northing",6600000.0],PARAMETER["Central_Meridian",3.0],PARAMETER["Standard_Parallel_1",44.0],PARAMETER["Standard_Parallel_2",49.0],PARAMETER["Latitude_Of_Origin",46.5],UNIT["Meter",1.0]]`

const wgs84 = `GEOGCS["GCS_WGS_1984",DATUM["D_WGS_1984",SPHEROID["WGS_1984",6378137.0,298.257223563]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]]`

// square is clockwise, as the shell of a shapefile.
func square(x, y, side float64) orb.Ring {
	return orb.Ring{{x, y}, {x, y + side}, {x + side, y + side}, {x + side, y}, {x, y}}
}

func reversed(r orb.Ring) orb.Ring {
	r = r.Clone()
	r.Reverse()
	return r
}

var codeAndName = []string{"CODE_QP", "NOM_QP"}

// zones is a shapefile of fictitious zones named after their codes, in degrees.
func zones(t testing.TB, shp *shpBuilder, prj string, rows [][]string, more ...file) *source.Input {
	t.Helper()
	files := []file{{"zones.shp", shp.bytes()}, {"zones.dbf", table(0, codeAndName, rows...)}}
	if prj != "" {
		files = append(files, file{"zones.prj", []byte(prj)})
	}
	return input(t, append(files, more...)...)
}

func polygonFile(rings ...orb.Ring) *shpBuilder {
	b := &shpBuilder{kind: typePolygon}
	for _, r := range rings {
		b.polygon(r)
	}
	return b
}

func TestTexts(t *testing.T) {
	for name, c := range map[string]struct {
		driver byte
		cpg    string
		raw    string
		want   string
		code   string
	}{
		"Windows-1252 without .cpg":      {0x57, "", "L\x92\xc9toile", "L’Étoile", ""},
		"UTF-8 without .cpg":             {0x57, "", "L’Étoile", "L’Étoile", ""},
		"UTF-8 cut at the field's width": {0, "", strings.Repeat("x", 34) + "École"[:5] + "\xc3", strings.Repeat("x", 34) + "Écol", ""},
		"UTF-8 by .cpg":                  {0, "UTF-8", "L’Étoile", "L’Étoile", ""},
		".cpg that lies":                 {0, "utf-8\r\n", "L\x92\xc9toile", "L’Étoile", CodeMixedEncoding},
		"Latin-1 by .cpg":                {0, "ISO 8859-1", "\xc9toile", "Étoile", ""},
		"Latin-9 by .cpg":                {0, "ISO-8859-15", "C\xbdur", "Cœur", ""},
		"code page 850 by driver":        {0x02, "", "Gen\x8at", "Genèt", ""},
		"unknown .cpg":                   {0, "BIG5", "\xc9toile", "Étoile", CodeUnknownEncoding},
	} {
		t.Run(name, func(t *testing.T) {
			var cpg []file
			files := []file{
				{"zones.shp", polygonFile(square(2.3, 48.8, 0.01)).bytes()},
				{"zones.DBF", table(c.driver, codeAndName, []string{"Z1", c.raw})},
				{"zones.prj", []byte(wgs84)},
			}
			if c.cpg != "" {
				cpg = append(cpg, file{"ZONES.cpg", []byte(c.cpg)})
			}
			r := read(t, input(t, append(files, cpg...)...), source.Options{Layer: data.LayerZones})
			if r.err != nil || len(r.zones) != 1 {
				t.Fatalf("%v, %d zones, %v", r.err, len(r.zones), r.problems)
			}
			if r.zones[0].Name != c.want {
				t.Errorf("name %q, want %q", r.zones[0].Name, c.want)
			}
			if c.code != "" {
				r.problem(t, c.code)
			} else if len(r.problems) > 0 {
				t.Errorf("problems %v", r.problems)
			}
		})
	}
}

func TestCRS(t *testing.T) {
	degrees := square(2.3, 48.8, 0.01)
	metres := square(652000, 6862000, 800)
	for name, c := range map[string]struct {
		prj   string
		ring  orb.Ring
		stem  string
		force int
		code  string
		fails bool
	}{
		"declared":                       {prj: lambert93, ring: metres},
		"declared geographic":            {prj: wgs84, ring: degrees},
		"missing, degrees":               {ring: degrees, code: CodeMissingCRS},
		"missing, metres":                {ring: metres, code: source.CodeCRSInferred},
		"values in degrees against .prj": {prj: lambert93, ring: degrees, code: source.CodeWrongCRS},
		"values in metres against .prj":  {prj: wgs84, ring: metres, code: source.CodeWrongCRS},
		"name against geographic .prj":   {prj: wgs84, ring: degrees, stem: "QP_GUYANE_UTM22N", code: CodeNameConflict},
		"latitude first":                 {prj: wgs84, ring: square(48.8, 2.3, 0.01), code: source.CodeSwapped},
		"chosen by the user":             {prj: "not WKT", ring: metres, force: 2154},
		"unknown":                        {prj: `PROJCS["Mars",GEOGCS["Mars"]]`, ring: metres, code: source.CodeUnknownCRS, fails: true},
		"unreadable":                     {prj: "not WKT", ring: metres, code: source.CodeUnknownCRS, fails: true},
	} {
		t.Run(name, func(t *testing.T) {
			stem := c.stem
			if stem == "" {
				stem = "zones"
			}
			files := []file{{stem + ".shp", polygonFile(c.ring).bytes()}, {stem + ".dbf", table(0, codeAndName, []string{"Z1", "Nom"})}}
			if c.prj != "" {
				files = append(files, file{stem + ".prj", []byte(c.prj)})
			}
			opt := source.Options{Layer: data.LayerZones}
			if c.force != 0 {
				forced, _ := crs.ByCode(c.force)
				opt.CRS = &forced
			}
			r := read(t, input(t, files...), opt)
			if c.fails {
				if p := rejected(t, r.err, c.code); p.File != stem+".prj" || !strings.Contains(p.Message.FR, "coordonnées") && !strings.Contains(p.Message.FR, ".prj") {
					t.Errorf("rejection %+v", p)
				}
				return
			}
			if r.err != nil || len(r.zones) != 1 {
				t.Fatalf("%v, %d zones, %v", r.err, len(r.zones), r.problems)
			}
			centre := r.zones[0].Geometry.Bound().Center()
			if math.Abs(centre[0]-2.3) > 0.1 || math.Abs(centre[1]-48.8) > 0.1 {
				t.Errorf("the zone lies at %v", centre)
			}
			if c.code != "" {
				r.problem(t, c.code)
			} else if len(r.problems) > 0 {
				t.Errorf("problems %v", r.problems)
			}
		})
	}
}

// What concerns a whole layer is said once, not for each of its records.
func TestLayerWideProblemsAreSaidOnce(t *testing.T) {
	r := read(t, zones(t, polygonFile(square(2.3, 48.8, 0.01), square(2.4, 48.8, 0.01), square(2.5, 48.8, 0.01)), lambert93,
		[][]string{{"Z1", "a"}, {"Z2", "b"}, {"Z3", "c"}}), source.Options{Layer: data.LayerZones})
	if p := r.problem(t, source.CodeWrongCRS); len(r.zones) != 3 || p.Record != "Z1" {
		t.Errorf("%d zones, problem %+v", len(r.zones), p)
	}
}

func TestRecordsThatCannotBeUsed(t *testing.T) {
	shp := polygonFile(square(2.3, 48.8, 0.01)).null().polygon(orb.Ring{{math.NaN(), 1}, {2, 3}})
	shp.raw(append(le32(typePolygon), 1, 2)).raw(le32(99)).polygon(square(20, 20, 1)).polygon(square(2.4, 48.8, 0.01)).polygon(square(2.5, 48.8, 0.01))
	shp.point(orb.Point{2.3, 48.8}).raw(append(le32(typePolyline), make([]byte, 40)...))
	r := read(t, zones(t, shp, wgs84, [][]string{
		{"Z1", "kept"}, {"Z2", "null"}, {"Z3", "NaN"}, {"Z4", "short"}, {"Z5", "type 99"}, {"Z6", "in Libya"},
		{"\x00Z7", "deleted"}, {"Z1", "same code"}, {"Z9", "point"}, {"Z10", "line"},
	}), source.Options{Layer: data.LayerZones})
	if r.err != nil {
		t.Fatal(r.err)
	}
	if len(r.zones) != 1 || r.zones[0].Code != "Z1" || len(r.filtered) != 1 {
		t.Errorf("zones %v, filtered %v", r.zones, r.filtered)
	}
	want := map[string]struct {
		code string
		line int
	}{
		"Z2": {source.CodeNoGeometry, 2}, "Z3": {source.CodeBadGeometry, 3}, "Z4": {source.CodeBadGeometry, 4}, "Z5": {source.CodeBadGeometry, 5},
		"Z6": {source.CodeOutsideFrance, 6}, "Z1": {source.CodeDuplicateID, 8}, "Z9": {source.CodeGeometryType, 9}, "Z10": {source.CodeBadGeometry, 10},
	}
	errorsFound := 0
	for _, p := range r.problems {
		if p.Severity != data.SeverityError {
			continue
		}
		errorsFound++
		if w, ok := want[p.Record]; !ok || p.Code != w.code || p.Line != w.line || p.File != "zones.shp" {
			t.Errorf("unexpected problem %+v", p)
		}
		if strings.Contains(p.Message.EN, "is kept") {
			t.Errorf("a record set aside is said to be kept: %s", p.Message.EN)
		}
	}
	if errorsFound != len(want) {
		t.Errorf("%d errors, want %d: %v", errorsFound, len(want), r.problems)
	}
	r.problem(t, CodeDeletedRecords)
}

func TestFilesThatCannotBeUsed(t *testing.T) {
	shp := polygonFile(square(2.3, 48.8, 0.01), square(2.4, 48.8, 0.01)).bytes()
	dbf := table(0, codeAndName, []string{"Z1", "a"}, []string{"Z2", "b"})
	prj := file{"z.prj", []byte(wgs84)}
	points := (&shpBuilder{kind: typePoint}).point(orb.Point{2.3, 48.8}).bytes()
	for name, c := range map[string]struct {
		files []file
		code  string
		file  string
		line  int
	}{
		"no .dbf":        {[]file{{"z.shp", shp}, prj}, CodeMissingPart, "z.shp", 0},
		"no .shp":        {[]file{{"z.dbf", dbf}, prj}, CodeMissingPart, "z.dbf", 0},
		"rubbish":        {[]file{{"z.shp", []byte("GIF89a, really")}, {"z.dbf", dbf}}, source.CodeUnrecognised, "z.shp", 0},
		"cut header":     {[]file{{"z.shp", shp[:50]}, {"z.dbf", dbf}, prj}, source.CodeTruncated, "z.shp", 0},
		"cut record":     {[]file{{"z.shp", shp[:len(shp)-10]}, {"z.dbf", dbf}, prj}, source.CodeTruncated, "z.shp", 2},
		"cut between":    {[]file{{"z.shp", shp[:headerSize+8+128]}, {"z.dbf", dbf}, prj}, source.CodeTruncated, "z.shp", 2},
		"cut .dbf":       {[]file{{"z.shp", shp}, {"z.dbf", dbf[:len(dbf)-20]}, prj}, source.CodeTruncated, "z.dbf", 2},
		"no columns":     {[]file{{"z.shp", shp}, {"z.dbf", make([]byte, 40)}, prj}, source.CodeSyntax, "z.dbf", 0},
		"too few rows":   {[]file{{"z.shp", shp}, {"z.dbf", table(0, codeAndName, []string{"Z1", "a"})}, prj}, CodePartsMismatch, "z.dbf", 0},
		"too many rows":  {[]file{{"z.shp", shp}, {"z.dbf", table(0, codeAndName, []string{"Z1", "a"}, []string{"Z2", "b"}, []string{"Z3", "c"})}, prj}, CodePartsMismatch, "z.dbf", 0},
		"wrong geometry": {[]file{{"z.shp", points}, {"z.dbf", table(0, codeAndName, []string{"Z1", "a"})}, prj}, source.CodeGeometryType, "z.shp", 0},
		"huge record":    {[]file{{"z.shp", append(shp[:headerSize:headerSize], 0, 0, 0, 1, 0x7f, 0xff, 0xff, 0xff)}, {"z.dbf", dbf}, prj}, source.CodeSyntax, "z.shp", 1},
	} {
		t.Run(name, func(t *testing.T) {
			r := read(t, input(t, c.files...), source.Options{Layer: data.LayerZones})
			p := rejected(t, r.err, c.code)
			if p.File != c.file || p.Line != c.line || p.Message.FR == "" || p.Message.EN == "" {
				t.Errorf("rejection %+v, want at %s:%d", p, c.file, c.line)
			}
		})
	}
}

// A writer that died before it wrote the length must not make zones vanish, and
// what is no record at the end is said.
func TestLengthOfTheHeader(t *testing.T) {
	shp := polygonFile(square(2.3, 48.8, 0.01), square(2.4, 48.8, 0.01)).bytes()
	short := append([]byte(nil), shp...)
	copy(short[24:28], []byte{0, 0, 0, headerSize / 2})
	for name, content := range map[string][]byte{"short": short, "trailing": append(append([]byte(nil), shp...), "rubbish!!"...)} {
		r := read(t, input(t, file{"z.shp", content}, file{"z.dbf", table(0, codeAndName, []string{"Z1", "a"}, []string{"Z2", "b"})}, file{"z.prj", []byte(wgs84)}),
			source.Options{Layer: data.LayerZones})
		if r.err != nil || len(r.zones) != 2 {
			t.Errorf("%s: %v, %d zones", name, r.err, len(r.zones))
		}
		if name == "trailing" {
			r.problem(t, CodeTrailingBytes)
		}
	}
}

func TestSitesPlacesAreas(t *testing.T) {
	points := (&shpBuilder{kind: typePoint}).point(orb.Point{2.35, 48.85}).null().point(orb.Point{0, 0})
	columns := []string{"finess", "nom", "categorie", "code_insee", "capacite", "precision"}
	rows := [][]string{
		{"75000001", "Foyer des Tilleuls", "177", "75056", "12", "housenumber"},
		{"750000002", "Foyer des Ormes", "175", "75056", "", ""},
		{"750000003", "Service", "236", "75056", "", ""},
	}
	files := func() *source.Input {
		return input(t, file{"s.shp", points.bytes()}, file{"s.dbf", table(0, columns, rows...)}, file{"s.prj", []byte(wgs84)})
	}
	r := read(t, files(), source.Options{Layer: data.LayerSites})
	if r.err != nil || len(r.sites) != 2 || len(r.filtered) != 1 {
		t.Fatalf("%v, sites %+v, filtered %v", r.err, r.sites, r.filtered)
	}
	s := r.sites[0]
	if s.ID != "075000001" || s.Position == nil || s.Position.Point != (orb.Point{2.35, 48.85}) || s.Position.Precision != data.PrecisionHouseNumber ||
		s.Capacity == nil || *s.Capacity != 12 || s.CommuneCode != "75056" || s.Kind != "mecs" {
		t.Errorf("site %+v", s)
	}
	if r.sites[1].Position != nil {
		t.Errorf("a null geometry gives %v", r.sites[1].Position)
	}

	r = read(t, input(t, file{"p.shp", points.bytes()}, file{"p.dbf", table(0, []string{"id", "nom", "type"},
		[]string{"1", "Commissariat central", "police"}, []string{"2", "Gare", "gare"}, []string{"3", "École", "school"})}, file{"p.prj", []byte(wgs84)}),
		source.Options{Layer: data.LayerPlaces})
	if r.err != nil || len(r.places) != 3 || r.places[0].Kind != "police" || r.places[0].Position == nil || r.places[2].Position != nil {
		t.Errorf("%v, places %+v", r.err, r.places)
	}
	r.problem(t, source.CodeZeroCoordinates)

	r = read(t, input(t, file{"a.shp", polygonFile(square(652000, 6862000, 800)).bytes()}, file{"a.dbf", table(0, []string{"INSEE_COM", "NOM"}, []string{"75056", "Paris"})}, file{"a.prj", []byte(lambert93)}),
		source.Options{Layer: data.LayerAreas})
	if r.err != nil || len(r.areas) != 1 || r.areas[0].Level != data.AreaCommune || r.areas[0].DepartmentCode != "75" {
		t.Errorf("%v, areas %+v", r.err, r.areas)
	}
}

func TestLayersOfAnArchive(t *testing.T) {
	near, far := square(2.3, 48.8, 0.01), square(5.4, 43.3, 0.01)
	r := read(t, input(t,
		file{"a.shp", polygonFile(near).bytes()}, file{"a.dbf", table(0, codeAndName, []string{"Z1", "first"})}, file{"a.prj", []byte(wgs84)},
		file{"b.shp", polygonFile(near, far, far).bytes()}, file{"b.dbf", table(0, codeAndName, []string{"Z1", "copy"}, []string{"Z2", "new"}, []string{"Z2", "again"})}, file{"b.prj", []byte(wgs84)},
		file{"c.shp", polygonFile(far).bytes()}, file{"c.dbf", table(0, codeAndName, []string{"Z1", "elsewhere"})}, file{"c.prj", []byte(wgs84)},
		file{"d.shp", (&shpBuilder{kind: typePoint}).point(orb.Point{2.3, 48.8}).bytes()}, file{"d.dbf", table(0, codeAndName, []string{"Z3", "point"})},
	), source.Options{Layer: data.LayerZones})
	if r.err != nil || len(r.zones) != 2 || r.zones[0].Name != "first" || r.zones[1].Name != "new" {
		t.Fatalf("%v, zones %v", r.err, r.zones)
	}
	if p := r.problem(t, source.CodeDuplicateLayer); p.File != "b.shp" || p.Severity != data.SeverityInfo {
		t.Errorf("copy: %+v", p)
	}
	if p := r.problem(t, source.CodeGeometryType); p.File != "d.shp" || p.Severity != data.SeverityWarning {
		t.Errorf("unfit layer: %+v", p)
	}
	repeated := 0
	for _, p := range r.problems {
		if p.Code == source.CodeDuplicateID && p.Severity == data.SeverityError {
			repeated++
		}
	}
	if repeated != 2 {
		t.Errorf("%d repeated identifiers, want Z2 within b and Z1 elsewhere: %v", repeated, r.problems)
	}
}

func TestCancel(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	err := Format{}.Read(ctx, zones(t, polygonFile(square(2, 48, 1)), wgs84, [][]string{{"Z1", "a"}}), source.Options{Layer: data.LayerZones}, source.Sink{})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	stop := errors.New("stop")
	err = Format{}.Read(t.Context(), zones(t, polygonFile(square(2, 48, 0.1)), wgs84, [][]string{{"Z1", "a"}}), source.Options{Layer: data.LayerZones},
		source.Sink{Zone: func(data.Zone, source.Location) error { return stop }})
	if !errors.Is(err, stop) {
		t.Errorf("the sink's error is lost: %v", err)
	}
}

func TestRings(t *testing.T) {
	outer, hole, island := square(0, 0, 10), reversed(square(2, 2, 6)), square(4, 4, 2)
	apart := square(20, 0, 10)
	for name, c := range map[string]struct {
		rings []orb.Ring
		want  orb.MultiPolygon
	}{
		"one shell":                  {[]orb.Ring{outer}, orb.MultiPolygon{{outer}}},
		"hole before its shell":      {[]orb.Ring{hole, outer}, orb.MultiPolygon{{outer, hole}}},
		"island in a hole":           {[]orb.Ring{island, hole, apart, outer}, orb.MultiPolygon{{island}, {apart}, {outer, hole}}},
		"hole outside every shell":   {[]orb.Ring{outer, apart, reversed(square(50, 50, 1))}, orb.MultiPolygon{{outer}, {apart, reversed(square(50, 50, 1))}}},
		"no shell":                   {[]orb.Ring{reversed(outer), hole}, orb.MultiPolygon{{reversed(outer), hole}}},
		"hole larger than its shell": {[]orb.Ring{island, hole, apart}, orb.MultiPolygon{{island, hole}, {apart}}},
		"hole that touches its shell": {
			[]orb.Ring{outer, apart, reversed(square(20, 0, 1))}, orb.MultiPolygon{{outer}, {apart, reversed(square(20, 0, 1))}}},
		"nothing": {nil, nil},
	} {
		if got := polygons(c.rings); !orb.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

// Whatever the rings, each comes out once and only once.
func TestRingsAreAllKept(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var rings []orb.Ring
		for range rapid.IntRange(1, 12).Draw(t, "n") {
			r := square(rapid.Float64Range(0, 10).Draw(t, "x"), rapid.Float64Range(0, 10).Draw(t, "y"), rapid.Float64Range(0.1, 8).Draw(t, "side"))
			if rapid.Bool().Draw(t, "hole") {
				r = reversed(r)
			}
			rings = append(rings, r)
		}
		left := map[*orb.Point]int{}
		for _, r := range rings {
			left[&r[0]]++
		}
		for _, p := range polygons(rings) {
			if len(p) == 0 {
				t.Fatal("an empty polygon")
			}
			for _, r := range p {
				left[&r[0]]--
			}
		}
		for _, n := range left {
			if n != 0 {
				t.Fatal("a ring is lost or repeated")
			}
		}
	})
}

func FuzzSHP(f *testing.F) {
	shp := polygonFile(square(2.3, 48.8, 0.01)).null().polygon(square(0, 0, 1), reversed(square(0.1, 0.1, 0.1))).bytes()
	f.Add(shp)
	f.Add(shp[:150])
	f.Add((&shpBuilder{kind: typePoint}).point(orb.Point{1, 2}).raw(append(le32(typeMultiPoint), make([]byte, 36)...)).bytes())
	f.Fuzz(func(t *testing.T, content []byte) {
		if len(content) == 0 {
			return
		}
		rows := make([][]string, 4)
		for i := range rows {
			rows[i] = []string{string(rune('A' + i)), "x"}
		}
		in := input(t, file{"z.shp", append([]byte{0}, content...)[1:]}, file{"z.dbf", table(0, codeAndName, rows...)})
		r := read(t, in, source.Options{Layer: data.LayerZones})
		checkSane(t, r)
	})
}

func FuzzDBF(f *testing.F) {
	f.Add(table(0x57, codeAndName, []string{"Z1", "L\x92\xc9toile"}), "")
	f.Add(table(0, []string{"CODE_QP", "X", "NOM_QP"}, []string{"Z1", "\xff", "a"}), "UTF-8")
	f.Fuzz(func(t *testing.T, content []byte, cpg string) {
		if len(content) == 0 {
			return
		}
		in := input(t, file{"z.shp", polygonFile(square(2.3, 48.8, 0.01)).bytes()}, file{"z.dbf", content}, file{"z.cpg", []byte(cpg)})
		checkSane(t, read(t, in, source.Options{Layer: data.LayerZones}))
	})
}

// checkSane holds for any bytes: a rejection is located, and what is handed over is usable.
func checkSane(t *testing.T, r *result) {
	t.Helper()
	if r.err != nil {
		if p, ok := source.Rejected(r.err); !ok || p.Problem.File == "" || p.Problem.Message.FR == "" {
			t.Fatalf("error %v is no located rejection", r.err)
		}
	}
	for _, z := range r.zones {
		if z.Code == "" || len(z.Geometry) == 0 || !strings.EqualFold(strings.ToValidUTF8(z.Name, ""), z.Name) {
			t.Fatalf("unusable zone %+v", z)
		}
		b := z.Geometry.Bound()
		if math.IsNaN(b.Min[0]) || math.IsInf(b.Max[0], 0) {
			t.Fatalf("zone at %v", b)
		}
	}
}

func TestZonesHaveAPopulation(t *testing.T) {
	r := read(t, input(t, file{"z.shp", polygonFile(square(2.3, 48.8, 0.01), square(2.4, 48.8, 0.01)).bytes()},
		file{"z.dbf", table(0, []string{"CODE_QP", "POP_MUNICI"}, []string{"QP075001", "1200"}, []string{"QP075002", ""})}, file{"z.prj", []byte(wgs84)}),
		source.Options{Layer: data.LayerZones})
	if r.err != nil || len(r.zones) != 2 || r.zones[0].Population == nil || *r.zones[0].Population != 1200 || r.zones[1].Population != nil {
		t.Errorf("%v, zones %+v", r.err, r.zones)
	}
}
