package fiction

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
)

// Years of the recorded-crime file. Two more before them decide on what is published.
const (
	firstYear = 2023
	lastYear  = 2025
)

// offence is an indicator of the communal base of recorded crime (SSMSI).
type offence struct {
	label, unit string
	rate        float64 // a year, per 1,000 inhabitants (dwellings for burglaries)
	perDwelling bool
	urban       float64 // how much more frequent in the main town
}

var offences = []offence{
	{"Cambriolages de logement", "Infraction", 3.4, true, 1.7},
	{"Violences physiques hors cadre familial", "Victime", 2.3, false, 2.4},
	{"Violences sexuelles", "Victime", 1.6, false, 1.3},
	{"Trafic de stupéfiants", "Mis en cause", 0.6, false, 3},
	{"Usage de stupéfiants", "Mis en cause", 3.1, false, 2},
	{"Destructions et dégradations volontaires", "Infraction", 6.2, false, 1.8},
}

// newRecordedCrime is recorded crime by commune, year and indicator, in the layout of the
// communal base of SSMSI, and with its rule of publication: a figure is published when more
// than 5 facts were recorded in each of 3 successive years; otherwise it is "ndiff", and the
// columns complement_info_* give the mean of the suppressed communes of the département,
// which is no commune's own value.
func newRecordedCrime(seed uint64, land *territory) File {
	r := stream(seed, "recorded crime")
	lines := [][]string{}
	for _, o := range offences {
		// counts[commune][year] from two years before the first.
		counts := make([][]int, len(land.communes))
		for i := range land.communes {
			c := &land.communes[i]
			factor := math.Exp(0.25 * r.NormFloat64())
			if c.town >= 0 {
				factor *= 1 + (o.urban-1)/float64(c.town+1)
			} else {
				factor *= 0.7
			}
			for year := firstYear - 2; year <= lastYear; year++ {
				counts[i] = append(counts[i], events(r, o.base(c)*o.rate*factor/1000))
			}
		}
		for year := firstYear; year <= lastYear; year++ {
			k := year - firstYear + 2
			suppressed, facts, rates := 0, 0.0, 0.0
			for i := range land.communes {
				if !published(counts[i], k) {
					suppressed++
					facts += float64(counts[i][k])
					rates += 1000 * float64(counts[i][k]) / o.base(&land.communes[i])
				}
			}
			for i := range land.communes {
				c := &land.communes[i]
				line := []string{c.code, number(year), o.label, o.unit}
				if published(counts[i], k) {
					line = append(line, number(counts[i][k]), comma(1000*float64(counts[i][k])/o.base(c), 6), "diff")
				} else {
					line = append(line, "NA", "NA", "ndiff")
				}
				line = append(line, number(c.population), "2023", number(dwellings(c)), "2023")
				if published(counts[i], k) {
					line = append(line, "NA", "NA")
				} else {
					line = append(line, comma(facts/float64(suppressed), 3), comma(rates/float64(suppressed), 6))
				}
				lines = append(lines, line)
			}
		}
	}
	return table(FileRecordedCrime, []string{
		"CODGEO_2026", "annee", "indicateur", "unite_de_compte", "nombre", "taux_pour_mille", "est_diffuse",
		"insee_pop", "insee_pop_millesime", "insee_log", "insee_log_millesime", "complement_info_nombre", "complement_info_taux",
	}, lines)
}

// base is what the rate is a rate of: inhabitants or dwellings.
func (o *offence) base(c *commune) float64 {
	if o.perDwelling {
		return float64(dwellings(c))
	}
	return float64(c.population)
}

func dwellings(c *commune) int { return int(float64(c.households) * 1.14) }

// published tells whether more than 5 facts were recorded in year k and the two before.
func published(counts []int, k int) bool {
	return counts[k] > 5 && counts[k-1] > 5 && counts[k-2] > 5
}

// events draws a Poisson number, by its normal approximation where the mean is too large
// to multiply uniform numbers.
func events(r *rand.Rand, mean float64) int {
	if mean < 30 {
		return poisson(r, mean)
	}
	return max(int(math.Round(mean+math.Sqrt(mean)*r.NormFloat64())), 0)
}

// communesFile is the population and poverty of the communes.
func communesFile(land *territory) File {
	lines := make([][]string, 0, len(land.communes))
	for i := range land.communes {
		c := &land.communes[i]
		lines = append(lines, []string{
			c.code, c.name, number(c.population), number(c.households), number(dwellings(c)), comma(100*c.poverty, 1),
		})
	}
	return table(FileCommunes, []string{
		"code_insee", "nom", "population", "menages", "logements", "taux_pauvrete_pct",
	}, lines)
}

// under21File is how many people under 21 live in the communes.
func under21File(land *territory) File {
	lines := make([][]string, len(land.communes))
	for i := range land.communes {
		c := &land.communes[i]
		lines[i] = []string{c.code, "population_under_21", "2023", number(c.under21), "people"}
	}
	return table(FileUnder21, []string{"code_insee", "indicateur", "annee", "valeur", "unite"}, lines)
}

// comma writes a number with a decimal comma, as the official files do.
func comma(f float64, decimals int) string {
	return strings.Replace(fmt.Sprintf("%.*f", decimals, f), ".", ",", 1)
}
