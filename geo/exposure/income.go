package exposure

import (
	"cmp"
	"math"
	"slices"

	"github.com/paulmach/orb"

	"vigie/geo/crs"
)

// IncomeGrid holds the households of the cells of statistical grids, in about ten bytes a
// cell: France has 2.3 million of 200 m. It is immutable and safe for concurrent use.
type IncomeGrid struct {
	grids []grid
}

// grid is one grid: a projection and a size of cells.
type grid struct {
	crs    crs.CRS
	size   int
	blocks map[blockAt]*block
}

// blockSide is the side of a block, in cells.
const blockSide = 256

// blockAt is a block's place: the rows and columns of its cells divided by blockSide.
type blockAt struct{ row, column int32 }

// block holds the inhabited cells of a square of the grid, by row, then column.
type block struct {
	cells []uint16 // row·blockSide + column, within the block
	// households of each cell, negative where the producer imputed the values, and the
	// poor ones among them.
	households, poor []float32
}

// IncomeGridBuilder gathers the cells of an IncomeGrid. The zero value is empty.
type IncomeGridBuilder struct {
	out   IncomeGrid
	cells int
}

// Add adds a cell with its number of households (0 or more) and of poor ones among them.
// imputed tells that the producer made up the values for confidentiality. Of a cell that
// is given twice the last stands.
func (b *IncomeGridBuilder) Add(cell crs.GridCell, households, poor float64, imputed bool) {
	i := slices.IndexFunc(b.out.grids, func(g grid) bool { return g.size == cell.Size && g.crs.Code() == cell.CRS.Code() })
	if i < 0 {
		i = len(b.out.grids)
		b.out.grids = append(b.out.grids, grid{crs: cell.CRS, size: cell.Size, blocks: map[blockAt]*block{}})
	}
	at, code := locate(cell.North/cell.Size, cell.East/cell.Size)
	in := b.out.grids[i].blocks[at]
	if in == nil {
		in = &block{}
		b.out.grids[i].blocks[at] = in
	}
	if imputed {
		households = -households
	}
	in.cells = append(in.cells, code)
	in.households, in.poor = append(in.households, float32(households)), append(in.poor, float32(poor))
	b.cells++
}

// Build gives the grid, nil when there are no cells. The builder must not be used again.
func (b *IncomeGridBuilder) Build() *IncomeGrid {
	if b.cells == 0 {
		return nil
	}
	for i := range b.out.grids {
		for _, in := range b.out.grids[i].blocks {
			in.arrange()
		}
	}
	return &b.out
}

// arrange sorts the cells, keeps the last of equal ones, and trims the slices.
func (b *block) arrange() {
	order := make([]int, len(b.cells))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(i, j int) int { return cmp.Or(cmp.Compare(b.cells[i], b.cells[j]), cmp.Compare(i, j)) })
	var out block
	for k, i := range order {
		if k+1 < len(order) && b.cells[order[k+1]] == b.cells[i] {
			continue
		}
		out.cells, out.households, out.poor = append(out.cells, b.cells[i]), append(out.households, b.households[i]), append(out.poor, b.poor[i])
	}
	*b = block{cells: slices.Clip(out.cells), households: slices.Clip(out.households), poor: slices.Clip(out.poor)}
}

// locate splits a cell's row and column into its block and its place there.
func locate(row, column int) (blockAt, uint16) {
	at := blockAt{int32(row >> 8), int32(column >> 8)}
	return at, uint16(row&(blockSide-1))<<8 | uint16(column&(blockSide-1))
}

// Households are those of a disc.
type Households struct {
	All, Poor, Imputed float64
}

// Within sums the households of the disc of radius metres around p (lon, lat): each
// cell's in proportion to the part of it that lies in the disc, so that a metre more or
// less never takes in a whole cell. The disc is drawn in the grid's own projection, whose
// scale differs from 1 by up to a hundredth in France: the radius is off by as much.
func (g *IncomeGrid) Within(p orb.Point, radius float64) Households {
	var out Households
	for i := range g.grids {
		if g.grids[i].crs.Area().Contains(p) {
			g.grids[i].within(p, radius, &out)
		}
	}
	return out
}

func (g *grid) within(p orb.Point, radius float64, out *Households) {
	x, y := g.crs.FromWGS84(p[0], p[1])
	side := float64(g.size)
	cell := func(v float64) int { return int(math.Floor(v / side)) }
	first, last := cell(x-radius), cell(x+radius)
	for row := cell(y - radius); row <= cell(y+radius); row++ {
		for column := first; column <= last; {
			at, code := locate(row, column)
			// As far as the block's last column.
			end := min(last, column|(blockSide-1))
			if b := g.blocks[at]; b != nil {
				k, _ := slices.BinarySearch(b.cells, code)
				for ; k < len(b.cells) && int(b.cells[k]) <= int(code)+end-column; k++ {
					west := float64(column+int(b.cells[k])-int(code))*side - x
					south := float64(row)*side - y
					part := discPart(west, south, side, radius)
					households := part * math.Abs(float64(b.households[k]))
					out.All += households
					out.Poor += part * float64(b.poor[k])
					if b.households[k] < 0 {
						out.Imputed += households
					}
				}
			}
			column = end + 1
		}
	}
}

