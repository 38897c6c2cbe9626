package reception

import (
	"slices"
	"strconv"
	"strings"

	"vigie/data/source"
)

// Opening hours are told by weekday: " Lundi : 8h00-12h00 14h00-18h00 Mardi : 14h00-18h00
// … Jours Fériés : 9h00-12h00", sometimes with "$" between days. A day that is not named
// is one without reception.

// week is what is open, in minutes from Monday 0:00; the last night goes on into Monday.
const week = 7 * 24 * 60

const (
	nightFrom = 22 * 60 // minutes of the day
	nightTo   = 6 * 60  // of the day after
)

var days = []string{"lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"}

// openAtNight tells whether the public is received from 22:00 to 6:00 of every night of
// the week; readable is false when the hours can't be understood.
func openAtNight(raw string) (night, readable bool) {
	var open [week]bool
	current := -1 // day that hours belong to; −1 none, 7 public holidays
	for _, word := range words(raw) {
		folded := source.FoldName(word)
		switch {
		case slices.Contains(days, folded):
			current = slices.Index(days, folded)
			readable = true
			continue
		case folded == "jours" || folded == "jour" || folded == "feries" || folded == "ferie":
			current = len(days)
			continue
		case folded == "" || folded == "ferme" || folded == "fermee" || folded == "et":
			continue
		}
		from, to, ok := interval(word)
		if !ok || current < 0 {
			return false, false
		}
		if current == len(days) {
			continue
		}
		if to <= from { // past midnight, or round the clock
			to += 24 * 60
		}
		for m := from; m < to; m++ {
			open[(current*24*60+m)%week] = true
		}
	}
	if !readable {
		return false, false
	}
	for day := range days {
		for m := nightFrom; m < 24*60+nightTo; m++ {
			if !open[(day*24*60+m)%week] {
				return false, true
			}
		}
	}
	return true, true
}

// words splits the text, and "Lundi:8h00-12h00" too.
func words(raw string) []string {
	raw = strings.ToLower(raw)
	// "24h/24" and "24h sur 24" are one interval.
	raw = strings.NewReplacer("24h/24", "0h00-24h00", "24 h/24", "0h00-24h00", "24h sur 24", "0h00-24h00", "24h24", "0h00-24h00", " - ", "-", " à ", "-", "–", "-").Replace(raw)
	return strings.FieldsFunc(raw, func(r rune) bool {
		return r == ' ' || r == '\u00a0' || r == ':' || r == ';' || r == ',' || r == '$' || r == '|' || r == '\t' || r == '\n' || r == '/'
	})
}

// interval reads "8h00-12h00", "8h-12h" and "08h30-24h00", in minutes of the day.
func interval(s string) (from, to int, ok bool) {
	a, b, cut := strings.Cut(s, "-")
	if !cut {
		return 0, 0, false
	}
	from, ok1 := clock(a)
	to, ok2 := clock(b)
	return from, to, ok1 && ok2
}

func clock(s string) (minutes int, ok bool) {
	hours, rest, cut := strings.Cut(s, "h")
	if !cut {
		return 0, false
	}
	h, err := strconv.Atoi(hours)
	if err != nil || h < 0 || h > 24 {
		return 0, false
	}
	m := 0
	if rest != "" {
		if m, err = strconv.Atoi(rest); err != nil || m < 0 || m > 59 {
			return 0, false
		}
	}
	return h*60 + m, h*60+m <= 24*60
}
