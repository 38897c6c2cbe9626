package source

import (
	"slices"
	"strings"
	"testing"

	"vigie/data"
)

// attributes makes the lookup function of a record from "name=value" pairs.
func attributes(pairs ...string) func(string) (string, bool) {
	values := make(map[string]string)
	for _, p := range pairs {
		name, value, _ := strings.Cut(p, "=")
		values[FoldName(name)] = value
	}
	return func(name string) (string, bool) { v, ok := values[name]; return v, ok }
}

func TestZoneFromAttributesKnowsTheEditions(t *testing.T) {
	for _, c := range []struct {
		name  string
		pairs []string
		opt   Options
		want  data.Zone
	}{
		{"QPV 2024", []string{"fid=1.0", "code_qp=QN00202M", "lib_qp=Quartier Nord", "insee_dep=02", "insee_com=02571, 02691", "lib_com=Ormeville, Valmont", "siren_epci=NA"}, Options{},
			data.Zone{Kind: data.ZoneQPV, Edition: "2024", Code: "QN00202M", Name: "Quartier Nord", CommuneCodes: []string{"02571", "02691"}, CommuneNames: []string{"Ormeville", "Valmont"}, DepartmentCodes: []string{"02"}}},
		{"QPV 2015", []string{"CODE_QP=QP02A001", "NOM_QP=Les Cannes", "COMMUNE_QP=Ormeville"}, Options{Kind: data.ZoneQPV},
			data.Zone{Kind: data.ZoneQPV, Edition: "2015", Code: "QP02A001", Name: "Les Cannes", CommuneNames: []string{"Ormeville"}, DepartmentCodes: []string{"2A"}}},
		{"another producer", []string{"Code_QP=QN97412I", "Lib_QP=Le Port", "Insee_Com=97407;97415"}, Options{Edition: "2024 bis"},
			data.Zone{Kind: data.ZoneQPV, Edition: "2024 bis", Code: "QN97412I", Name: "Le Port", CommuneCodes: []string{"97407", "97415"}, DepartmentCodes: []string{"974"}}},
		{"names cut by DBF", []string{"code_quart=QN09301M", "quartier_p=Cité", "code_insee=93001"}, Options{},
			data.Zone{Kind: data.ZoneQPV, Edition: "2024", Code: "QN09301M", Name: "Cité", CommuneCodes: []string{"93001"}, DepartmentCodes: []string{"93"}}},
		{"fields of one's own", []string{"ref_zone=Z7", "titre=Îlot"}, Options{IDField: "REF_ZONE", NameField: "titre", Kind: data.ZoneZSP},
			data.Zone{Kind: data.ZoneZSP, Code: "Z7", Name: "Îlot"}},
		{"a custom zone without code", []string{"nom=Îlot"}, Options{}, data.Zone{Kind: data.ZoneCustom, Name: "Îlot"}},
	} {
		z, problems := ZoneFromAttributes(attributes(c.pairs...), c.opt)
		w := c.want
		if z.Kind != w.Kind || z.Edition != w.Edition || z.Code != w.Code || z.Name != w.Name ||
			!slices.Equal(z.CommuneCodes, w.CommuneCodes) || !slices.Equal(z.CommuneNames, w.CommuneNames) || !slices.Equal(z.DepartmentCodes, w.DepartmentCodes) {
			t.Errorf("%s: %+v, want %+v", c.name, z, w)
		}
		if len(problems) > 0 {
			t.Errorf("%s: problems %+v", c.name, problems)
		}
	}
	z, problems := ZoneFromAttributes(attributes("code_qp=QN00101M", "insee_com=1053; 99999; 01004"), Options{})
	if codes := codesOf(problems); !slices.Equal(z.CommuneCodes, []string{"01053", "01004"}) || !slices.Equal(codes, []string{"leading-zero", "bad-commune-code"}) {
		t.Errorf("communes %v, problems %v", z.CommuneCodes, codes)
	}
}

