package snapshot

import (
	"slices"

	"vigie/data"
)

// reread lists the départements of a layer to read: nil for all, empty for none.
type reread []string

// changes are the départements whose version of a layer is not that of old.
func changes(old *Snapshot, versions []data.LayerVersion, layer data.Layer) reread {
	if old == nil {
		return nil
	}
	before := map[string]int64{}
	for _, v := range versionsOf(old.versions, layer) {
		before[v.Department] = v.Version
	}
	out := reread{}
	for _, v := range versionsOf(versions, layer) {
		if before[v.Department] != v.Version {
			out = append(out, v.Department)
		}
	}
	return out
}

// none tells whether nothing changed.
func (r reread) none() bool { return r != nil && len(r) == 0 }

// covers tells whether a record that lies in départements comes with those read.
func (r reread) covers(departments ...string) bool {
	if len(departments) == 0 {
		departments = []string{""}
	}
	return r == nil || slices.ContainsFunc(departments, func(d string) bool { return slices.Contains(r, d) })
}

// merge puts what was read in the place of the records of old that came with it. Both are
// in the order of identifiers, and do not change.
func merge[T any](old, read []T, id func(*T) string, covered func(*T) bool) []T {
	if len(old) == 0 {
		return read
	}
	out := make([]T, 0, len(old)+len(read))
	for i := range old {
		if covered(&old[i]) {
			continue
		}
		for len(read) > 0 && id(&read[0]) < id(&old[i]) {
			out, read = append(out, read[0]), read[1:]
		}
		// A record that moved to a département read, since the versions were.
		if len(read) > 0 && id(&read[0]) == id(&old[i]) {
			continue
		}
		out = append(out, old[i])
	}
	return append(out, read...)
}
