package release

import (
	"context"

	"vigie/data"
	"vigie/data/statistics"
	"vigie/geo/disclosure"
)

// published are the figures of every edition of the public statistics that bound how many
// homes of an area are in a high class. A figure v stands for v−2 to v+2.
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
			c := disclosure.CountRange{Low: max(0, *cell.Value-2), High: *cell.Value + 2}
			switch cell.Measure {
			case "exposure_5":
				c.Secret = disclosure.TopClass
			case "exposure_4_5":
				c.Secret = disclosure.HighClass
			default:
				continue
			}
			if c.Homes = r.of(cell.Level, cell.Area, edition.ListedOnly); len(c.Homes) == 0 {
				continue
			}
			c.High = min(c.High, len(c.Homes))
			out = append(out, c)
			if c.Secret == disclosure.HighClass {
				out = append(out, disclosure.CountRange{Secret: disclosure.TopClass, Homes: c.Homes, High: c.High})
			}
		}
	}
	return out, nil
}

// of lists the homes of an area, or those that the public register lists.
func (r *register) of(level statistics.Level, area string, listed bool) []int {
	var out []int
	for i := range r.homes {
		if listed && r.homes[i].Unlisted {
			continue
		}
		department := r.homes[i].Department
		if level == statistics.LevelCountry || level == statistics.LevelDepartment && department == area ||
			level == statistics.LevelRegion && statistics.RegionOf(department) == area {
			out = append(out, i)
		}
	}
	return out
}

// knowledge is what an attacker holds who kept every release, withdrawn ones too, and every
// edition of the public statistics; stored are the releases as they were frozen, oldest first.
func (r *register) knowledge(ctx context.Context, store Store) (known disclosure.Knowledge, stored []*data.Release, err error) {
	err = store.Releases(ctx, func(release *data.Release) error {
		stored, known.Releases = append(stored, release), append(known.Releases, rows(release))
		return nil
	})
	if err != nil {
		return known, nil, err
	}
	known.Counts, err = r.published(ctx, store)
	return known, stored, err
}
