package disclosure

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"maps"
	"math"
	"slices"

	"vigie/geo/crs"
)

// Row is one home in a masked export.
type Row struct {
	// Pseudonym is that of the release.
	Pseudonym            string
	Department, Category string
	// Cell is the identifier of the square, "" for the département.
	Cell string
	// Labels has one label for each attribute, -1 when it is not known. nil shows none.
	Labels []int
	// Bands has one band an indicator, -1 when it is not known. nil shows none.
	Bands []int
}

// Release is what recipients of one release hold together. Some homes may be missing from
// it: exports can be filtered.
type Release struct{ Rows []Row }

// Join is what colluding recipients of one release know: the union of their exports,
// joined by pseudonym, in order of first appearance. It is an error, and a breach of rule 9,
// when two rows of a pseudonym disagree.
func Join(exports ...[]Row) (Release, error) {
	var joined Release
	at := map[string]int{}
	for _, rows := range exports {
		for _, row := range rows {
			k, ok := at[row.Pseudonym]
			if !ok {
				at[row.Pseudonym] = len(joined.Rows)
				joined.Rows = append(joined.Rows, row)
				continue
			}
			have := &joined.Rows[k]
			if have.Department != row.Department || have.Category != row.Category || have.Cell != row.Cell ||
				have.Labels != nil && row.Labels != nil && !slices.Equal(have.Labels, row.Labels) ||
				have.Bands != nil && row.Bands != nil && !slices.Equal(have.Bands, row.Bands) {
				return Release{}, fmt.Errorf("pseudonym %s: two recipients were told different things", row.Pseudonym)
			}
			if have.Labels == nil {
				have.Labels = row.Labels
			}
			if have.Bands == nil {
				have.Bands = row.Bands
			}
		}
	}
	return joined, nil
}

// CountRange is a published statistic: among the homes with an index in Homes, from
// Low to High have the secret of that place among those of all attributes. A figure r of [Table.Suppress] stands for r-2 to r+2; a hidden one
// says nothing.
type CountRange struct {
	Secret    int
	Homes     []int
	Low, High int
}

// Point is an answer of the service about a place, asked at the address of a listed home.
// Likelihood is the probability of the answer for each label of the attribute.
type Point struct {
	Home, Attribute int
	Likelihood      []float64
}

// Knowledge is what an attacker holds besides the register.
type Knowledge struct {
	// Releases are in the order of time. Exports of one release are joined: see [Join].
	Releases []Release
	Counts   []CountRange
	Points   []Point
	// Areas are areas of départements in m², by code.
	Areas map[string]float64
}

// Standing is what the attacker knows of one home.
type Standing struct {
	// Before and After are for each secret of the attributes, in their order, its probability
	// (0–1) from public data alone and with everything. They are the same for a home that the
	// register lacks: nobody can ask about it.
	Before, After []float64
	// Addresses and Bodies are the numbers of distinct ones among the listed homes of its
	// category that the home is shown with: the least of the releases, those of the
	// département where there is none. 0 for a home that the register lacks.
	Addresses, Bodies int
	// Area is the area left in doubt in m²: of the square, or of the département (NaN
	// when it is not given). The least of the releases.
	Area float64
}

// Report is the result of an attack.
type Report struct {
	Homes []Standing
	// MaxRise is the largest After - Before; Home and Secret tell where (-1 when nothing rises).
	MaxRise      float64
	Home, Secret int
	// Placed are the homes that the register lacks and that a release may place, ascending:
	// rows of their département, category and cell are left over once everyone of the
	// register's homes has taken one that it can have.
	Placed []int
}

// Holds tells whether the promise is kept.
func (r Report) Holds(rules Rules) bool { return r.MaxRise <= rules.Bound && len(r.Placed) == 0 }

// Posterior attacks: it gives for each home what someone believes who holds the register
// and known.
//
// The rows of a cell are some shuffle of the register's homes there, each shuffle as likely
// as the labels and bands that it gives to homes are, given public geometry. Rows in excess may
// be of homes that the register lacks, and a home in excess has no row. Cells of different
// releases count as independent, which is the worst case; where the same homes come back
// together, the last release tells how they are now. Published counts come last: they bear
// on the homes whose labels no cell shows. Nothing is ever excluded: probabilities below
// 0.001 count as 0.001.
func Posterior(homes []Home, attributes []Attribute, r Rules, known Knowledge) (Report, error) {
	b, err := newBeliever(homes, attributes, r, known)
	if err != nil {
		return Report{}, err
	}
	return b.attack(known)
}

