package data_test

import (
	"fmt"
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"vigie/data"
)

func drawNumber(t *rapid.T, label string) *float64 {
	if !rapid.Bool().Draw(t, label+" known") {
		return nil
	}
	f := rapid.SampledFrom([]float64{0, 1, 0.1, 1e9}).Draw(t, label)
	return &f
}

func drawStatistic(t *rapid.T) data.Statistic {
	text := rapid.SampledFrom([]string{"a", "b", "é", ""})
	return data.Statistic{
		Area: text.Draw(t, "area"), Level: rapid.SampledFrom(data.StatisticLevels).Draw(t, "level"), Department: text.Draw(t, "department"),
		Indicator: text.Draw(t, "indicator"), Year: rapid.IntRange(2024, 2025).Draw(t, "year"), Edition: text.Draw(t, "edition"), Source: text.Draw(t, "source"),
		Status: rapid.SampledFrom([]data.StatisticStatus{data.StatisticPublished, data.StatisticNotPublished, data.StatisticNotAvailable}).Draw(t, "status"),
		Value:  drawNumber(t, "value"), Count: drawNumber(t, "count"), Denominator: drawNumber(t, "denominator"),
		Unit: text.Draw(t, "unit"), Estimated: rapid.Bool().Draw(t, "estimated"),
	}
}

// A table gives back what was put in it, in the order of keys and, for one key, of time.
func TestStatisticTable(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		table := new(data.StatisticTable)
		var want []data.Statistic
		for i := range rapid.IntRange(0, 30).Draw(t, "n") {
			s := drawStatistic(t)
			table.Append(&s, uint32(i))
			want = append(want, s)
		}
		order := make([]int, len(want))
		for i := range order {
			order[i] = i
		}
		read := func(table *data.StatisticTable) (all []data.Statistic, refs []int) {
			for i := range table.Len() {
				var s data.Statistic
				refs = append(refs, int(table.At(i, &s)))
				all = append(all, s)
			}
			return all, refs
		}
		got, refs := read(table)
		if !reflect.DeepEqual(got, want) || len(refs) > 0 && !slices.Equal(refs, order) {
			t.Fatalf("before sorting:\n got %+v\nwant %+v", got, want)
		}
		table.Sort()
		slices.SortStableFunc(order, func(a, b int) int { return data.StatisticOrder(&want[a], &want[b]) })
		got, refs = read(table)
		for i, at := range order {
			if !reflect.DeepEqual(got[i], want[at]) || refs[i] != at {
				t.Fatalf("%d after sorting: %+v, want %+v", i, got[i], want[at])
			}
		}
		half := table.Subset(func(i int) bool { return i%2 == 0 })
		kept, _ := read(half)
		if half.Len() != (table.Len()+1)/2 || half.Len() > 0 && !reflect.DeepEqual(kept[half.Len()-1], got[(half.Len()-1)*2]) {
			t.Fatalf("half of it: %+v", kept)
		}
		table.SetEdition("given")
		for i := range table.Len() {
			var s data.Statistic
			table.At(i, &s)
			if got[i].Edition == "" && s.Edition != "given" || got[i].Edition != "" && s.Edition != got[i].Edition {
				t.Fatalf("edition %q became %q", got[i].Edition, s.Edition)
			}
		}
	})
}

func TestStatisticValidation(t *testing.T) {
	value := 1.5
	valid := data.Statistic{
		Area: "01004", Level: data.StatisticCommune, Department: "01", Indicator: "armed_robbery", Year: 2025, Edition: "2026",
		Source: data.SourceSSMSI, Status: data.StatisticPublished, Value: &value, Unit: data.UnitPerInhabitants,
	}
	if p := valid.Validate(); p != nil {
		t.Fatalf("a valid statistic: %v", p)
	}
	negative := -1.
	for name, change := range map[string]func(*data.Statistic){
		"area":       func(s *data.Statistic) { s.Area = "1004" },
		"department": func(s *data.Statistic) { s.Department = "20" },
		"level":      func(s *data.Statistic) { s.Level = "iris" },
		"indicator":  func(s *data.Statistic) { s.Indicator = "Vols avec armes" },
		"edition":    func(s *data.Statistic) { s.Edition = "" },
		"year":       func(s *data.Statistic) { s.Year = 25 },
		"status":     func(s *data.Statistic) { s.Status = "" },
		"value":      func(s *data.Statistic) { s.Value = nil },
		"count":      func(s *data.Statistic) { s.Count = &negative },
	} {
		s := valid
		change(&s)
		if p := s.Validate(); len(p) != 1 || p[0].Field != name || p[0].Severity != data.SeverityError || p[0].Message.FR == "" || p[0].Message.EN == "" {
			t.Errorf("%s: %+v", name, p)
		}
	}
	withheld := valid
	withheld.Status = data.StatisticNotPublished
	if p := withheld.Validate(); len(p) != 1 || p[0].Field != "value" {
		t.Errorf("a withheld figure with a value: %+v", p)
	}
}

// The tables of the package are sound: identifiers once, both languages, and each BPE
// code of one kind.
func TestKindsAndIndicators(t *testing.T) {
	ids, codes := map[string]bool{}, map[string]bool{}
	for _, k := range data.PlaceKinds {
		if ids[k.ID] || k.Label.FR == "" || k.Label.EN == "" {
			t.Errorf("kind %+v", k)
		}
		ids[k.ID] = true
		for _, c := range k.BPE {
			if got, ok := data.PlaceKindByBPE(c); codes[c] || !ok || got.ID != k.ID {
				t.Errorf("%s is of two kinds", c)
			}
			codes[c] = true
		}
	}
	for _, id := range []string{data.PlacePolice, data.PlaceGendarmerie, data.PlaceMotorwayExit, data.KindOther} {
		if !ids[id] {
			t.Errorf("%s is missing", id)
		}
	}
	seen := map[string]bool{}
	for _, in := range data.StatisticIndicators {
		if seen[in.ID] || in.Label.FR == "" || in.Label.EN == "" || in.Unit == "" || in.Counts.FR == "" {
			t.Errorf("indicator %+v", in)
		}
		seen[in.ID] = true
		for _, id := range []string{in.ID, in.ID + data.SuppressedMean} {
			if got, ok := data.StatisticIndicatorByID(id); !ok || got.ID != in.ID {
				t.Errorf("%s is not found", id)
			}
		}
	}
	for code, want := range map[string]data.StatisticLevel{
		"75056": data.StatisticCommune, "75101": data.StatisticDistrict, "75120": data.StatisticDistrict, "75121": data.StatisticCommune,
		"13055": data.StatisticCommune, "13201": data.StatisticDistrict, "13216": data.StatisticDistrict, "69123": data.StatisticCommune, "69389": data.StatisticDistrict,
	} {
		if got := data.LevelOfCommune(code); got != want {
			t.Errorf("%s is a %s", code, got)
		}
	}
	if fmt.Sprint(data.StatisticOrder(&data.Statistic{Area: "a"}, &data.Statistic{Area: "b"})) != "-1" {
		t.Error("areas out of order")
	}
}
