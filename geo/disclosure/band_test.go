package disclosure

import (
	"math"
	"testing"
)

func TestBandsOfValues(t *testing.T) {
	fifths, err := FifthScale([4]float64{1, 2.5, 4, 9})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		scale Scale
		value float64
		code  string
	}{
		{DistanceScale(), 0, "eq0"}, {DistanceScale(), -3, "eq0"}, {DistanceScale(), 0.01, "le250"}, {DistanceScale(), 250, "le250"},
		{DistanceScale(), 250.1, "le500"}, {DistanceScale(), 1000, "le1000"}, {DistanceScale(), 5000, "le5000"},
		{DistanceScale(), 5000.1, "gt5000"}, {DistanceScale(), math.Inf(1), "gt5000"},
		{ShareScale(), 0, "eq0"}, {ShareScale(), 0.1, "le10"}, {ShareScale(), 0.1001, "le25"}, {ShareScale(), 0.5, "le50"}, {ShareScale(), 1, "gt50"},
		{CountScale(), 0, "eq0"}, {CountScale(), 1, "le2"}, {CountScale(), 2, "le2"}, {CountScale(), 3, "le5"}, {CountScale(), 6, "gt5"},
		{fifths, 0, "fifth1"}, {fifths, 1, "fifth1"}, {fifths, 1.1, "fifth2"}, {fifths, 9.1, "fifth5"},
	} {
		if got := c.scale.Bands()[c.scale.Of(c.value)].Code; got != c.code {
			t.Errorf("%v is in %s, want %s", c.value, got, c.code)
		}
	}
	if DistanceScale().Of(math.NaN()) != -1 {
		t.Error("an unknown value has a band")
	}
	if _, err := FifthScale([4]float64{1, 2, 2, 3}); err == nil {
		t.Error("breaks that do not ascend were taken")
	}
}

func TestBandLabels(t *testing.T) {
	bands := DistanceScale().Bands()
	for i, want := range []string{"0\u00a0m", "jusqu’à 250\u00a0m", "de 250 à 500\u00a0m", "de 500 à 1\u202f000\u00a0m"} {
		if bands[i].Label.FR != want {
			t.Errorf("band %d is %q, want %q", i, bands[i].Label.FR, want)
		}
	}
	if got := bands[6].Label.EN; got != "more than 5,000 m" {
		t.Errorf("last band %q", got)
	}
	if got := ShareScale().Bands()[2].Label; got.FR != "de 10 à 25\u00a0%" || got.EN != "10 to 25%" {
		t.Errorf("share %+v", got)
	}
}
