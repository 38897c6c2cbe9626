package ogc

import (
	"context"
	"errors"
	"math"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"github.com/gin-gonic/gin"
	"github.com/paulmach/orb"
	"pgregory.net/rapid"

	"vigie/data"
)

// A box and its form with heights select the same; a box across the antimeridian
// holds exactly the longitudes that are not in its complement.
func TestBBox(t *testing.T) {
	number := func(f float64) string { return strconv.FormatFloat(f, 'g', -1, 64) }
	rapid.Check(t, func(t *rapid.T) {
		west := rapid.Float64Range(-180, 180).Draw(t, "west")
		east := rapid.Float64Range(-180, 180).Draw(t, "east")
		south := rapid.Float64Range(-90, 90).Draw(t, "south")
		north := rapid.Float64Range(south, 90).Draw(t, "north")
		flat, err := parseBBox(strings.Join([]string{number(west), number(south), number(east), number(north)}, ","))
		if err != nil {
			t.Fatal(err)
		}
		tall, err := parseBBox(strings.Join([]string{number(west), number(south), "-10", number(east), number(north), "9000"}, ","))
		if err != nil {
			t.Fatal(err)
		}
		p := orb.Point{rapid.Float64Range(-180, 180).Draw(t, "lon"), rapid.Float64Range(-90, 90).Draw(t, "lat")}
		inside := p[1] >= south && p[1] <= north
		if west <= east {
			inside = inside && p[0] >= west && p[0] <= east
		} else {
			inside = inside && (p[0] >= west || p[0] <= east)
		}
		if contains(flat, p) != inside || contains(tall, p) != inside {
			t.Fatalf("%v in %v, %v: want %t", p, flat, tall, inside)
		}
	})
}

func contains(bounds []orb.Bound, p orb.Point) bool {
	for _, b := range bounds {
		if b.Contains(p) {
			return true
		}
	}
	return false
}

func FuzzParseBBox(f *testing.F) {
	for _, s := range []string{"1,2,3,4", "1,2,3,4,5,6", "170,-20,-170,-10", "NaN,0,0,0", "1e400,0,0,0", ",,,", "0x1p4,1,2,3", ""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		bounds, err := parseBBox(s)
		if err != nil {
			return
		}
		if len(bounds) == 0 {
			t.Fatal("no bound and no error")
		}
		for _, b := range bounds {
			if !(b.Min[0] >= -180 && b.Max[0] <= 180 && b.Min[1] >= -90 && b.Max[1] <= 90 && b.Min[1] <= b.Max[1] && b.Min[0] <= b.Max[0]) || math.IsNaN(b.Min[0]+b.Max[0]) {
				t.Fatalf("%q gives %v", s, b)
			}
		}
	})
}

// Few go on at a time; who waits too long is told so, and the turns of others come back.
func TestTurns(t *testing.T) {
	turns := newTurns()
	var release []func()
	for range atOnce {
		done, err := turns.take(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		release = append(release, done)
	}
	late, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := turns.take(late); !errors.Is(err, context.Canceled) {
		t.Errorf("one too many: %v", err)
	}
	release[0]()
	done, err := turns.take(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	done()
}

// Of what an Accept header admits, the format that it likes best answers.
func TestFormatAmong(t *testing.T) {
	for accept, want := range map[string]string{
		"": "json", "*/*": "json", "application/json": "json", "text/*": "html", "text/csv": "csv", "text/csv;q=0.5, text/html;q=0.6": "html",
		"text/csv, */*;q=0.1": "csv", "application/geopackage+sqlite3": "gpkg", "application/vnd.apache.parquet;q=0, application/geo+json;q=0.1": "json",
	} {
		c, _ := gin.CreateTestContext(httptest.NewRecorder())
		c.Request = httptest.NewRequest("GET", "/", nil)
		c.Request.Header.Set("Accept", accept)
		if got := formatAmong(c, itemVariants()); got != want {
			t.Errorf("%q: %s, want %s", accept, got, want)
		}
	}
}

// Viewers of different views of one layer take turns without an encoder being made again.
func TestEncodersStay(t *testing.T) {
	s := New(nil, nil, nil, nil, "test", "")
	view := func(name string) *data.Schema {
		return &data.Schema{Layer: data.LayerSites, Columns: []data.Column{{Name: name}}}
	}
	exact, masked := view("name"), view("cell")
	first, err := s.encoderOf(exact)
	if err != nil {
		t.Fatal(err)
	}
	other, err := s.encoderOf(masked)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := s.encoderOf(exact); err != nil || again != first || first == other {
		t.Errorf("%p, then %p (%v); the other %p", first, again, err, other)
	}
}