func TestSiteFromAttributes(t *testing.T) {
	s, problems := SiteFromAttributes(attributes(
		"N° FINESS ET=10000999", "Raison sociale=MECS  Les Ormes ", "Catégorie=Maison d'enfants à caractère social", "Adresse=1 rue Fictive",
		"Code postal=1000", "Commune=Ormeville", "Code INSEE=1053", "Capacité=12,0", "Date d'ouverture=31/01/2004", "Statut=Ouvert"), Options{})
	if s.ID != "010000999" || s.FINESS != s.ID || s.Name != "MECS Les Ormes" || s.Category != "177" || s.Kind != "mecs" ||
		s.Address.PostalCode != "01000" || s.Address.Locality != "Ormeville" || s.CommuneCode != "01053" || s.DepartmentCode != "01" ||
		s.Capacity == nil || *s.Capacity != 12 || s.OpenedOn != "2004-01-31" || s.Status != data.SiteOpen {
		t.Errorf("site %+v", s)
	}
	if codes := codesOf(problems); !slices.Equal(codes, []string{"leading-zero", "leading-zero"}) {
		t.Errorf("problems %v", codes)
	}
	s, _ = SiteFromAttributes(attributes("id=7.0", "kind=mecs", "capacity=0", "closed_on=2020-05-06", "departement=9D"), Options{})
	if s.ID != "7" || s.Name != "7" || s.Category != "177" || s.Capacity != nil || s.Status != data.SiteClosed || s.ClosedOn != "2020-05-06" || s.DepartmentCode != "974" {
		t.Errorf("site %+v", s)
	}
	s, problems = SiteFromAttributes(attributes("id=8", "categorie=Cirque", "capacity=-3", "date_ouverture=hier", "statut=?!x", "finess=123"), Options{})
	codes := codesOf(problems)
	slices.Sort(codes)
	if want := []string{"bad-capacity", "bad-date", "bad-finess", "unknown-category", "unknown-status"}; s.ID != "8" || s.Kind != data.KindOther || !slices.Equal(codes, want) {
		t.Errorf("site %+v, problems %v, want %v", s, codes, want)
	}
}

func TestPlacingDepartments(t *testing.T) {
	for _, c := range []struct {
		raw      string
		want     []string
		problems int
	}{
		{"13 84", []string{"13", "84"}, 0},
		{"84,13", []string{"13", "84"}, 0},
		{"13;84; 13", []string{"13", "84"}, 0},
		{"1 2a 971", []string{"01", "2A", "971"}, 0},
		{"03 13", []string{"13"}, 0}, // its own
		{"03", nil, 0},
		{"", nil, 0},
		{"13 Rhône 20", []string{"13"}, 2},
	} {
		s, problems := SiteFromAttributes(attributes("id=7", "code_commune=03001", "placing_departments="+c.raw), Options{})
		if !slices.Equal(s.PlacingDepartments, c.want) || len(problems) != c.problems {
			t.Errorf("%q: %v, %v", c.raw, s.PlacingDepartments, codesOf(problems))
		}
	}
}

func TestSiteWanted(t *testing.T) {
	for _, c := range []struct {
		category string
		opt      Options
		want     bool
	}{
		{"177", Options{}, true}, {"", Options{}, true}, {"236", Options{}, false}, {"236", Options{Services: true}, true},
		{"295", Options{Services: true}, true}, {"462", Options{}, false}, {"462", Options{Categories: []string{"462"}}, true},
		{"355", Options{}, false}, {"177", Options{Categories: []string{"462"}}, false},
	} {
		m := NewMapper(c.opt)
		if reason, ok := m.Wanted(&data.Site{Category: c.category}); ok != c.want || !ok && reason == "" {
			t.Errorf("category %q with %+v: %v %q", c.category, c.opt, ok, reason)
		}
	}
}

func TestPlaceAndAreaFromAttributes(t *testing.T) {
	for _, c := range []struct {
		pairs    []string
		id, kind string
	}{
		{[]string{"identifiant_public_unite=1000", "service=Brigade de proximité d'Ormeville", "code_commune_insee=01053"}, "1000", "gendarmerie"},
		{[]string{"service=Commissariat d'Ormeville", "code_commune_insee=01053"}, "", "police"},
		{[]string{"TYPEQU=A140", "NOMRS=X", "DEPCOM=01053"}, "", "police"},
		{[]string{"identifiant_de_l_etablissement=0010001A", "type_etablissement=Collège"}, "0010001A", "college"},
		{[]string{"id=3", "type=Parking relais"}, "3", "parking_relais"},
		{[]string{"id=3", "type=Sortie d'autoroute"}, "3", "motorway_exit"},
		{[]string{"id=3", "kind=emergency"}, "3", "emergency"},
		{[]string{"id=3", "typequ=g102"}, "3", "hotel"},
	} {
		p, problems := PlaceFromAttributes(attributes(c.pairs...), Options{})
		if p.ID != c.id || p.Kind != c.kind || len(problems) > 0 {
			t.Errorf("%q: %+v %v", c.pairs, p, problems)
		}
	}
	for _, c := range []struct {
		pairs                         []string
		level, code, name, department string
	}{
		{[]string{"insee_dep=2A", "lib_dep=Corse-du-Sud"}, data.AreaDepartment, "2A", "Corse-du-Sud", "2A"},
		{[]string{"code=01053", "nom=Ormeville"}, data.AreaCommune, "01053", "Ormeville", "01"},
		{[]string{"INSEE_COM=97411", "NOM=X", "INSEE_DEP=974"}, data.AreaCommune, "97411", "X", "974"},
		{[]string{"code=1", "nom=Ain"}, data.AreaDepartment, "01", "Ain", "01"},
	} {
		a, problems := AreaFromAttributes(attributes(c.pairs...), Options{})
		if a.Level != c.level || a.Code != c.code || a.Name != c.name || a.DepartmentCode != c.department || len(problems) > 0 {
			t.Errorf("%q: %+v %v", c.pairs, a, problems)
		}
	}
	if _, problems := AreaFromAttributes(attributes("code=XYZ"), Options{}); len(problems) != 1 || problems[0].Severity != data.SeverityError {
		t.Errorf("an area without INSEE code: %+v", problems)
	}
}