// discPart is the share of a square that lies in the disc of radius r around the origin;
// (west, south) is its corner.
func discPart(west, south, side, r float64) float64 {
	east, north := west+side, south+side
	if far := math.Hypot(max(-west, east), max(-south, north)); far <= r {
		return 1
	}
	area := quarter(east/r, north/r) - quarter(west/r, north/r) - quarter(east/r, south/r) + quarter(west/r, south/r)
	return min(max(area*r*r/(side*side), 0), 1)
}

// quarter is the area of the part of the unit disc that lies west of x and south of y.
func quarter(x, y float64) float64 {
	x, y = min(max(x, -1), 1), min(max(y, -1), 1)
	// under is the area between the axis and the upper half circle from −1 to x.
	under := func(x float64) float64 { return (x*math.Sqrt(1-x*x) + math.Asin(x) + math.Pi/2) / 2 }
	reach := math.Sqrt(1 - y*y) // the chord at y goes from −reach to reach
	if y < 0 {
		x = min(max(x, -reach), reach)
		return under(x) - under(-reach) + y*(x+reach)
	}
	area := under(x) + under(min(x, -reach)) // the lower half, and the upper one west of the chord
	if x > -reach {
		area += y * (min(x, reach) + reach)
	}
	if x > reach {
		area += under(x) - under(reach)
	}
	return area
}

// deprivationRadius is that of the deprivation around a site, in metres.
const deprivationRadius = 500

// Deprivation is the share of poor households around, for the score: one of two indicators
// stands for it.
const (
	Deprivation     = "deprivation_share"
	nearDeprivation = "poor_household_share_500m"
	wideDeprivation = "commune_poor_share"
)

// DeprivationIs names the indicator that stands for Deprivation, from whether the share of
// poor households nearby is known.
func DeprivationIs(w *World, s Subject) string {
	e := w.NewEvaluator()
	e.Begin(s)
	if w.Income != nil && s.Status == Computed && e.households().All > 0 {
		return nearDeprivation
	}
	return wideDeprivation
}

const incomeSource = "Insee, Filosofi, carreaux de 200 m"

// deprivationIndicators are the poor households around, and what stands for them in the
// score.
func deprivationIndicators() []Indicator {
	missing := Text{
		FR: "Inconnu si le foyer n’est pas localisé, si sa position est le centre de la commune, si aucun carreau n’est chargé ou si personne n’habite à moins de 500\u00a0m\u00a0: jamais 0.",
		EN: "Unknown when the home is not located, when its position is the centre of the commune, when no grid is loaded or when nobody lives within 500 m: never 0.",
	}
	loaded := func(w *World) bool { return w.Income != nil }
	share := func(pick func(Households) float64) func(*Evaluator) Value {
		return func(e *Evaluator) Value {
			if h := e.households(); h.All > 0 {
				return Number(pick(h) / h.All)
			}
			return unknown(ReasonNobody)
		}
	}
	around := Indicator{
		ID: nearDeprivation, Unit: "1", Type: TypeNumber, Decimals: 3, Direction: Risk,
		Label: Text{FR: "Part de ménages pauvres à moins de 500\u00a0m", EN: "Share of poor households within 500 m"},
		Formula: Text{
			FR: "Σ ménages pauvres / Σ ménages des carreaux de 200\u00a0m, chacun selon sa part dans le disque.",
			EN: "Σ poor households / Σ households of the 200 m cells, each by its part in the disc.",
		},
		Missing: missing, Source: incomeSource, loaded: loaded,
		evaluate: share(func(h Households) float64 { return h.Poor }),
	}
	imputed := Indicator{
		ID: "imputed_household_share_500m", Unit: "1", Type: TypeNumber, Decimals: 3, Direction: Context,
		Label: Text{FR: "Part de ménages aux revenus imputés à moins de 500\u00a0m", EN: "Share of households of imputed income within 500 m"},
		Formula: Text{
			FR: "Σ ménages des carreaux que l’Insee impute (moins de 11 ménages) / Σ ménages, chacun selon sa part dans le disque.",
			EN: "Σ households of the cells that Insee imputes (under 11 households) / Σ households, each by its part in the disc.",
		},
		Missing: missing, Source: incomeSource, loaded: loaded,
		evaluate: share(func(h Households) float64 { return h.Imputed }),
	}
	return []Indicator{around, imputed, {
		ID: Deprivation, Unit: "1", Type: TypeNumber, Decimals: 3, Direction: Risk,
		Label: Text{FR: "Part de ménages pauvres autour (à moins de 500\u00a0m, à défaut dans la commune)", EN: "Share of poor households around (within 500 m, otherwise in the commune)"},
		Formula: Text{
			FR: "Part à moins de 500\u00a0m\u00a0; si elle est inconnue, celle de la commune.",
			EN: "Share within 500 m; when it is unknown, that of the commune.",
		},
		Missing: Text{
			FR: "Inconnu si les deux parts le sont\u00a0: jamais 0.",
			EN: "Unknown when both shares are: never 0.",
		},
		Source: "Insee, Filosofi", everywhere: true,
		loaded: func(w *World) bool { return w.Income != nil || len(w.Context) > 0 },
		evaluate: func(e *Evaluator) Value {
			if v := around.Of(e); !v.IsNull() {
				return v
			}
			return e.published(func(c CommuneContext) float64 { return c.PoorShare })
		},
	}}
}
