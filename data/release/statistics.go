package release

import (
	"context"

	"vigie/data"
	"vigie/data/statistics"
	"vigie/geo/disclosure"
)

// published are the figures of every edition of the public statistics that bound how many
// homes of an area are in the top class. A figure v stands for v−2 to v+2.
func (r *register) published(ctx context.Context, store Store) ([]disclosure.CountRange, error) {
	editions, err := store.PublishedEditions(ctx)
	if err != nil {
		return nil, err
	}
	var out []disclosure.CountRange
	for i := range editions {
		stored, err := store.PublishedEdition(ctx, editions[i].ID)
		if err != nil {
			return nil, err
		}
		edition, err := statistics.Decode(stored)
		if err != nil {
			return nil, err
		}
		for j := range edition.Cells {
			cell := &edition.Cells[j]
			if cell.Status != statistics.StatusPublished || cell.Value == nil {
				continue
			}
			c := disclosure.CountRange{High: *cell.Value + 2}
			switch cell.Measure {
			case "exposure_5":
				c.Low = max(0, *cell.Value-2)
			case "exposure_4_5":
			default:
				continue
			}
			if c.Homes = r.of(cell.Level, cell.Area); len(c.Homes) > 0 {
				c.High = min(c.High, len(c.Homes))
				out = append(out, c)
			}
		}
	}
	return out, nil
}

// of lists the homes of an area.
func (r *register) of(level statistics.Level, area string) []int {
	var out []int
	for i := range r.homes {
		department := r.homes[i].Department
		if level == statistics.LevelCountry || level == statistics.LevelDepartment && department == area ||
			level == statistics.LevelRegion && statistics.RegionOf(department) == area {
			out = append(out, i)
		}
	}
	return out
}

// knowledge is what an attacker holds who kept every release and every edition of the
// public statistics.
func (r *register) knowledge(ctx context.Context, store Store) (disclosure.Knowledge, error) {
	known := disclosure.Knowledge{}
	err := store.Releases(ctx, func(stored *data.Release) error {
		known.Releases = append(known.Releases, rows(stored))
		return nil
	})
	if err != nil {
		return known, err
	}
	known.Counts, err = r.published(ctx, store)
	return known, err
}
