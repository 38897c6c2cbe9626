package crs

import (
	"bufio"
	"errors"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

func number(t *testing.T, s string) float64 {
	t.Helper()
	v, err := strconv.ParseFloat(s, 64)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// wktCases reads testdata/wkt.txt: code, dialect, definition.
func wktCases(t testing.TB) (cases [][3]string) {
	t.Helper()
	f, err := os.Open("testdata/wkt.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for s := bufio.NewScanner(f); s.Scan(); {
		code, rest, _ := strings.Cut(s.Text(), " ")
		dialect, wkt, ok := strings.Cut(rest, " ")
		if !ok {
			t.Fatalf("testdata/wkt.txt: %q", s.Text())
		}
		cases = append(cases, [3]string{code, dialect, wkt})
	}
	return cases
}

func TestParseWKTOfPROJ(t *testing.T) {
	cases := wktCases(t)
	if len(cases) < 60 {
		t.Fatalf("only %d definitions", len(cases))
	}
	for _, c := range cases {
		if got, err := ParseWKT(c[2]); err != nil || got.String() != "EPSG:"+c[0] {
			t.Errorf("%s of EPSG:%s read as %v, %v", c[1], c[0], got, err)
		}
	}
}

func TestLiveProjinfo(t *testing.T) {
	for _, c := range All()[1:] {
		want := c
		if c.Code() == 4326 {
			want = CRS84
		}
		for _, dialect := range []string{"WKT1_ESRI", "WKT1_GDAL", "WKT2:2015", "WKT2:2019"} {
			wkt := strings.Join(runPROJ(t, "", "projinfo", c.String(), "-o", dialect, "-q"), "\n")
			if got, err := ParseWKT(wkt); err != nil || got != want {
				t.Errorf("%s of %v read as %v, %v", dialect, c, got, err)
			}
		}
	}
}

const (
	rgf93  = `GEOGCS["GCS_RGF_1993",DATUM["D_RGF_1993",SPHEROID["GRS_1980",6378137.0,298.257222101]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]]`
	wgs84  = `GEOGCS["GCS_WGS_1984",DATUM["D_WGS_1984",SPHEROID["WGS_1984",6378137.0,298.257223563]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]]`
	utm20n = `PROJECTION["Transverse_Mercator"],PARAMETER["False_Easting",500000],PARAMETER["False_Northing",0],PARAMETER["Central_Meridian",-63],PARAMETER["Scale_Factor",0.9996],PARAMETER["Latitude_Of_Origin",0]`
)

func TestParseWKTByParameters(t *testing.T) {
	datum := func(wkt, name string) string { return strings.Replace(wkt, "D_WGS_1984", name, 1) }
	lambert93 := `PROJECTION["Lambert_Conformal_Conic"],PARAMETER["False_Easting",700000],PARAMETER["False_Northing",6600000],PARAMETER["Central_Meridian",3],PARAMETER["Standard_Parallel_1",44],PARAMETER["Standard_Parallel_2",49],PARAMETER["Latitude_Of_Origin",46.5],UNIT["Meter",1]]`
	for name, tc := range map[string]struct{ wkt, want string }{
		"any name":     {`PROJCS["Mon projet",` + rgf93 + `,` + lambert93, "EPSG:2154"},
		"lower case":   {`projcs["x",` + rgf93 + `,` + lambert93, "EPSG:2154"},
		"parentheses":  {strings.NewReplacer("[", "(", "]", ")").Replace(`PROJCS["x",` + rgf93 + `,` + lambert93), "EPSG:2154"},
		"line breaks":  {"\ufeff  " + strings.ReplaceAll(`PROJCS["x",`+rgf93+`,`+lambert93, ",", ",\r\n  ") + "\x00\n", "EPSG:2154"},
		"on WGS 84":    {`PROJCS["x",` + wgs84 + `,` + lambert93, "EPSG:2154"},
		"accents":      {`PROJCS["x",` + datum(wgs84, "Réseau géodésique français 1993 v2b") + `,` + lambert93, "EPSG:9794"},
		"compound":     {`COMPD_CS["x",PROJCS["x",` + rgf93 + `,` + lambert93 + `,VERT_CS["NGF-IGN69 height",VERT_DATUM["IGN69",2005],UNIT["metre",1]]]`, "EPSG:2154"},
		"scaled 2SP":   {strings.Replace(`PROJCS["x",`+rgf93+`,`+lambert93, `UNIT["Meter"`, `PARAMETER["Scale_Factor",1],UNIT["Meter"`, 1), "EPSG:2154"},
		"another name": {`PROJCS["RGF93_Lambert_93",` + wgs84 + `,` + utm20n + `,UNIT["Meter",1]]`, "EPSG:32620"},
		"one parallel": {`PROJCS["x",` + rgf93 + `,PROJECTION["Lambert_Conformal_Conic_1SP"],PARAMETER["latitude_of_origin",46.519430223986866],PARAMETER["central_meridian",3],PARAMETER["scale_factor",` + oneParallelScale() + `],PARAMETER["false_easting",700000],PARAMETER["false_northing",` + oneParallelNorthing() + `],UNIT["metre",1]]`, "EPSG:2154"},
		"unnamed":      {`PROJCS["x",` + datum(wgs84, "unknown") + `,` + utm20n + `,UNIT["Meter",1]]`, "EPSG:5490"},
		"grads":        {`PROJCS["x",` + strings.Replace(rgf93, "0.0174532925199433", "0.015707963267948967", 1) + `,PROJECTION["Lambert_Conformal_Conic"],PARAMETER["False_Easting",700000],PARAMETER["False_Northing",6600000],PARAMETER["Central_Meridian",3.3333333333333335],PARAMETER["Standard_Parallel_1",48.888888888888886],PARAMETER["Standard_Parallel_2",54.44444444444444],PARAMETER["Latitude_Of_Origin",51.666666666666664],UNIT["Meter",1]]`, "EPSG:2154"},
		"geographic":   {wgs84, "OGC:CRS84"},
		"authority":    {strings.Replace(`PROJCS["x",`+rgf93+`,`+lambert93, `UNIT["Meter",1]]`, `UNIT["Meter",1],AUTHORITY["EPSG","9793"]]`, 1), "EPSG:2154"}, // the datum is v1
	} {
		if c, err := ParseWKT(tc.wkt); err != nil || c.String() != tc.want {
			t.Errorf("%s: %v, %v; want %s", name, c, err, tc.want)
		}
	}
}

// Lambert-93 restated with one standard parallel, from its own constants.
func oneParallelScale() string {
	l := lambert93()
	sin, cos := math.Sincos(math.Asin(l.n))
	return strconv.FormatFloat(l.n*l.radius(sin)/(l.ell.a*l.ell.parallel(sin, cos)), 'f', -1, 64)
}

func oneParallelNorthing() string {
	l := lambert93()
	return strconv.FormatFloat(l.y0+l.rho0-l.radius(math.Sin(46.519430223986866*degree)), 'f', -1, 64)
}

func lambert93() *lambert {
	c, _ := ByCode(2154)
	return c.definition().proj.(*lambert)
}

func TestParseWKTRefusals(t *testing.T) {
	foreign := strings.Replace(wgs84, "D_WGS_1984", "D_North_American_1927", 1)
	for name, tc := range map[string]struct{ wkt, says string }{
		"empty":            {"", "empty"},
		"text":             {"hello", "expected “[”"},
		"number":           {"42", "keyword"},
		"truncated":        {`PROJCS["RGF93_Lambert_93",GEOGCS["GCS_RGF`, "quotation mark"},
		"unclosed":         {`PROJCS["x",` + rgf93, "expected “,”"},
		"trailing":         {wgs84 + `]`, "after the definition"},
		"deep":             {strings.Repeat("A[", 100), "deeply"},
		"bad number":       {`GEOGCS["x",1.2.3]`, "number"},
		"large":            {strings.Repeat(" ", 65<<10), "64 KiB"},
		"local":            {`LOCAL_CS["chantier",UNIT["metre",1]]`, "neither projected"},
		"vertical":         {`VERT_CS["NGF",VERT_DATUM["IGN69",2005],UNIT["metre",1]]`, "neither projected"},
		"no ellipsoid":     {`GEOGCS["x",DATUM["y"]]`, "ellipsoid"},
		"the Moon":         {`GEOGCS["x",DATUM["Moon_2000",SPHEROID["Moon",1737400,0]],PRIMEM["Reference",0],UNIT["Degree",0.0174532925199433]]`, "size"},
		"foreign datum":    {`PROJCS["x",` + foreign + `,` + utm20n + `,UNIT["Meter",1]]`, "North_American_1927"},
		"NTF":              {`PROJCS["NTF_Lambert_II_étendu",GEOGCS["NTF (Paris)",DATUM["D_NTF",SPHEROID["Clarke_1880_IGN",6378249.2,293.46602]],PRIMEM["Greenwich",0],UNIT["Degree",0.0174532925199433]],PROJECTION["Lambert_Conformal_Conic"],UNIT["Meter",1]]`, "older than RGF93"},
		"Paris meridian":   {strings.Replace(wgs84, `"Greenwich",0.0`, `"Paris",2.33722917`, 1), "Greenwich"},
		"geographic grads": {strings.Replace(wgs84, "0.0174532925199433", "0.015707963267949", 1), "degree"},
		"feet":             {`PROJCS["x",` + wgs84 + `,` + utm20n + `,UNIT["Foot_US",0.3048006096012192]]`, "metre"},
		"kilometres":       {`PROJCS["x",` + wgs84 + `,` + utm20n + `,UNIT["Kilometer",1000]]`, "metre"},
		"other zone":       {`PROJCS["x",` + wgs84 + `,` + strings.Replace(utm20n, "-63", "15", 1) + `,UNIT["Meter",1]]`, "unknown coordinate reference system"},
		"true Mercator":    {`PROJCS["x",` + wgs84 + `,PROJECTION["Mercator_1SP"],PARAMETER["central_meridian",0],UNIT["Meter",1]]`, "unknown projection"},
		"Albers":           {`PROJCS["x",` + wgs84 + `,PROJECTION["Albers"],UNIT["Meter",1]]`, "unknown projection “Albers”"},
		"no projection":    {`PROJCS["x",` + wgs84 + `,UNIT["Meter",1]]`, "unknown projection"},
		"flat cone":        {`PROJCS["x",` + wgs84 + `,PROJECTION["Lambert_Conformal_Conic"],PARAMETER["Standard_Parallel_1",45],PARAMETER["Standard_Parallel_2",-45],UNIT["Meter",1]]`, "parallels"},
		"wild parameter":   {`PROJCS["x",` + wgs84 + `,` + strings.Replace(utm20n, "-63", "1e9", 1) + `,UNIT["Meter",1]]`, "out of range"},
	} {
		c, err := ParseWKT(tc.wkt)
		var e *Error
		if !errors.As(err, &e) {
			t.Errorf("%s: %v, %v; want a refusal", name, c, err)
			continue
		}
		if !strings.Contains(e.EN, tc.says) {
			t.Errorf("%s: %q does not say %q", name, e.EN, tc.says)
		}
		checkFrench(t, e.FR)
	}
}

// checkFrench: French double punctuation follows a no-break space.
func checkFrench(t *testing.T, s string) {
	t.Helper()
	if s == "" {
		t.Error("no French message")
	}
	for _, wrong := range []string{" ;", " :", " »", "« ", " ?", " !", "'"} {
		if strings.Contains(s, wrong) {
			t.Errorf("%q: ordinary space or apostrophe in %q", s, wrong)
		}
	}
}

func TestRealPrjFiles(t *testing.T) {
	for file, want := range map[string]string{
		"QP_METROPOLE_LB93.prj":          "EPSG:2154",
		"QP_LAREUNION_RGR92_UTM40S.prj":  "EPSG:2975",
		"QP_GUADELOUPE_WGS84_UTM20N.prj": "EPSG:32620",
	} {
		b, err := os.ReadFile(testData(t, "qpv2015", file))
		if err != nil {
			t.Fatal(err)
		}
		if c, err := ParseWKT(string(b)); err != nil || c.String() != want {
			t.Errorf("%s: %v, %v; want %s", file, c, err, want)
		}
	}
}

func FuzzParseWKT(f *testing.F) {
	for _, c := range wktCases(f) {
		f.Add(c[2])
	}
	if paths, err := filepath.Glob(filepath.Join(os.Getenv("VIGIE_TEST_DATA"), "qpv2015", "*.prj")); err == nil {
		for _, p := range paths {
			if b, err := os.ReadFile(p); err == nil {
				f.Add(string(b))
			}
		}
	}
	f.Add(`PROJCS["x",GEOGCS["y",DATUM["D_",SPHEROID["z",6378137,298.257223563]]],PROJECTION["Lambert_Conformal_Conic"],PARAMETER["Standard_Parallel_1",1e-320],PARAMETER["Standard_Parallel_2",89]]`)
	f.Fuzz(func(t *testing.T, s string) {
		c, err := ParseWKT(s)
		var e *Error
		switch {
		case err != nil && (!errors.As(err, &e) || e.FR == "" || e.EN == ""):
			t.Fatalf("ParseWKT(%q): poor error %v", s, err)
		case err == nil && int(c.index) >= len(table):
			t.Fatalf("ParseWKT(%q) = %d", s, c.index)
		}
	})
}
