package siting

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"math"
	"slices"
	"sync"

	"vigie/data"
	"vigie/geo/exposure"
	"vigie/geo/siting"
)

// keptSurfaces is how many surfaces stay in memory: about 20 MB each.
const keptSurfaces = 4

// Surface is the values of the cells of a département, and its header.
type Surface struct {
	Token      string        `json:"token"`
	Department string        `json:"department_code"`
	CellSize   int           `json:"cell_size_m"`
	CRS        string        `json:"crs"`
	Origin     [2]int        `json:"origin"` // east, north of the north-west corner, metres
	Columns    int           `json:"columns"`
	Rows       int           `json:"rows"`
	Bounds     [4]float64    `json:"bounds"`  // west, south, east, north, degrees
	Corners    [4][2]float64 `json:"corners"` // NW, NE, SE, SW, degrees
	Layers     []LayerHeader `json:"layers"`
	Method     Method        `json:"method"`

	// Homes is how many homes bear on the layers of homes and of their supply.
	Homes int `json:"-"`

	surface *siting.Surface
	// readers are the subjects who were given the header.
	readers map[string]bool
}

// LayerHeader tells how the values of a layer are written: value = Offset + Scale·level.
type LayerHeader struct {
	ID     string        `json:"id"`
	Unit   string        `json:"unit"`
	Offset float64       `json:"offset"`
	Scale  float64       `json:"scale"`
	Better siting.Better `json:"better"`
}

// Bytes is the size of AppendValues.
func (s *Surface) Bytes() int { return 2 * len(s.Layers) * s.Columns * s.Rows }

// AppendValues appends the layers one after the other in the header's order, each
// columns·rows little-endian 16-bit levels, row 0 northmost; 65535 is unknown or outside.
func (s *Surface) AppendValues(dst []byte) []byte {
	for i := range s.surface.Layers {
		for _, level := range s.surface.Layers[i].Levels {
			dst = binary.LittleEndian.AppendUint16(dst, level)
		}
	}
	return dst
}

// Surface surveys the cells of a département, of 50 to 500 m; study, when not nil, is one
// of it whose people give the family layer. One that was made for the same data and the
// same visible homes is taken again. It fails when the outline of the département is not
// loaded (*data.InvalidError), and when ctx ends.
func (s *Service) Surface(ctx context.Context, v data.Viewer, department string, cell int, study *Study) (*Surface, error) {
	replaced := ""
	if study != nil {
		replaced = study.OriginSiteID
	}
	on := s.open(v, department, replaced)
	if on.Outline == nil {
		return nil, errNoOutline
	}
	if study != nil {
		places, err := s.need(ctx, on, department, &study.Need)
		if err != nil {
			return nil, err
		}
		for _, p := range places {
			on.Inputs.Origins = append(on.Inputs.Origins, p.Demand)
		}
	}
	token := s.surfaces.token(on, cell)
	return s.surfaces.get(ctx, token, v.Subject(), func() (*Surface, error) { return survey(ctx, on, department, cell, token) })
}

// Values finds a surface by its token: one that is still in memory, and whose header the
// viewer was given. The error is data.ErrNotFound.
func (s *Service) Values(v data.Viewer, token string) (*Surface, error) {
	found := s.surfaces.find(token, v.Subject(), false)
	if found == nil || !v.MayIn(data.RightStudy, found.Department) {
		return nil, data.ErrNotFound
	}
	return found, nil
}

// layersOf are the layers of a surface: every criterion of a cell, and what constraints
// compare besides.
func layersOf(in *siting.Inputs) []string {
	var out []string
	for _, c := range siting.Criteria() {
		if c.ID != siting.Cost && (c.ID != siting.Family || len(in.Origins) > 0) {
			out = append(out, c.ID)
		}
	}
	for _, kind := range append([]string{siting.AnyKind}, in.World.Zones.Kinds()...) {
		out = append(out, "zone_distance:"+kind)
	}
	for _, theme := range exposure.Themes() {
		if !slices.Contains(out, theme) {
			out = append(out, "place_distance:"+theme)
		}
	}
	return out
}

