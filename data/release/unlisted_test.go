package release_test

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"vigie/data"
	"vigie/data/release"
)

// delist takes homes out of the register: from then on nobody outside knows of them.
func delist(t *testing.T, h house, ids ...string) {
	t.Helper()
	ctx := context.Background()
	var b data.Batch
	err := h.store.Sites(ctx, nil, func(s *data.StoredSite) error {
		if slices.Contains(ids, s.ID) {
			gone := *s
			gone.FINESS, gone.Version = "", s.Version+1
			b.PutSites = append(b.PutSites, gone)
		}
		return nil
	})
	if err != nil || len(b.PutSites) != len(ids) {
		t.Fatal(err, len(b.PutSites))
	}
	if err := h.store.Write(ctx, operator(), &b, data.AuditEntry{At: today, Subject: "operator", Action: "test"}); err != nil {
		t.Fatal(err)
	}
	if err := h.snapshot.Refresh(ctx); err != nil {
		t.Fatal(err)
	}
}

// secrets are homes of the demonstration, in and outside of a priority neighbourhood; the last
// is a living place, which no view shows anyway.
var secrets = []string{"000000018", "000000026", "000000117", "000000448"}

// TestRule9SubtractionLeavesNoHome: the attacker who takes the homes of the register away from
// the rows has none left, whatever the register lacks.
func TestRule9SubtractionLeavesNoHome(t *testing.T) {
	h := openDemo(t)
	delist(t, h, secrets...)
	frozen, report := freeze(t, h, today, key(1))
	if len(report.Placed) > 0 || !report.Holds {
		t.Errorf("placed %v", report.Placed)
	}
	listed := map[[2]string]int{} // by département and category
	err := h.store.Sites(context.Background(), nil, func(s *data.StoredSite) error {
		if s.Listed() && s.Status != data.SiteClosed {
			listed[[2]string{s.DepartmentCode, s.Category}]++
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	rows := map[[2]string]int{}
	for _, row := range frozen.Rows {
		rows[[2]string{row.DepartmentCode, row.Category}]++
		if slices.Contains(secrets, row.SiteID) || row.Category == "462" {
			t.Errorf("the view shows %s, which the register does not list", row.SiteID)
		}
	}
	if !reflect.DeepEqual(rows, listed) {
		t.Errorf("rows %v, homes of the register %v", rows, listed)
	}
	// What it leaves out is said, and is the same however much that is.
	view, _ := h.snapshot.Current().Collection(analyst(), data.LayerSites)
	if d := view.Schema().Description; !strings.Contains(d.FR, "lieux de vie") || strings.ContainsAny(d.FR+d.EN, "0123456789") {
		t.Errorf("%q", d)
	}
}

// TestAuditSubtracts: an export that shows a home which the register lacks is found out, however
// many others are around it.
func TestAuditSubtracts(t *testing.T) {
	h := openDemo(t)
	var all strings.Builder
	all.WriteString("site_id,kind,category,department_code,cell,exposure_class,release\n")
	n := 0
	err := h.store.Sites(context.Background(), nil, func(s *data.StoredSite) error {
		if s.Status != data.SiteClosed && s.Category != "462" {
			n++
			fmt.Fprintf(&all, "p%d,%s,%s,%s,,,naive\n", n, s.Kind, s.Category, s.DepartmentCode)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	attack := func() *release.Report {
		exports := release.Exports{}
		if err := exports.Read("all.csv", strings.NewReader(all.String())); err != nil {
			t.Fatal(err)
		}
		report, err := release.Attack(context.Background(), h.store, h.snapshot.Current(), operator(), exports)
		if err != nil {
			t.Fatal(err)
		}
		return report
	}
	if r := attack(); !r.Holds || len(r.Placed) > 0 {
		t.Errorf("every home is in the register: placed %v", r.Placed)
	}
	delist(t, h, secrets...)
	if r := attack(); r.Holds || !reflect.DeepEqual(r.Placed, secrets[:3]) {
		t.Errorf("placed %v, want %v", r.Placed, secrets[:3])
	}
}

// TestReleasesOfOlderRulesAreWithdrawn: they are served to nobody, another can be frozen
// though they tell too much, and the journal has it once.
func TestReleasesOfOlderRulesAreWithdrawn(t *testing.T) {
	h := openDemo(t)
	delist(t, h, secrets...)
	ctx := context.Background()
	old := &data.Release{ID: "2026-11-01", FrozenAt: today.AddDate(0, 0, -23), K: 5, Bound: 0.1}
	n := 0
	err := h.store.Sites(ctx, nil, func(s *data.StoredSite) error {
		n++
		old.Rows = append(old.Rows, data.MaskedSite{Pseudonym: fmt.Sprint("old", n), SiteID: s.ID, Category: s.Category, Kind: s.Kind, DepartmentCode: s.DepartmentCode, Class: 5})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := h.store.PutRelease(ctx, operator(), old, data.AuditEntry{At: old.FrozenAt, Subject: "operator", Action: release.ActionFreeze}); err != nil {
		t.Fatal(err)
	}
	if err := h.snapshot.Refresh(ctx); err != nil {
		t.Fatal(err)
	}
	if id, _ := h.snapshot.Current().Released(); id != "" {
		t.Errorf("%s is served", id)
	}
	if text, _ := export(t, h, analyst(), "csv", everything); strings.Count(text, "\n") != 1 {
		t.Errorf("rows of a withdrawn release are served: %s", text)
	}
	// Who has it keeps what it told: the audit says so.
	if report, err := release.Attack(ctx, h.store, h.snapshot.Current(), operator(), nil); err != nil || report.Holds || len(report.Placed) == 0 {
		t.Errorf("%+v, %v", report, err)
	}
	first, _ := freeze(t, h, today, key(1))
	if id, _ := h.snapshot.Current().Released(); id != first.ID {
		t.Errorf("%q is served, not %s", id, first.ID)
	}
	freeze(t, h, today.AddDate(0, 4, 0), key(2))
	var withdrawn [][]string
	auditor := data.NewViewer(data.ViewerSpec{Subject: "auditor", Now: today, Assignments: []data.Assignment{{Role: data.RoleAdmin, Scope: data.Scope{National: true}}}})
	page, err := h.store.AuditRecords(ctx, auditor, data.AuditQuery{Action: release.ActionWithdraw, Limit: 10})
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range page {
		withdrawn = append(withdrawn, e.Records)
	}
	if !reflect.DeepEqual(withdrawn, [][]string{{old.ID}}) {
		t.Errorf("the journal has %v", withdrawn)
	}
}