// believer holds what does not change from one attack to the next.
type believer struct {
	homes      []Home
	attributes []Attribute
	secrets    []secret
	rules      Rules
	public     [][][]float64 // of an attribute and home, per label: from public data
	prior      [][][]float64 // the same with points
	cache      map[string][][][]float64
}

func newBeliever(homes []Home, attributes []Attribute, r Rules, known Knowledge) (*believer, error) {
	if err := r.check(); err != nil {
		return nil, err
	}
	if err := checkHomes(homes); err != nil {
		return nil, err
	}
	if err := checkAttributes(homes, attributes); err != nil {
		return nil, err
	}
	if err := known.check(homes, attributes); err != nil {
		return nil, err
	}
	b := &believer{
		homes: homes, attributes: attributes, secrets: secretsOf(attributes), rules: r,
		public: make([][][]float64, len(attributes)), prior: make([][][]float64, len(attributes)),
		cache: map[string][][][]float64{},
	}
	for a, attribute := range attributes {
		b.public[a], b.prior[a] = make([][]float64, len(homes)), make([][]float64, len(homes))
		for i, p := range attribute.Prior {
			b.public[a][i] = doubted(p)
			b.prior[a][i] = b.public[a][i]
		}
	}
	for _, p := range known.Points {
		updated := slices.Clone(b.prior[p.Attribute][p.Home])
		for l := range updated {
			updated[l] *= p.Likelihood[l]
		}
		b.prior[p.Attribute][p.Home] = doubted(updated)
	}
	return b, nil
}

func (k Knowledge) check(homes []Home, attributes []Attribute) error {
	for n, release := range k.Releases {
		for i, row := range release.Rows {
			if row.Labels != nil && len(row.Labels) != len(attributes) {
				return fmt.Errorf("release %d, row %d: %d labels for %d attributes", n, i, len(row.Labels), len(attributes))
			}
			for a, l := range row.Labels {
				if size := attributes[a].size(); l < -1 || l >= size {
					return fmt.Errorf("release %d, row %d, attribute %s: label %d of %d", n, i, attributes[a].Name, l, size)
				}
			}
			if len(homes) > 0 && row.Bands != nil && len(row.Bands) != len(homes[0].Bands) {
				return fmt.Errorf("release %d, row %d: %d bands; homes have %d", n, i, len(row.Bands), len(homes[0].Bands))
			}
		}
	}
	secrets := len(secretsOf(attributes))
	for n, c := range k.Counts {
		if c.Secret < 0 || c.Secret >= secrets || c.Low > c.High {
			return fmt.Errorf("count %d: secret %d of %d, from %d to %d", n, c.Secret, secrets, c.Low, c.High)
		}
		for _, i := range c.Homes {
			if i < 0 || i >= len(homes) {
				return fmt.Errorf("count %d: home %d of %d", n, i, len(homes))
			}
		}
	}
	for n, p := range k.Points {
		switch {
		case p.Home < 0 || p.Home >= len(homes) || p.Attribute < 0 || p.Attribute >= len(attributes):
			return fmt.Errorf("point %d: home %d of %d, attribute %d of %d", n, p.Home, len(homes), p.Attribute, len(attributes))
		case len(p.Likelihood) != attributes[p.Attribute].size():
			return fmt.Errorf("point %d: %d likelihoods for %d labels", n, len(p.Likelihood), attributes[p.Attribute].size())
		}
		possible := false
		for _, v := range p.Likelihood {
			if !(v >= 0 && v <= 1) {
				return fmt.Errorf("point %d: likelihood %v", n, v)
			}
			possible = possible || v > 0
		}
		if !possible {
			return fmt.Errorf("point %d: an answer that no label gives", n)
		}
	}
	return nil
}

// doubt is the least probability of what a row may show: models err, and the attacker
// knows it.
const doubt = 1e-3

