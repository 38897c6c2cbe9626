package ingest

import (
	"slices"
	"testing"

	"github.com/paulmach/orb"
	"pgregory.net/rapid"

	"vigie/data"
)

func home() data.Site {
	return data.Site{
		ID: "010000099", FINESS: "010000099", Name: "Foyer d’Essai", Category: "177", Kind: "mecs", Status: data.SiteOpen,
		Address: data.Address{Street: "3 rue Fictive", PostalCode: "01000", Locality: "ESSAI"}, CommuneCode: "01004", DepartmentCode: "01",
		Position: &data.Position{Point: orb.Point{5.35, 45.95}, Precision: data.PrecisionHouseNumber},
	}
}

func kinds(changes []data.Change) []data.ChangeKind {
	var list []data.ChangeKind
	for _, c := range changes {
		list = append(list, c.Kind)
	}
	return list
}

func TestMergeTakesWhatTheFileChanges(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*data.Site)
		want   data.ChangeKind
	}{
		{"name", func(s *data.Site) { s.Name = "Foyer Nouveau" }, data.ChangeAttributes},
		{"category", func(s *data.Site) { s.Category, s.Kind = "175", "emergency_home" }, data.ChangeCategory},
		{"closing", func(s *data.Site) { s.Status, s.ClosedOn = data.SiteClosed, "2026-01-31" }, data.ChangeClosed},
		{"moved 30 m", func(s *data.Site) {
			s.Position = &data.Position{Point: orb.Point{5.3504, 45.95}, Precision: data.PrecisionHouseNumber}
		}, data.ChangeMoved},
		{"moved 10 cm", func(s *data.Site) {
			s.Position = &data.Position{Point: orb.Point{5.350001, 45.95}, Precision: data.PrecisionHouseNumber}
		}, data.ChangeAttributes},
	} {
		t.Run(c.name, func(t *testing.T) {
			base, in := home(), home()
			c.change(&in)
			m := mergeSite(&base, &base, &in)
			if !sameSite(&m.site, &in) || !sameSite(&m.source, &in) {
				t.Errorf("got %+v", m.site)
			}
			if got := kinds(m.changes); !slices.Equal(got, []data.ChangeKind{c.want}) {
				t.Errorf("changes %v, want %s", m.changes, c.want)
			}
			if c.want == data.ChangeMoved && (m.changes[0].DistanceM < 30 || m.changes[0].DistanceM > 32) {
				t.Errorf("0.0004° of longitude at 46° N is 31.0 m, got %g", m.changes[0].DistanceM)
			}
		})
	}
}

func TestMergeKeepsCorrections(t *testing.T) {
	base := home()
	present := home()
	present.Name = "Foyer corrigé"
	placed := &data.Position{Point: orb.Point{5.36, 45.96}, Precision: data.PrecisionSurveyed}
	present.Position = placed

	same := mergeSite(&base, &present, &base)
	if !sameSite(&same.site, &present) || len(same.changes) != 0 {
		t.Errorf("the file says nothing new: %+v %v", same.site, same.changes)
	}

	in := home()
	in.Name = "Autre nom"
	in.Category, in.Kind = "175", "emergency_home"
	m := mergeSite(&base, &present, &in)
	if m.site.Name != "Foyer corrigé" || *m.site.Position != *placed || m.site.Category != "175" {
		t.Errorf("got %+v", m.site)
	}
	if got := kinds(m.changes); !slices.Equal(got, []data.ChangeKind{data.ChangeKeptByHand, data.ChangeCategory}) {
		t.Errorf("changes %v", m.changes)
	}
	again := mergeSite(&m.source, &m.site, &in)
	if len(again.changes) != 0 {
		t.Errorf("the same file once more: %v", again.changes)
	}
}

func TestMergeOfAHomeAddedByHand(t *testing.T) {
	present := home()
	present.Address = data.Address{}
	in := home()
	in.Name = "Nom du registre"
	m := mergeSite(nil, &present, &in)
	if m.site.Name != present.Name || m.site.Address != in.Address {
		t.Errorf("what a person gave is kept, what is empty is filled: %+v", m.site)
	}
}