func TestParsePrecision(t *testing.T) {
	for raw, want := range map[string]data.Precision{
		"housenumber": data.PrecisionHouseNumber, "house_number": data.PrecisionHouseNumber, "Numéro de rue": data.PrecisionHouseNumber,
		"Rue": data.PrecisionStreet, "street": data.PrecisionStreet, "Lieu-dit": data.PrecisionLocality, "Ville": data.PrecisionCommune,
		"municipality": data.PrecisionCommune, "33": data.PrecisionCommune, "11": data.PrecisionHouseNumber, "": data.PrecisionUnspecified, "?": data.PrecisionUnspecified,
	} {
		if got := ParsePrecision(raw); got != want {
			t.Errorf("%q: %s, want %s", raw, got, want)
		}
	}
	for _, p := range []data.Precision{data.PrecisionSurveyed, data.PrecisionHouseNumber, data.PrecisionStreet, data.PrecisionLocality, data.PrecisionCommune, data.PrecisionUnspecified} {
		if got := ParsePrecision(string(p)); got != p {
			t.Errorf("%s is not read back: %s", p, got)
		}
	}
}

// No name may stand for two fields by the order of a map.
func TestAliasesAreStable(t *testing.T) {
	for layer, table := range tables() {
		for name, fa := range table {
			if fa.rank == 0 {
				t.Errorf("%s: %q has no rank", layer, name)
			}
		}
	}
	first := tables()[data.LayerSites]
	for name, want := range map[string]Field{"code": FieldID, "commune": FieldCommune, "adresse": FieldStreet, "x": FieldX, "longitude": FieldLon, "ville": FieldCommune, "type": FieldCategory} {
		if first[name].field != want {
			t.Errorf("%q is field %d, want %d", name, first[name].field, want)
		}
	}
}

func TestIssuedID(t *testing.T) {
	a, b := IssuedID("site", "ab", "c"), IssuedID("site", "a", "bc")
	if a == b || a != IssuedID("site", "ab", "c") || !strings.HasPrefix(a, "site-") {
		t.Errorf("%s and %s", a, b)
	}
}

// SiteFromAttributes maps the attributes of a record of any layout to a site,
// without position. get is asked for names as FoldName gives them. The problems
// have no location yet: see Locate.
func SiteFromAttributes(get func(name string) (string, bool), opt Options) (data.Site, []data.Problem) {
	opt.Layer = data.LayerSites
	m := NewMapper(opt)
	return m.Site(m.fill(get))
}

// ZoneFromAttributes is SiteFromAttributes for zones, without geometry.
func ZoneFromAttributes(get func(name string) (string, bool), opt Options) (data.Zone, []data.Problem) {
	opt.Layer = data.LayerZones
	m := NewMapper(opt)
	return m.Zone(m.fill(get))
}

// PlaceFromAttributes is SiteFromAttributes for places, without position.
func PlaceFromAttributes(get func(name string) (string, bool), opt Options) (data.Place, []data.Problem) {
	opt.Layer = data.LayerPlaces
	m := NewMapper(opt)
	return m.Place(m.fill(get))
}

// AreaFromAttributes is SiteFromAttributes for areas, without geometry.
func AreaFromAttributes(get func(name string) (string, bool), opt Options) (data.Area, []data.Problem) {
	opt.Layer = data.LayerAreas
	m := NewMapper(opt)
	return m.Area(m.fill(get))
}