// doubted makes p sum to 1 with no probability under doubt.
func doubted(p []float64) []float64 {
	sum := 0.0
	for _, v := range p {
		sum += v
	}
	q := make([]float64, len(p))
	for l, v := range p {
		q[l] = max(v/sum, doubt)
	}
	normalise(q)
	return q
}

// normalise makes p sum to 1.
func normalise(p []float64) {
	sum := 0.0
	for _, v := range p {
		sum += v
	}
	for l := range p {
		p[l] /= sum
	}
}

// group is a cell as the attacker sees it: listed homes that lie there, and rows.
type group struct {
	listed, unlisted []int
	rows             []Row
	area             float64
}

// attack gives the report on everything known; points are in the priors already.
func (b *believer) attack(known Knowledge) (Report, error) {
	belief := make([][][]float64, len(b.attributes)) // of an attribute and home, per label
	for a := range b.attributes {
		belief[a] = make([][]float64, len(b.homes))
		for i := range b.homes {
			belief[a][i] = slices.Clone(b.prior[a][i])
		}
	}
	report := Report{Homes: b.alone(known.Areas), Home: -1, Secret: -1}
	var told []group
	at := map[string]int{} // in told, by homes
	for n, release := range known.Releases {
		groups, err := b.groups(release, known.Areas)
		if err != nil {
			return Report{}, fmt.Errorf("release %d: %w", n, err)
		}
		for _, g := range groups {
			b.place(&report, g)
			if len(g.listed) == 0 {
				continue
			}
			homes := fmt.Sprint(g.listed)
			if k, ok := at[homes]; ok {
				told[k] = g
				continue
			}
			at[homes] = len(told)
			told = append(told, g)
		}
	}
	for _, g := range told {
		posterior := b.shuffle(g.listed, g.rows)
		for a := range b.attributes {
			for k, i := range g.listed {
				for l, q := range posterior[a][k] {
					belief[a][i][l] *= q / b.prior[a][i][l]
				}
				normalise(belief[a][i])
			}
		}
	}
	for k, s := range b.secrets {
		after := make([]float64, len(b.homes))
		for i := range b.homes {
			after[i] = s.in(belief[s.of][i])
		}
		b.count(k, after, known.Counts, told)
		for i, h := range b.homes {
			before := s.in(b.public[s.of][i])
			if h.Unlisted {
				after[i] = before
			}
			report.Homes[i].Before = append(report.Homes[i].Before, before)
			report.Homes[i].After = append(report.Homes[i].After, after[i])
			if rise := after[i] - before; !(rise <= report.MaxRise) {
				report.MaxRise, report.Home, report.Secret = rise, i, k
			}
		}
	}
	slices.Sort(report.Placed)
	report.Placed = slices.Compact(report.Placed)
	return report, nil
}

// in is the probability of the secret, p being those of the labels.
func (s Secret) in(p []float64) float64 {
	sum := 0.0
	for l, v := range p {
		if s.Guarded[l] {
			sum += v
		}
	}
	return sum
}

// alone is what the attacker has without a release: the homes of the category in the département.
func (b *believer) alone(areas map[string]float64) []Standing {
	standing := make([]Standing, len(b.homes))
	for i, h := range b.homes {
		standing[i].Area = areaOf(areas, h.Department)
	}
	m := masker{homes: b.homes, rules: b.rules}
	for _, pool := range pools(b.homes) {
		c := m.cell(pool)
		for _, i := range pool {
			standing[i].Addresses, standing[i].Bodies = c.Addresses, c.Bodies
		}
	}
	return standing
}

func areaOf(areas map[string]float64, department string) float64 {
	if a, ok := areas[department]; ok {
		return a
	}
	return math.NaN()
}

