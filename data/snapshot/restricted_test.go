package snapshot_test

import (
	"context"
	"reflect"
	"strings"
	"testing"

	"vigie/data"
	"vigie/data/snapshot"
	"vigie/geo/exposure"
)

var (
	openViewer = data.NewViewer(data.ViewerSpec{Subject: "inspector", Precision: data.ViewExact})
	// elsewhere sees homes everywhere, and restricted layers in département 63 only.
	elsewhere = data.NewViewer(data.ViewerSpec{
		Subject: "police", Precision: data.ViewExact,
		Assignments: []data.Assignment{{Role: data.RoleInspector, Restricted: true, Scope: data.Scope{Departments: []string{"63"}}}},
	})
)

func restrictedZone(x, half float64) data.Zone {
	z := zone(data.ZoneZSP, "2023", "Z1", x, 0, half)
	z.Restricted = true
	return z
}

// columns are the names of a viewer's columns of sites.
func (h *house) columns(v data.Viewer) []string {
	h.t.Helper()
	c, ok := h.service.Current().Collection(v, data.LayerSites)
	if !ok {
		h.t.Fatal("no collection of sites")
	}
	var out []string
	for _, column := range c.Schema().Columns {
		out = append(out, column.Name)
	}
	return out
}

func TestRestrictedIndicators(t *testing.T) {
	h := scored(t)
	before := h.properties(openViewer, data.LayerSites, "far")
	for _, v := range []data.Viewer{openViewer, operator} {
		for _, name := range h.columns(v) {
			if strings.HasPrefix(name, exposure.RestrictedPrefix) {
				t.Errorf("%s without a restricted layer", name)
			}
		}
	}
	h.write(data.Batch{PutZones: []data.Zone{restrictedZone(9100, 300)}, Current: &data.Edition{Kind: data.ZoneZSP, Label: "2023"}})

	if after := h.properties(openViewer, data.LayerSites, "far"); !reflect.DeepEqual(before, after) {
		t.Errorf("a restricted zone changes what is open:\n%v\n%v", before, after)
	}
	for _, name := range h.columns(openViewer) {
		if strings.HasPrefix(name, exposure.RestrictedPrefix) || name == "incident_density_500m" || name == "protection_level" {
			t.Errorf("%s is there without the right", name)
		}
	}
	far := h.properties(operator, data.LayerSites, "far")
	if in, ok := far["restricted_zsp_in_zone"].Bool(); !ok || !in {
		t.Errorf("restricted_zsp_in_zone = %q", far["restricted_zsp_in_zone"].Format())
	}
	if !far["zsp_in_zone"].IsNull() {
		t.Errorf("zsp_in_zone = %q, no open ZSP is loaded", far["zsp_in_zone"].Format())
	}
	if d := number(t, far, "restricted_nearest_zone_distance_m"); d != 0 {
		t.Errorf("restricted distance %v", d)
	}
	if open, restricted := number(t, far, "exposure_score"), number(t, far, "restricted_exposure_score"); !(restricted > open) {
		t.Errorf("score %v, %v with the zone that it is in", open, restricted)
	}
	if v, ok := far["incident_density_500m"]; !ok || !v.IsNull() {
		t.Error("what rests on incidents is listed, and unknown")
	}
	// The right holds in a département: elsewhere it gives nothing.
	if v := h.properties(elsewhere, data.LayerSites, "far")["restricted_zsp_in_zone"]; !v.IsNull() {
		t.Errorf("out of the scope of the right: %q", v.Format())
	}
	if v := h.properties(elsewhere, data.LayerSites, "other")["restricted_in_zone"]; v.IsNull() {
		t.Error("nothing in the scope of the right")
	}
	// Kept from one snapshot to the next, or computed from scratch, it is the same.
	fresh, err := snapshot.Open(context.Background(), h.store, snapshot.Options{})
	if err != nil {
		t.Fatal(err)
	}
	s := site("new", "03", 9000, 50)
	h.write(data.Batch{PutSites: []data.StoredSite{s}})
	if err := fresh.Refresh(context.Background()); err != nil {
		t.Fatal(err)
	}
	other := house{t, h.store, fresh}
	if a, b := h.properties(operator, data.LayerSites, "new"), other.properties(operator, data.LayerSites, "new"); !reflect.DeepEqual(a, b) {
		t.Errorf("%v\n%v", a, b)
	}
	if got := h.properties(operator, data.LayerSites, "new")["restricted_exposure_rank"].Format(); got == "" {
		t.Error("no rank with the restricted layers")
	}
}

// TestRestrictedChangesAreSilent: who may not see a restricted zone can't tell that it changed.
func TestRestrictedChangesAreSilent(t *testing.T) {
	h := scored(t)
	h.write(data.Batch{PutZones: []data.Zone{restrictedZone(9100, 300)}, Current: &data.Edition{Kind: data.ZoneZSP, Label: "2023"}})
	tags := func(v data.Viewer) (out []string) {
		for _, layer := range []data.Layer{data.LayerSites, data.LayerZones} {
			out = append(out, h.service.Current().ETag(v, layer))
		}
		return out
	}
	open, all := tags(openViewer), tags(operator)
	if open[0] == all[0] || open[1] == all[1] {
		t.Error("viewers with and without the right have one ETag")
	}
	h.write(data.Batch{PutZones: []data.Zone{restrictedZone(5000, 300)}})
	if got := tags(openViewer); !reflect.DeepEqual(got, open) {
		t.Errorf("a change of a restricted zone shows: %v, %v", open, got)
	}
	if got := tags(operator); got[0] == all[0] || got[1] == all[1] {
		t.Error("who sees the zone gets a new ETag")
	}
	h.write(data.Batch{PutZones: []data.Zone{zone(data.ZoneQPV, "2024", "QN00001X", 0, 0, 320)}})
	if got := tags(openViewer); got[0] == open[0] || got[1] == open[1] {
		t.Error("a change of an open zone gives a new ETag")
	}
}

