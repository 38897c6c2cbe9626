package shapefile

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"

	"github.com/paulmach/orb"

	"vigie/data/source"
)

const (
	fileCode   = 9994
	headerSize = 100
	// maxRecord bounds the content of one record, in bytes: sixteen million vertices.
	maxRecord = 256 << 20
)

// Shape types (ESRI Shapefile Technical Description, 1998). Z and M variants
// only add values after the coordinates, which are not needed here.
const (
	typeNull        = 0
	typePoint       = 1
	typePolyline    = 3
	typePolygon     = 5
	typeMultiPoint  = 8
	typePointZ      = 11
	typePolylineZ   = 13
	typePolygonZ    = 15
	typeMultiPointZ = 18
	typePointM      = 21
	typePolylineM   = 23
	typePolygonM    = 25
	typeMultiPointM = 28
	typeMultiPatch  = 31
)

// shape is the geometry of one record in the file's CRS: nothing, points or rings.
type shape struct {
	kind   uint32
	points []orb.Point
	rings  []orb.Ring
}

// badRecord is what is wrong with one record when the next can still be read.
type badRecord struct{ fr, en string }

func (e *badRecord) Error() string { return e.en }

func bad(fr, en string, args ...any) *badRecord {
	return &badRecord{fmt.Sprintf(fr, args...), fmt.Sprintf(en, args...)}
}

// shpReader reads the records of a .shp in file order; the .shx is not needed.
type shpReader struct {
	r      *bufio.Reader
	file   string
	kind   uint32    // type announced for the whole file
	bound  orb.Bound // announced, in the file's CRS
	length int64     // announced, in bytes
	offset int64     // bytes read
	record int       // 1-based number of the last record read
	// trailing tells that bytes beyond the announced length were left unread.
	trailing bool
	content  bytes.Buffer
}

// newShpReader reads the header. Errors are *data.RejectedError located in file.
func newShpReader(r io.Reader, file string) (*shpReader, error) {
	s := &shpReader{r: bufio.NewReaderSize(r, 1<<16), file: file}
	var header [headerSize]byte
	n, err := io.ReadFull(s.r, header[:])
	if n >= 4 && binary.BigEndian.Uint32(header[:]) != fileCode || n < 4 && err == nil {
		return nil, source.Reject(source.Location{File: file}, source.CodeUnrecognised,
			fmt.Sprintf("ce n’est pas un shapefile : les premiers octets sont % x, attendu 00 00 27 0a.", header[:min(n, 4)]),
			fmt.Sprintf("not a shapefile: the first bytes are % x, expected 00 00 27 0a.", header[:min(n, 4)]))
	}
	if err != nil {
		return nil, s.failure(err, fmt.Sprintf("l’en-tête de %d octets est incomplet", headerSize), fmt.Sprintf("the %d-byte header is incomplete", headerSize))
	}
	s.offset = headerSize
	s.length = int64(binary.BigEndian.Uint32(header[24:])) * 2
	s.kind = binary.LittleEndian.Uint32(header[32:])
	s.bound = orb.Bound{Min: pointAt(header[36:]), Max: pointAt(header[52:])}
	return s, nil
}

// failure locates an error of the underlying reader at the current record.
func (s *shpReader) failure(err error, fr, en string) error {
	return failure(err, source.Location{File: s.file, Line: s.record}, fr, en)
}

// failure makes a located rejection of an error of a reader; fr and en say what is
// missing when it is the end of the file.
func failure(err error, at source.Location, fr, en string) error {
	if _, ok := source.Rejected(err); ok {
		return err
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return source.Reject(at, source.CodeTruncated,
			"le fichier est tronqué : "+fr+". Téléchargez-le à nouveau.",
			"the file is truncated: "+en+". Download it again.")
	}
	return source.Reject(at, source.CodeUnreadable, fmt.Sprintf("lecture impossible : %v", err), fmt.Sprintf("can’t be read: %v", err))
}

// next reads one record. It returns io.EOF after the last one, a *badRecord when
// only this one is unusable, a *data.RejectedError when the file is.
func (s *shpReader) next() (shape, error) {
	head, err := s.r.Peek(8)
	if err != nil && !errors.Is(err, io.EOF) {
		return shape{}, s.failure(err, "", "")
	}
	if s.offset >= s.length && (len(head) < 8 || binary.BigEndian.Uint32(head) != uint32(s.record+1)) {
		// Records beyond the announced length are read when they go on counting: a
		// writer may have died before it wrote the length, and zones must not vanish.
		s.trailing = len(head) > 0
		return shape{}, io.EOF
	}
	s.record++
	if len(head) < 8 {
		return shape{}, s.failure(io.EOF,
			fmt.Sprintf("il finit à l’octet %d alors que son en-tête annonce %d octets", s.offset+int64(len(head)), s.length),
			fmt.Sprintf("it ends at byte %d where its header announces %d bytes", s.offset+int64(len(head)), s.length))
	}
	size := int64(binary.BigEndian.Uint32(head[4:])) * 2
	if size < 4 || size > maxRecord {
		return shape{}, source.Reject(source.Location{File: s.file, Line: s.record}, source.CodeSyntax,
			fmt.Sprintf("enregistrement de %d octets à l’octet %d : attendu de 4 à %d. Le fichier est abîmé.", size, s.offset, maxRecord),
			fmt.Sprintf("a record of %d bytes at byte %d: expected 4 to %d. The file is damaged.", size, s.offset, maxRecord))
	}
	_, _ = s.r.Discard(8) // peeked, so it cannot fail
	s.content.Reset()
	// CopyN grows the buffer as bytes come, so that a false size costs no memory.
	n, err := io.CopyN(&s.content, s.r, size)
	s.offset += 8 + n
	if err != nil {
		return shape{}, s.failure(err,
			fmt.Sprintf("l’enregistrement %d annonce %d octets et n’en a que %d", s.record, size, n),
			fmt.Sprintf("record %d announces %d bytes and has only %d", s.record, size, n))
	}
	return parseShape(s.content.Bytes())
}