func survey(ctx context.Context, on *basis, department string, cell int, token string) (*Surface, error) {
	system, err := projection(department, on.Outline)
	if err != nil {
		return nil, err
	}
	grid, err := siting.NewGrid(system, on.Outline, cell)
	if err != nil {
		return nil, err
	}
	surveyor, err := siting.NewSurveyor(system, department, &on.Inputs, layersOf(&on.Inputs))
	if err != nil {
		return nil, err
	}
	surface, err := surveyor.Compute(ctx, grid, on.Outline)
	if err != nil {
		return nil, err
	}
	out := &Surface{
		Token: token, Department: department, CellSize: cell, CRS: system.String(), Origin: [2]int{grid.East, grid.North},
		Columns: grid.Columns, Rows: grid.Rows, Bounds: [4]float64{math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)}, Method: on.method, surface: surface,
		Homes: len(on.Inputs.Homes), readers: map[string]bool{},
	}
	for i, p := range grid.Corners() {
		out.Corners[i] = p
		out.Bounds = [4]float64{min(out.Bounds[0], p[0]), min(out.Bounds[1], p[1]), max(out.Bounds[2], p[0]), max(out.Bounds[3], p[1])}
	}
	for i := range surface.Layers {
		l := &surface.Layers[i]
		out.Layers = append(out.Layers, LayerHeader{l.ID, l.Unit, l.Offset, l.Scale, l.Better})
	}
	return out, nil
}

// surfaces keeps the last surfaces that were asked for.
type surfaces struct {
	secret []byte
	mu     sync.Mutex
	kept   []*Surface // the last asked for at the end
	making map[string]chan struct{}
}

func newSurfaces(secret []byte) *surfaces {
	return &surfaces{secret: secret, making: map[string]chan struct{}{}}
}

// token names everything that a surface rests on, and tells nothing of it.
func (s *surfaces) token(on *basis, cell int) string {
	h := hmac.New(sha256.New, s.secret)
	h.Write(on.Version[:])
	number := func(n uint64) { h.Write(binary.BigEndian.AppendUint64(nil, n)) }
	number(uint64(cell))
	for _, o := range on.Inputs.Origins {
		number(math.Float64bits(o.Point[0]))
		number(math.Float64bits(o.Point[1]))
		number(math.Float64bits(o.People))
	}
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil))
}

// find gives a surface to a reader of it, or makes one of the subject.
func (s *surfaces) find(token, subject string, given bool) *Surface {
	s.mu.Lock()
	defer s.mu.Unlock()
	at := slices.IndexFunc(s.kept, func(k *Surface) bool { return k.Token == token && (given || k.readers[subject]) })
	if at < 0 {
		return nil
	}
	found := s.kept[at]
	found.readers[subject] = true
	s.kept = append(slices.Delete(s.kept, at, at+1), found)
	return found
}

// make makes a surface and keeps it. Whoever waits for done goes on even when it panics.
func (s *surfaces) make(token, subject string, done chan struct{}, produce func() (*Surface, error)) (*Surface, error) {
	defer func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.making, token)
		close(done)
	}()
	made, err := produce()
	if err != nil {
		return nil, err
	}
	made.readers[subject] = true
	s.mu.Lock()
	defer s.mu.Unlock()
	s.kept = append(s.kept, made)
	if len(s.kept) > keptSurfaces {
		s.kept = slices.Delete(s.kept, 0, 1)
	}
	return made, nil
}

// get finds a surface or makes it; of several who ask for one at once, one makes it.
func (s *surfaces) get(ctx context.Context, token, subject string, produce func() (*Surface, error)) (*Surface, error) {
	for {
		if found := s.find(token, subject, true); found != nil {
			return found, nil
		}
		s.mu.Lock()
		wait := s.making[token]
		if wait == nil {
			done := make(chan struct{})
			s.making[token] = done
			s.mu.Unlock()
			return s.make(token, subject, done, produce)
		}
		s.mu.Unlock()
		select {
		case <-wait:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}