func TestMergeNeverEmpties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		base, present, in := drawSite(t, "base"), drawSite(t, "present"), drawSite(t, "in")
		in.CommuneCode, in.DepartmentCode = base.CommuneCode, base.DepartmentCode
		m := mergeSite(&base, &present, &in)
		for _, f := range siteFields() {
			if f.given(&present) && !f.given(&m.site) {
				t.Fatalf("%s was emptied", f.name)
			}
			if f.given(&in) && !f.same(&m.source, &in) {
				t.Fatalf("%s of the source is not what the file gave", f.name)
			}
			if f.given(&present) && !f.same(&present, &base) && !f.same(&m.site, &present) {
				t.Fatalf("the correction of %s was lost", f.name)
			}
		}
		again := mergeSite(&m.source, &m.site, &in)
		if len(again.changes) != 0 || !sameSite(&again.site, &m.site) || !sameSite(&again.source, &m.source) {
			t.Fatalf("not idempotent: %v", again.changes)
		}
	})
}

// drawSite draws a site of few values, so that fields of different draws are often equal.
func drawSite(t *rapid.T, label string) data.Site {
	pick := func(name string, values ...string) string {
		return rapid.SampledFrom(values).Draw(t, label+" "+name)
	}
	s := data.Site{
		ID: "x", Name: pick("name", "A", "B"), FINESS: pick("finess", "", "010000099"), OpenedOn: pick("opened", "", "2001-01-01", "2002-02-02"),
		Address: data.Address{Street: pick("street", "", "1 rue A", "2 rue B")}, CommuneCode: "01004", DepartmentCode: "01",
		Category: pick("category", "", "177", "175"), Status: data.SiteStatus(pick("status", "open", "closed")),
	}
	s.Kind = data.KindOfCategory(s.Category)
	if n := rapid.IntRange(0, 2).Draw(t, label+" capacity"); n > 0 {
		s.Capacity = &n
	}
	if n := rapid.IntRange(0, 2).Draw(t, label+" position"); n > 0 {
		s.Position = &data.Position{Point: orb.Point{5 + float64(n)/100, 46}, Precision: data.PrecisionStreet}
	}
	return s
}

func TestMoveWithoutPosition(t *testing.T) {
	base := home()
	in := home()
	in.Position = nil
	in.Address.Street = "8 rue Autre"
	if m := mergeSite(&base, &base, &in); m.site.Position == nil || !m.positionOlder || m.positionDropped {
		t.Errorf("another street of the commune: the position is in doubt, not lost: %+v", m)
	}
	in.CommuneCode = "01053"
	m := mergeSite(&base, &base, &in)
	if m.site.Position != nil || !m.positionDropped {
		t.Errorf("another commune: the old position is wrong: %+v", m)
	}
	again := mergeSite(&m.source, &m.site, &in)
	if len(again.changes) != 0 || again.positionDropped {
		t.Errorf("the same file once more: %+v", again)
	}

	placed := home()
	placed.Position = &data.Position{Point: orb.Point{5.5, 46}, Precision: data.PrecisionSurveyed}
	if m := mergeSite(&base, &placed, &in); m.site.Position == nil {
		t.Error("a position placed by hand went")
	}
}

func TestAbsorb(t *testing.T) {
	keep, other := home(), home()
	keep.Status, keep.ClosedOn, keep.Capacity, keep.Address = data.SiteClosed, "2020-01-01", nil, data.Address{}
	n := 8
	other.Name, other.Capacity = "Autre", &n
	got := absorb(&keep, &other)
	if got.Name != keep.Name || *got.Capacity != 8 || got.Address != other.Address {
		t.Errorf("got %+v", got)
	}
	if got.Status != data.SiteOpen || got.ClosedOn != "" {
		t.Error("an open home vanished by a merge")
	}
	n = 9
	if *got.Capacity != 8 {
		t.Error("the two homes share memory")
	}
}
