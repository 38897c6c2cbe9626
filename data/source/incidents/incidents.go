// Package incidents reads tables of incidents as far as validation needs them: which
// site, on which day.
package incidents

import (
	"context"

	"vigie/data"
	"vigie/data/source"
)

var (
	siteColumns = []string{"site_id", "finess", "nofinesset", "foyer", "identifiant_foyer"}
	dateColumns = []string{"occurred_on", "date", "date_incident", "date_des_faits", "survenu_le"}
)

// Incident is one line: the site's identifier and the day, ISO 8601.
type Incident struct {
	Site, Day string
}

// Read calls fn with each incident in file order. A line without a site or a readable
// date gives a located problem and is left out. The error is a *data.RejectedError
// when the file is not such a table.
func Read(ctx context.Context, in *source.Input, problem func(data.Problem), fn func(Incident)) error {
	t, err := source.OpenTable(ctx, in, source.Sink{Problem: problem})
	if err != nil {
		return err
	}
	defer t.Close()
	site, date := t.Column(siteColumns...), t.Column(dateColumns...)
	if site < 0 {
		return t.Require("site_id")
	}
	if date < 0 {
		return t.Require("occurred_on")
	}
	for {
		more, err := t.Next()
		if err != nil || !more {
			return err
		}
		id := t.Get(site)
		if id == "" {
			t.Bad("missing-site", "", site, "identifiant du foyer attendu", "the identifier of the home is expected")
			continue
		}
		day, ok := source.ParseDate(t.Get(date))
		if !ok {
			t.Bad("bad-date", id, date, "date illisible\u00a0: 2026-01-31 ou 31/01/2026 est attendu", "unreadable date: 2026-01-31 or 31/01/2026 is expected")
			continue
		}
		fn(Incident{Site: id, Day: day})
	}
}