// groups sorts homes and rows by cell: a home is in the smallest square of its category and
// département that the release names, as anyone can tell from its address.
func (b *believer) groups(release Release, areas map[string]float64) ([]group, error) {
	type place struct {
		department, category string
		square               crs.GridCell
	}
	at := map[place]int{}
	var groups []group
	for n, row := range release.Rows {
		p := place{department: row.Department, category: row.Category}
		area := areaOf(areas, row.Department)
		if row.Cell != "" {
			square, err := crs.ParseGridCell(row.Cell)
			if err != nil {
				return nil, fmt.Errorf("row %d: %w", n, err)
			}
			p.square = square
			area = float64(square.Size) * float64(square.Size)
		}
		k, ok := at[p]
		if !ok {
			k = len(groups)
			at[p] = k
			groups = append(groups, group{area: area})
		}
		groups[k].rows = append(groups[k].rows, row)
	}
	for i, h := range b.homes {
		p := place{department: h.Department, category: h.Category}
		k, ok := -1, false
		if square, inside := gridAt(h.Position, smallest); inside {
			for ; !ok && square.Size <= largest; square = around(square) {
				p.square = square
				k, ok = at[p]
			}
		}
		if !ok {
			p.square = crs.GridCell{}
			k, ok = at[p]
		}
		switch {
		case !ok:
		case h.Unlisted:
			groups[k].unlisted = append(groups[k].unlisted, i)
		default:
			groups[k].listed = append(groups[k].listed, i)
		}
	}
	return groups, nil
}

// place notes how well a cell hides its homes.
func (b *believer) place(report *Report, g group) {
	m := masker{homes: b.homes, rules: b.rules}
	var addresses, bodies int
	if c := m.cell(g.listed); c != nil {
		addresses, bodies = c.Addresses, c.Bodies
	}
	for _, i := range slices.Concat(g.listed, g.unlisted) {
		s := &report.Homes[i]
		s.Addresses, s.Bodies = min(s.Addresses, addresses), min(s.Bodies, bodies)
		if !(s.Area <= g.area) {
			s.Area = g.area
		}
	}
	if len(g.unlisted) > 0 && b.leavesRows(g) {
		report.Placed = append(report.Placed, g.unlisted...)
	}
}

// leavesRows is the subtraction attack: it tells whether rows of a cell are left over however
// its listed homes are given one each that they can have. Augmenting paths find the largest
// matching.
func (b *believer) leavesRows(g group) bool {
	taken := make([]int, len(g.listed)) // the row of a home, -1 for none
	for k := range taken {
		taken[k] = -1
	}
	for row := range g.rows {
		seen := make([]bool, len(g.listed))
		var settle func(row int) bool
		settle = func(row int) bool {
			for k, i := range g.listed {
				if seen[k] || !b.canHave(i, g.rows[row]) {
					continue
				}
				seen[k] = true
				if taken[k] < 0 || settle(taken[k]) {
					taken[k] = row
					return true
				}
			}
			return false
		}
		if !settle(row) {
			return true
		}
	}
	return false
}

// canHave tells whether a row may be that of a home for all that its bands say.
func (b *believer) canHave(i int, row Row) bool {
	for j, p := range b.homes[i].Expected {
		if j < len(row.Bands) && row.Bands[j] >= 0 && p != nil && (row.Bands[j] >= len(p) || p[row.Bands[j]] < doubt) {
			return false
		}
	}
	return true
}

// shuffle gives, for each attribute and each listed home of a cell (at least one), the
// probability of labels given its rows.
func (b *believer) shuffle(listed []int, rows []Row) [][][]float64 {
	kinds, count, key := kindsOf(rows)
	for _, i := range listed {
		key = binary.AppendUvarint(key, uint64(i))
	}
	if known, ok := b.cache[string(key)]; ok {
		return known
	}
	if missing := len(listed) - len(rows); missing > 0 {
		kinds, count = append(kinds, Row{}), append(count, missing)
	}
	likelihood := make([][]float64, len(listed))
	mean := make([]float64, len(kinds))
	for k, i := range listed {
		likelihood[k] = b.likelihood(i, kinds)
		for t, v := range likelihood[k] {
			mean[t] += v / float64(len(listed))
		}
	}
	// Of homes that the register lacks the attacker expects what he expects on average.
	for range len(rows) - len(listed) {
		likelihood = append(likelihood, mean)
	}
	p := match(likelihood, count)
	posterior := make([][][]float64, len(b.attributes))
	for a := range b.attributes {
		posterior[a] = make([][]float64, len(listed))
		for k, i := range listed {
			labels := make([]float64, len(b.prior[a][i]))
			for t, kind := range kinds {
				if kind.Labels != nil && kind.Labels[a] >= 0 {
					labels[kind.Labels[a]] += p[k][t]
					continue
				}
				for l, prior := range b.prior[a][i] {
					labels[l] += p[k][t] * prior
				}
			}
			posterior[a][k] = labels
		}
	}
	b.cache[string(key)] = posterior
	return posterior
}

