package finess

import (
	"fmt"
	"testing"

	"vigie/data/source"
	"vigie/data/source/sourcetest"
)

func TestTmp(t *testing.T) {
	for _, f := range []struct {
		f source.Format
		n string
	}{{Etalab{}, "finess/etalab-cs1100502-extract-20260512.csv"}, {Joined{}, "finess/amenities-finess-sample.csv"}, {JSON{}, "finess/finess-structures-mensuel-202607-echantillon_json.gz"}} {
		for _, opt := range []source.Options{{}, {Services: true}, {Categories: []string{"355", "620", "500", "241", "101", "189", "223", "292"}}} {
			r := sourcetest.File(t, f.f, sourcetest.Real(t, f.n), opt)
			loc := 0
			for _, s := range r.Sites {
				if s.Position != nil {
					loc++
				}
			}
			fmt.Println(f.n, len(r.Sites), loc, r.Err, r.Codes(), len(r.Filtered))
			for _, p := range r.Problems {
				if p.Code != "x" {
					fmt.Println("  ", p.Severity, p.Location(), p.Code, p.Value, p.Message.FR)
				}
			}
			for i, s := range r.Sites {
				if i < 30 && f.f.ID() != "finess-json" || i < 2 {
					fmt.Printf("   %+v %+v %v\n", s, s.Position, r.Locations[i])
				}
			}
		}
	}
}
