package shapefile

import (
	"bytes"
	"encoding/binary"
	"math"
	"testing"

	"github.com/paulmach/orb"

	"vigie/data"
	"vigie/data/source"
)

// shpBuilder makes a .shp in memory, so that each trap is plain to see in its test.
type shpBuilder struct {
	kind    uint32
	records [][]byte
}

func (b *shpBuilder) null() *shpBuilder { return b.raw(le32(typeNull)) }

func (b *shpBuilder) raw(content []byte) *shpBuilder {
	b.records = append(b.records, content)
	return b
}

func (b *shpBuilder) point(p orb.Point) *shpBuilder {
	return b.raw(append(le32(typePoint), vertices(p)...))
}

func (b *shpBuilder) polygon(rings ...orb.Ring) *shpBuilder {
	content := append(le32(typePolygon), make([]byte, 32)...)
	content = append(content, le32(uint32(len(rings)))...)
	n := 0
	var starts, points []byte
	for _, r := range rings {
		starts = append(starts, le32(uint32(n))...)
		points = append(points, vertices(r...)...)
		n += len(r)
	}
	content = append(content, le32(uint32(n))...)
	return b.raw(append(append(content, starts...), points...))
}

func (b *shpBuilder) bytes() []byte {
	out := make([]byte, headerSize)
	for i, r := range b.records {
		out = binary.BigEndian.AppendUint32(out, uint32(i+1))
		out = binary.BigEndian.AppendUint32(out, uint32(len(r)/2))
		out = append(out, r...)
	}
	binary.BigEndian.PutUint32(out, fileCode)
	binary.BigEndian.PutUint32(out[24:], uint32(len(out)/2))
	binary.LittleEndian.PutUint32(out[28:], 1000)
	binary.LittleEndian.PutUint32(out[32:], b.kind)
	return out
}

func le32(v uint32) []byte { return binary.LittleEndian.AppendUint32(nil, v) }

func vertices(points ...orb.Point) []byte {
	var out []byte
	for _, p := range points {
		out = binary.LittleEndian.AppendUint64(out, math.Float64bits(p[0]))
		out = binary.LittleEndian.AppendUint64(out, math.Float64bits(p[1]))
	}
	return out
}

// table makes a .dbf of text columns of 40 bytes; a row whose first value begins
// with "\x00" is marked as deleted.
func table(driver byte, columns []string, rows ...[]string) []byte {
	const width = 40
	out := make([]byte, 32)
	out[0], out[29] = 3, driver
	binary.LittleEndian.PutUint32(out[4:], uint32(len(rows)))
	binary.LittleEndian.PutUint16(out[8:], uint16(32+32*len(columns)+1))
	binary.LittleEndian.PutUint16(out[10:], uint16(1+width*len(columns)))
	for _, c := range columns {
		d := make([]byte, 32)
		copy(d[:10], c)
		d[11], d[16] = 'C', width
		out = append(out, d...)
	}
	out = append(out, 0x0d)
	for _, row := range rows {
		mark := byte(' ')
		if len(row[0]) > 0 && row[0][0] == 0 {
			mark, row[0] = '*', row[0][1:]
		}
		out = append(out, mark)
		for _, v := range row {
			out = append(out, v...)
			out = append(out, bytes.Repeat([]byte(" "), width-len(v))...)
		}
	}
	return append(out, 0x1a)
}

type file struct {
	name    string
	content []byte
}

func input(t testing.TB, files ...file) *source.Input {
	t.Helper()
	var named []source.NamedReaderAt
	for _, f := range files {
		named = append(named, source.NamedReaderAt{Name: f.name, Size: int64(len(f.content)), ReaderAt: bytes.NewReader(f.content)})
	}
	in, err := source.FromFiles(named, source.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return in
}

// result is what a read gave.
type result struct {
	zones    []data.Zone
	sites    []data.Site
	areas    []data.Area
	places   []data.Place
	at       []source.Location
	problems []data.Problem
	filtered []string
	err      error
}

func read(t testing.TB, in *source.Input, opt source.Options) *result {
	t.Helper()
	r := &result{}
	r.err = Format{}.Read(t.Context(), in, opt, source.Sink{
		Zone: func(z data.Zone, at source.Location) error {
			r.zones, r.at = append(r.zones, z), append(r.at, at)
			return nil
		},
		Site: func(s data.Site, at source.Location) error {
			r.sites, r.at = append(r.sites, s), append(r.at, at)
			return nil
		},
		Area:     func(a data.Area, at source.Location) error { r.areas = append(r.areas, a); return nil },
		Place:    func(p data.Place, at source.Location) error { r.places = append(r.places, p); return nil },
		Problem:  func(p data.Problem) { r.problems = append(r.problems, p) },
		Filtered: func(reason string) { r.filtered = append(r.filtered, reason) },
	})
	return r
}

// problem finds the only problem of a code.
func (r *result) problem(t testing.TB, code string) data.Problem {
	t.Helper()
	var found []data.Problem
	for _, p := range r.problems {
		if p.Code == code {
			found = append(found, p)
		}
	}
	if len(found) != 1 {
		t.Fatalf("%d problems %q in %v, want one", len(found), code, r.problems)
	}
	if found[0].Message.FR == "" || found[0].Message.EN == "" {
		t.Errorf("problem %q is not said in both languages", code)
	}
	return found[0]
}

func rejected(t testing.TB, err error, code string) data.Problem {
	t.Helper()
	r, ok := source.Rejected(err)
	if !ok || r.Problem.Code != code {
		t.Fatalf("error %v, want a rejection %q", err, code)
	}
	return r.Problem
}
