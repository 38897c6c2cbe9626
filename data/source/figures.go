package source

import (
	"strconv"
	"strings"

	"vigie/data"
)

// Figure is a number of a table of statistics.
type Figure struct {
	Number float64
	// Known is false for an empty field and for NA.
	Known bool
}

// ParseFigure reads a number of official statistics, 0 or more, with a decimal comma or
// point; ok is false for anything else. It allocates nothing: tables have millions.
func ParseFigure(raw []byte) (f Figure, ok bool) {
	for len(raw) > 0 && (raw[0] == ' ' || raw[0] == '\t') {
		raw = raw[1:]
	}
	for len(raw) > 0 && (raw[len(raw)-1] == ' ' || raw[len(raw)-1] == '\t') {
		raw = raw[:len(raw)-1]
	}
	if len(raw) == 0 || string(raw) == "NA" || string(raw) == "_Z" || string(raw) == "_U" {
		return Figure{}, true
	}
	var buf [32]byte
	if len(raw) > len(buf) {
		return Figure{}, false
	}
	n := copy(buf[:], raw)
	for i, c := range buf[:n] {
		if c == ',' {
			buf[i] = '.'
		} else if (c < '0' || c > '9') && c != '.' && c != 'e' && c != 'E' && c != '-' && c != '+' {
			return Figure{}, false
		}
	}
	number, err := strconv.ParseFloat(string(buf[:n]), 64)
	if err != nil || !(number >= 0) {
		return Figure{}, false
	}
	return Figure{Number: number, Known: true}, true
}

// ParseYear reads a year, on two digits in older files ("22" is 2022); ok is false for
// what is no year from 1950 to 2100.
func ParseYear(raw []byte) (year int, ok bool) {
	f, ok := ParseFigure(raw)
	year = int(f.Number)
	if !ok || !f.Known || float64(year) != f.Number {
		return 0, false
	}
	if year < 100 {
		year += 2000
	}
	return year, year >= 1950 && year <= 2100
}

// PopulationYear is the year in the folded name of a column of populations that bears
// one: 2022 of "p22pop", "pmun2022" and "population2022".
func PopulationYear(folded string) (year int, ok bool) {
	for _, stem := range [...]string{"population", "popmuni", "popmun", "pmun", "ptot", "pop", "p"} {
		rest, found := strings.CutPrefix(folded, stem)
		if !found {
			continue
		}
		rest, ended := strings.CutSuffix(rest, "pop")
		if stem == "p" && !ended || len(rest) != 2 && len(rest) != 4 {
			continue
		}
		if year, ok = ParseYear([]byte(rest)); ok {
			return year, true
		}
	}
	return 0, false
}

// YearIn finds the last year from 1950 to 2100 that stands on its own in a text:
// "Filosofi2021_carreaux_200m.csv" gives 2021.
func YearIn(s string) (year int, ok bool) {
	isDigit := func(i int) bool { return i >= 0 && i < len(s) && s[i] >= '0' && s[i] <= '9' }
	for i := len(s) - 4; i >= 0; i-- {
		if isDigit(i-1) || isDigit(i+4) || !isDigit(i) || !isDigit(i+1) || !isDigit(i+2) || !isDigit(i+3) {
			continue
		}
		if y, ok := ParseYear([]byte(s[i : i+4])); ok {
			return y, true
		}
	}
	return 0, false
}

// StatisticArea is a commune or département of a table of statistics.
type StatisticArea struct {
	Code, Department string
	Level            data.StatisticLevel
}

// CommuneArea makes the area of an INSEE commune code; false when it is none.
func CommuneArea(raw string) (StatisticArea, bool) {
	code, ok := NormaliseCommune(raw)
	if !ok || !data.ValidCommuneCode(code) {
		return StatisticArea{}, false
	}
	return StatisticArea{Code: code, Department: DepartmentOfCommune(code), Level: data.LevelOfCommune(code)}, true
}

// DepartmentArea makes the area of an INSEE département code; false when it is none.
func DepartmentArea(raw string) (StatisticArea, bool) {
	code, ok := NormaliseDepartment(raw)
	if !ok || !data.ValidDepartmentCode(code) {
		return StatisticArea{}, false
	}
	return StatisticArea{Code: code, Department: code, Level: data.StatisticDepartment}, true
}
