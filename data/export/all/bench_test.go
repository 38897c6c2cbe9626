package all_test

import (
	"fmt"
	"io"
	"os"
	"regexp"
	"strconv"
	"testing"

	"github.com/paulmach/orb"

	"vigie/data"
	"vigie/data/export/all"
)

// BenchmarkMillion writes 1,000,000 homes of 20 columns. The peak is that of the
// process: run one format at a time, -bench 'Million/csv' -benchtime 1x.
func BenchmarkMillion(b *testing.B) {
	const features = 1_000_000
	schema := &data.Schema{Layer: data.LayerSites, Geometry: "Point"}
	for i := range 20 {
		types := [...]data.ColumnType{data.TypeString, data.TypeInteger, data.TypeNumber, data.TypeNumber, data.TypeBoolean}
		schema.Columns = append(schema.Columns, data.Column{Name: fmt.Sprintf("column_%02d", i), Type: types[i%5], Decimals: 3})
	}
	for _, f := range all.Formats() {
		b.Run(f.ID, func(b *testing.B) {
			for b.Loop() {
				w, err := all.Writer(f.ID, io.Discard, schema, all.Options{})
				if err != nil {
					b.Fatal(err)
				}
				home := &data.Feature{Values: make([]data.Value, len(schema.Columns))}
				for n := range features {
					fill(home, n)
					if err := w.Write(home); err != nil {
						b.Fatal(err)
					}
				}
				if err := w.Close(); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(peak(b), "MB-peak")
		})
	}
}

var categories = [...]string{"Foyer départemental de l’enfance", "Maison d’enfants à caractère social", "Pouponnière", "Lieu de vie"}

func fill(f *data.Feature, n int) {
	f.ID = strconv.Itoa(n)
	f.Geometry = orb.Point{2.6 + float64(n%1000)*1e-3, 46.4 + float64(n/1000)*1e-3}
	for i := range f.Values {
		switch i % 5 {
		case 0:
			f.Values[i] = data.String(categories[(n+i)%len(categories)])
		case 1:
			f.Values[i] = data.Integer(n % (100 + i))
		case 4:
			f.Values[i] = data.Boolean(n%(2+i) == 0)
		default:
			f.Values[i] = data.Number(float64(n*(i+1)%100_003) / 7)
		}
	}
	f.Values[0] = data.String(f.ID)
}

var highWater = regexp.MustCompile(`VmHWM:\s+(\d+) kB`)

// peak is the largest resident memory of the process so far, in MB.
func peak(b *testing.B) float64 {
	status, err := os.ReadFile("/proc/self/status")
	m := highWater.FindSubmatch(status)
	if err != nil || m == nil {
		b.Skip("the system does not tell the peak of memory")
	}
	kB, _ := strconv.ParseFloat(string(m[1]), 64)
	return kB / 1024
}