// kindsOf lists rows that show different things, sorted, with their numbers, and a key that
// is the same for the same rows in any order.
func kindsOf(rows []Row) (kinds []Row, count []int, key []byte) {
	sorted := slices.SortedFunc(slices.Values(rows), compareKinds)
	for k, row := range sorted {
		if k == 0 || compareKinds(sorted[k-1], row) != 0 {
			kinds, count = append(kinds, row), append(count, 0)
		}
		count[len(count)-1]++
	}
	for t, row := range kinds {
		key = binary.AppendUvarint(key, uint64(count[t]))
		for _, values := range [][]int{row.Labels, row.Bands} {
			key = binary.AppendUvarint(key, uint64(len(values)))
			for _, v := range values {
				key = binary.AppendVarint(key, int64(v))
			}
		}
	}
	return kinds, count, binary.AppendUvarint(key, 0) // no kind is of 0 rows
}

func compareKinds(a, b Row) int {
	return cmp.Or(slices.Compare(a.Labels, b.Labels), slices.Compare(a.Bands, b.Bands))
}

// faintest keeps likelihoods (as logarithms, below the best of a home) in range.
const faintest = -200

// likelihood is how well a home fits each kind of row, 1 for the best.
func (b *believer) likelihood(i int, kinds []Row) []float64 {
	line := make([]float64, len(kinds))
	best := math.Inf(-1)
	for t, kind := range kinds {
		for a, l := range kind.Labels {
			if l >= 0 {
				line[t] += math.Log(b.prior[a][i][l])
			}
		}
		if expected := b.homes[i].Expected; expected != nil {
			for j, band := range kind.Bands {
				if band >= 0 && expected[j] != nil {
					p := 0.0
					if band < len(expected[j]) {
						p = expected[j][band]
					}
					line[t] += math.Log(max(p, doubt))
				}
			}
		}
		best = max(best, line[t])
	}
	for t := range line {
		line[t] = math.Exp(max(line[t]-best, faintest))
	}
	return line
}

// count conditions what is believed of the secret s on published counts. Homes of a cell whose
// rows are complete and labelled are taken out with their number, which is certain.
func (b *believer) count(s int, after []float64, counts []CountRange, told []group) {
	type statistic struct {
		homes     []int
		low, high int
	}
	var statistics []statistic
	at := map[string]int{}
	for _, c := range counts {
		if c.Secret != s {
			continue
		}
		homes := slices.Clone(c.Homes)
		slices.Sort(homes)
		homes = slices.Compact(homes)
		key := fmt.Sprint(homes)
		k, ok := at[key]
		if !ok {
			k = len(statistics)
			at[key] = k
			statistics = append(statistics, statistic{homes, c.Low, c.High})
		}
		// Editions of the same homes narrow one another.
		statistics[k].low, statistics[k].high = max(statistics[k].low, c.Low), min(statistics[k].high, c.High)
	}
	for _, c := range statistics {
		open := make(map[int]bool, len(c.homes))
		for _, i := range c.homes {
			open[i] = true
		}
		for _, g := range told {
			n, ok := b.secrets[s].labelled(g)
			if !ok || slices.ContainsFunc(g.listed, func(i int) bool { return !open[i] }) {
				continue
			}
			for _, i := range g.listed {
				delete(open, i)
			}
			c.low, c.high = c.low-n, c.high-n
		}
		homes := slices.Sorted(maps.Keys(open))
		p := make([]float64, len(homes))
		for k, i := range homes {
			p[k] = after[i]
		}
		for k, v := range condition(p, c.low, c.high) {
			after[homes[k]] = v
		}
	}
}

// labelled is the number of homes of a cell that have a secret; false when its rows do not
// tell.
func (s secret) labelled(g group) (int, bool) {
	if len(g.rows) != len(g.listed) {
		return 0, false
	}
	n := 0
	for _, row := range g.rows {
		if row.Labels == nil || row.Labels[s.of] < 0 {
			return 0, false
		}
		if s.Guarded[row.Labels[s.of]] {
			n++
		}
	}
	return n, true
}