// parseShape decodes the content of one record.
func parseShape(b []byte) (shape, error) {
	if len(b) < 4 {
		return shape{}, bad("enregistrement de %d octets : attendu au moins 4.", "a record of %d bytes: expected at least 4.", len(b))
	}
	s := shape{kind: binary.LittleEndian.Uint32(b)}
	var err error
	switch s.kind {
	case typeNull:
	case typePoint, typePointZ, typePointM:
		if len(b) < 20 {
			return shape{}, short(20, len(b))
		}
		p := pointAt(b[4:])
		if math.IsNaN(p[0]) && math.IsNaN(p[1]) {
			break // how some writers mark an empty point
		}
		s.points = []orb.Point{p}
	case typeMultiPoint, typeMultiPointZ, typeMultiPointM:
		s.points, err = parseMultiPoint(b)
	case typePolygon, typePolygonZ, typePolygonM:
		s.rings, err = parsePolygon(b)
	case typePolyline, typePolylineZ, typePolylineM, typeMultiPatch:
		// Known, of no use here: the caller says so with the layer's name.
	default:
		return shape{}, bad("type de géométrie %d inconnu.", "unknown geometry type %d.", s.kind)
	}
	if err != nil {
		return shape{}, err
	}
	for _, p := range s.points {
		if !usable(p) {
			return shape{}, notFinite(p)
		}
	}
	for _, r := range s.rings {
		for _, p := range r {
			if !usable(p) {
				return shape{}, notFinite(p)
			}
		}
	}
	return s, nil
}

func notFinite(p orb.Point) error {
	return bad("coordonnée inutilisable : %g, %g.", "unusable coordinate: %g, %g.", p[0], p[1])
}

// usable tells whether a coordinate is a number; below -1e38 is "no data".
func usable(p orb.Point) bool { return math.Abs(p[0]) < 1e38 && math.Abs(p[1]) < 1e38 }

func short(want, got int) error {
	return bad("enregistrement trop court : %d octets, attendu %d.", "record too short: %d bytes, expected %d.", got, want)
}

func pointAt(b []byte) orb.Point {
	return orb.Point{
		math.Float64frombits(binary.LittleEndian.Uint64(b)),
		math.Float64frombits(binary.LittleEndian.Uint64(b[8:])),
	}
}

func parseMultiPoint(b []byte) ([]orb.Point, error) {
	const fixed = 40
	if len(b) < fixed {
		return nil, short(fixed, len(b))
	}
	n := uint64(binary.LittleEndian.Uint32(b[36:]))
	if uint64(len(b)-fixed) < 16*n {
		return nil, bad("%d points annoncés dans %d octets.", "%d points announced in %d bytes.", n, len(b))
	}
	points := make([]orb.Point, n)
	for i := range points {
		points[i] = pointAt(b[fixed+16*i:])
	}
	return points, nil
}

func parsePolygon(b []byte) ([]orb.Ring, error) {
	const fixed = 44
	if len(b) < fixed {
		return nil, short(fixed, len(b))
	}
	parts := uint64(binary.LittleEndian.Uint32(b[36:]))
	points := uint64(binary.LittleEndian.Uint32(b[40:]))
	if uint64(len(b)-fixed) < 4*parts+16*points {
		return nil, bad("%d anneaux et %d points annoncés dans %d octets.", "%d rings and %d points announced in %d bytes.", parts, points, len(b))
	}
	coordinates := b[fixed+4*parts:]
	// One allocation for all the vertices; the rings are slices of it.
	vertices := make([]orb.Point, points)
	for i := range vertices {
		vertices[i] = pointAt(coordinates[16*i:])
	}
	rings := make([]orb.Ring, 0, parts)
	for i := range parts {
		start := uint64(binary.LittleEndian.Uint32(b[fixed+4*i:]))
		end := points
		if i+1 < parts {
			end = uint64(binary.LittleEndian.Uint32(b[fixed+4*(i+1):]))
		}
		if start > end || end > points || i == 0 && start != 0 {
			return nil, bad("l’anneau %d va du point %d au point %d sur %d.", "ring %d goes from point %d to point %d of %d.", i+1, start, end, points)
		}
		if start < end {
			rings = append(rings, orb.Ring(vertices[start:end:end]))
		}
	}
	if len(rings) == 0 && points > 0 {
		return nil, bad("%d points sans anneau.", "%d points without a ring.", points)
	}
	return rings, nil
}
