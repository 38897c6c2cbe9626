package fiction_test

import (
	"strconv"
	"testing"

	"vigie/data/demo/fiction"
)

// The people of the neighbourhoods, and the young ones, are some of those of the communes.
func TestPeople(t *testing.T) {
	w := read(t)
	number := func(text string) int {
		n, err := strconv.Atoi(text)
		if err != nil {
			t.Error(err)
		}
		return n
	}
	all, young := map[string]int{}, map[string]int{}
	total := 0
	for _, row := range w.tables[fiction.FileCommunes] {
		all[row["code_insee"]] = number(row["population"])
		total += number(row["population"])
	}
	for _, row := range w.tables[fiction.FileUnder21] {
		young[row["code_insee"]] = number(row["valeur"])
	}
	for code := range w.communes {
		if n := young[code]; n == 0 || n >= all[code]/2 {
			t.Errorf("commune %s: %d of %d people are under 21", code, n, all[code])
		}
	}
	for _, file := range []string{fiction.FileQPV2024, fiction.FileQRR} {
		sum := 0
		for _, z := range w.zones[file] {
			n := number(z.properties["population"])
			if n < 500 {
				t.Errorf("%s: %d inhabitants in %v", file, n, z.properties)
			}
			sum += n
		}
		if sum > total/2 {
			t.Errorf("%s: %d of %d people live in its zones", file, sum, total)
		}
	}
}
