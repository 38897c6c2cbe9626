package sites

import (
	"bytes"
	"encoding/json"
	"strings"

	"vigie/api/web"
	"vigie/data"
	"vigie/data/freetext"
	"vigie/data/ingest"
)

// patch is a JSON merge patch (RFC 7396) of a record: a member that is absent
// stays, null empties, a value replaces, and objects are patched member by member.
type patch map[string]json.RawMessage

func isNull(raw json.RawMessage) bool { return bytes.Equal(bytes.TrimSpace(raw), []byte("null")) }

// onto is the change that the patch makes to a record.
func (p patch) onto(r record) (ingest.SitePatch, error) {
	var change ingest.SitePatch
	texts := []struct {
		name  string
		field **string
	}{
		{"finess", &change.FINESS}, {"legal_entity_finess", &change.LegalEntityFINESS}, {"opened_on", &change.OpenedOn},
		{"name", &change.Name}, {"category", &change.Category},
		{"commune_code", &change.CommuneCode}, {"department_code", &change.DepartmentCode},
	}
	for _, t := range texts {
		raw, ok := p[t.name]
		if !ok {
			continue
		}
		var s string
		if err := json.Unmarshal(raw, &s); err != nil {
			return change, web.BadBody(err)
		}
		s = strings.TrimSpace(s)
		*t.field = &s
	}
	if raw, ok := p["address"]; ok {
		a, err := patchAddress(raw, r.Address)
		if err != nil {
			return change, err
		}
		change.Address = &a
	}
	if raw, ok := p["capacity"]; ok {
		var capacity *int
		if err := json.Unmarshal(raw, &capacity); err != nil {
			return change, web.BadBody(err)
		}
		change.Capacity = &capacity
	}
	if raw, ok := p["position"]; ok {
		position, err := patchPosition(raw, r.Position)
		if err != nil {
			return change, err
		}
		change.Position = &position
	}
	return change, freetext.CheckAll(textsOf(change), true) // homes bear the names of saints and benefactors
}

// textsOf are what is written freely in a change, by field.
func textsOf(change ingest.SitePatch) map[string]string {
	texts := map[string]string{}
	if change.Name != nil {
		texts["name"] = *change.Name
	}
	if a := change.Address; a != nil {
		texts["address.street"], texts["address.locality"] = a.Street, a.Locality
	}
	if p := change.Position; p != nil && *p != nil {
		texts["position.source"] = (*p).Source
	}
	return texts
}

func patchAddress(raw json.RawMessage, old address) (data.Address, error) {
	if isNull(raw) {
		return data.Address{}, nil
	}
	var members map[string]*string
	if err := json.Unmarshal(raw, &members); err != nil {
		return data.Address{}, web.BadBody(err)
	}
	for name, field := range map[string]*string{"street": &old.Street, "postal_code": &old.PostalCode, "locality": &old.Locality} {
		if value, ok := members[name]; ok {
			*field = ""
			if value != nil {
				*field = strings.TrimSpace(*value)
			}
		}
	}
	return data.Address(old), nil
}

// patchPosition gives the new position, nil when it is taken away. A point
// placed by hand is surveyed unless the patch says otherwise, and no longer that
// of the file's geocoder.
func patchPosition(raw json.RawMessage, old *position) (*data.Position, error) {
	if isNull(raw) {
		return nil, nil
	}
	var members struct {
		Lon       *float64        `json:"lon"`
		Lat       *float64        `json:"lat"`
		Precision *data.Precision `json:"precision"`
		Source    *string         `json:"source"`
	}
	if err := json.Unmarshal(raw, &members); err != nil {
		return nil, web.BadBody(err)
	}
	next := position{}
	if old != nil {
		next = *old
	}
	moved := members.Lon != nil && *members.Lon != next.Lon || members.Lat != nil && *members.Lat != next.Lat
	if old == nil {
		if members.Lon == nil || members.Lat == nil {
			message := data.Text{FR: "Donnez la longitude et la latitude.", EN: "Give the longitude and the latitude."}
			return nil, &web.Problem{Code: web.CodeInvalidRecord, Detail: message, Problems: []data.Problem{{
				Severity: data.SeverityError, Code: "missing-field", Field: "position", Message: message,
			}}}
		}
		moved = true
	}
	if moved {
		next.Precision, next.Source = data.PrecisionSurveyed, ""
	}
	set(&next.Lon, members.Lon)
	set(&next.Lat, members.Lat)
	set(&next.Precision, members.Precision)
	set(&next.Source, members.Source)
	return &data.Position{Point: point(next), Precision: next.Precision, Source: next.Source}, nil
}
