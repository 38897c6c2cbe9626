package statistics

// Coverage is a share of homes (0–1), as a range.
type Coverage struct {
	From float64 `json:"from"`
	To   float64 `json:"to"`
}

// coverage is the share of all homes of which a measure is known; nil when the homes are
// too few to tell.
func (r *Register) coverage(m *measure) *Coverage {
	known := 0
	for i := range r.Homes {
		if m.known == nil || m.known(&r.Homes[i]) {
			known++
		}
	}
	return coverageRange(known, len(r.Homes))
}

// coverageRange is a share in ranges as wide as 10 homes at least: the few of which
// nothing is known are as well protected as a hidden figure.
func coverageRange(known, all int) *Coverage {
	const leastHomes = 10
	for _, percent := range []int{5, 10, 20, 50, 100} {
		if percent*all < 100*leastHomes {
			continue
		}
		step := min((all-known)*100/(percent*all), 100/percent-1)
		to := 100 - step*percent
		return &Coverage{From: float64(to-percent) / 100, To: float64(to) / 100}
	}
	return nil
}