func TestRestrictedExplanation(t *testing.T) {
	h := scored(t)
	sn := func() *snapshot.Snapshot { return h.service.Current() }
	if x, _ := h.service.Explain(sn(), operator, "far"); x.Restricted != nil {
		t.Error("without a restricted layer there is nothing more to explain")
	}
	h.write(data.Batch{PutZones: []data.Zone{restrictedZone(9100, 300)}, Current: &data.Edition{Kind: data.ZoneZSP, Label: "2023"}})
	for _, v := range []data.Viewer{openViewer, elsewhere} {
		if x, ok := h.service.Explain(sn(), v, "far"); !ok || x.Restricted != nil {
			t.Errorf("%s: %v %+v", v.Subject(), ok, x)
		}
	}
	x, _ := h.service.Explain(sn(), operator, "far")
	if x.Restricted == nil || x.Restricted.Status != "computed" || !(*x.Restricted.Score > *x.Score) {
		t.Fatalf("%+v", x.Restricted)
	}
	named := func(near []snapshot.NearbySite) bool {
		for _, n := range near {
			if n.ID == "Z1" {
				return true
			}
		}
		return false
	}
	if named(x.Nearby) || !named(x.Restricted.Nearby) {
		t.Error("the restricted zone is named in the restricted part only")
	}
	// A right in another département gives the part, without the zone's name.
	if x, _ := h.service.Explain(sn(), elsewhere, "other"); x.Restricted == nil || named(x.Restricted.Nearby) {
		t.Errorf("%+v", x.Restricted)
	}
}

func TestUnknowns(t *testing.T) {
	h := scored(t)
	vague := site("vague", "03", 0, 0)
	vague.Position.Precision = data.PrecisionCommune
	h.write(data.Batch{PutSites: []data.StoredSite{vague}})
	reasons := func(v data.Viewer, id string) map[string]exposure.Reason {
		all, ok := h.service.Current().Unknowns(v, id)
		if !ok {
			t.Fatalf("no answer on %s", id)
		}
		out := map[string]exposure.Reason{}
		p := h.properties(v, data.LayerSites, id)
		for _, u := range all {
			out[u.Indicator] = u.Reason
			if !p[u.Indicator].IsNull() {
				t.Errorf("%s is %q, and said to be unknown", u.Indicator, p[u.Indicator].Format())
			}
			if u.Label.FR == "" || u.ReasonText.FR == "" || u.Missing.EN == "" {
				t.Errorf("%+v lacks words", u)
			}
		}
		return out
	}
	got := reasons(operator, "near")
	for id, want := range map[string]exposure.Reason{
		"qrr_in_zone": exposure.ReasonNotLoaded, "qpv_in_zone": exposure.Known, "incident_density_500m": exposure.ReasonAwaited,
		"station_access_time_min": exposure.ReasonAwaited, "nearest_police_open_at_night_m": exposure.ReasonNoHours, "homes_within_500m": exposure.Known,
	} {
		if got[id] != want {
			t.Errorf("%s: %q, want %q", id, got[id], want)
		}
	}
	if r := reasons(operator, "vague")["qpv_in_zone"]; r != exposure.ReasonTooVague {
		t.Errorf("vague position: %q", r)
	}
	if _, ok := reasons(openViewer, "near")["incident_density_500m"]; ok {
		t.Error("an indicator that does not exist for this viewer has a reason")
	}
	if _, ok := h.service.Current().Unknowns(operator, "nobody"); ok {
		t.Error("an unknown site has reasons")
	}
}

// Two viewers who see different restricted zones never share an ETag, nor does one whose right
// moves to another département.
func TestETagNamesRestrictedZones(t *testing.T) {
	h := scored(t)
	other := restrictedZone(20_000, 300)
	other.Code, other.DepartmentCodes = "Z2", []string{"63"}
	h.write(data.Batch{PutZones: []data.Zone{restrictedZone(9100, 300), other}, Current: &data.Edition{Kind: data.ZoneZSP, Label: "2023"}})
	police := func(department string) data.Viewer {
		return data.NewViewer(data.ViewerSpec{Subject: "police", Precision: data.ViewExact, Assignments: []data.Assignment{
			{Role: data.RoleInspector, Restricted: true, Scope: data.Scope{Departments: []string{department}}},
		}})
	}
	for _, layer := range []data.Layer{data.LayerSites, data.LayerZones} {
		seen := map[string]bool{}
		for _, v := range []data.Viewer{openViewer, police("03"), police("63"), operator} {
			seen[h.service.Current().ETag(v, layer)] = true
		}
		if len(seen) != 4 {
			t.Errorf("%s: %d ETags of 4 views", layer, len(seen))
		}
	}
}
