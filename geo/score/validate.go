package score

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
)

const (
	maxPillars = 16
	maxEntries = 256
	maxClasses = 10
	minDraws   = 100
	maxDraws   = 100_000
	maxName    = 200 // bytes
)

var (
	pillarID    = regexp.MustCompile(`^[a-z][a-z0-9_]{0,63}$`)
	indicatorID = regexp.MustCompile(`^[a-z][a-z0-9_.]{0,127}$`) // "zone_share_0.5m" has a point
)

// checker collects the problems of a profile.
type checker struct{ problems []Problem }

func (c *checker) say(path, value, fr, en string) {
	c.problems = append(c.problems, Problem{Path: path, Value: clip(value), Message: Text{FR: fr, EN: en}})
}

// within reports a number outside an interval, written as people write it in each language.
func (c *checker) within(path string, v float64, ok bool, fr, en string) {
	if !ok || math.IsNaN(v) || math.IsInf(v, 0) {
		c.say(path, number(v), "un nombre "+fr+" est attendu.", "a number "+en+" is expected.")
	}
}

func (c *checker) name(path, s string) {
	if strings.TrimSpace(s) == "" || len(s) > maxName {
		c.say(path, s, "un texte de 1 à 200 caractères est attendu.", "a text of 1 to 200 characters is expected.")
	}
}

func (c *checker) bothLanguages(path string, t Text) {
	if strings.TrimSpace(t.FR) == "" {
		c.say(path+"/fr", t.FR, "un texte français est attendu.", "a French text is expected.")
	}
	if strings.TrimSpace(t.EN) == "" {
		c.say(path+"/en", t.EN, "un texte anglais est attendu.", "an English text is expected.")
	}
}

func (c *checker) prior(path string, p Prior) {
	c.within(path+"/low", p.Low, p.Low >= 0 && p.Low <= 1, "de 0 à 1", "from 0 to 1")
	c.within(path+"/high", p.High, p.High >= 0 && p.High <= 1, "de 0 à 1", "from 0 to 1")
	if p.Low > p.High {
		c.say(path, number(p.Low), "«\u00a0low\u00a0» dépasse «\u00a0high\u00a0».", "“low” is above “high”.")
	}
}

func number(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }

// Validate lists what is wrong with a profile, without lines and columns; a valid
// one gives nil.
func (p *Profile) Validate() []Problem {
	var c checker
	if p.Format != Format {
		c.say("/format", p.Format, "le format «\u00a0"+Format+"\u00a0» est attendu.", "the format “"+Format+"” is expected.")
	}
	c.name("/name", p.Name)
	c.name("/version", p.Version)
	c.name("/elicitation/by", p.Elicitation.By)
	if !isDay(p.Elicitation.On) {
		c.say("/elicitation/on", p.Elicitation.On, "un jour AAAA-MM-JJ est attendu.", "a day YYYY-MM-DD is expected.")
	}
	pillars := c.pillars(p.Pillars)
	c.entries(p, pillars)
	if p.Aggregation != Geometric && p.Aggregation != Arithmetic {
		c.say("/aggregation", string(p.Aggregation),
			"«\u00a0geometric_on_safety\u00a0» ou «\u00a0arithmetic\u00a0» est attendu.", "“geometric_on_safety” or “arithmetic” is expected.")
	}
	c.within("/cap", p.Cap, p.Cap > 0 && p.Cap < 1, "entre 0 et 1, bornes exclues,", "between 0 and 1, both excluded,")
	c.classes(p.Classes)
	c.within("/class_probability", p.ClassProbability, p.ClassProbability > 0.5 && p.ClassProbability <= 1,
		"supérieur à 0,5 et d’au plus 1", "above 0.5 and of at most 1")
	c.within("/interval", p.Interval, p.Interval > 0 && p.Interval < 1, "entre 0 et 1, bornes exclues,", "between 0 and 1, both excluded,")
	c.within("/draws", float64(p.Draws), p.Draws >= minDraws && p.Draws <= maxDraws, "de 100 à 100\u202f000", "from 100 to 100,000")
	c.prior("/unknown", p.Unknown)
	return c.problems
}

// pillars checks them and gives their weight by identifier.
func (c *checker) pillars(pillars []Pillar) map[string]float64 {
	if len(pillars) == 0 || len(pillars) > maxPillars {
		c.say("/pillars", strconv.Itoa(len(pillars)), "de 1 à 16 piliers sont attendus.", "1 to 16 pillars are expected.")
	}
	weights := map[string]float64{}
	sum := 0.0
	for i, pillar := range pillars {
		path := fmt.Sprintf("/pillars/%d", i)
		if !pillarID.MatchString(pillar.ID) {
			c.say(path+"/id", pillar.ID, "un identifiant est attendu\u00a0: minuscules, chiffres et «\u00a0_\u00a0».", "an identifier is expected: lower-case letters, digits and “_”.")
		} else if _, twice := weights[pillar.ID]; twice {
			c.say(path+"/id", pillar.ID, "ce pilier est donné deux fois.", "this pillar is given twice.")
		}
		c.bothLanguages(path+"/label", pillar.Label)
		c.within(path+"/weight", pillar.Weight, pillar.Weight >= 0, "positif ou nul", "of at least 0")
		weights[pillar.ID] = pillar.Weight
		sum += pillar.Weight
	}
	if len(pillars) > 0 && sum == 0 {
		c.say("/pillars", "0", "la somme des poids des piliers est nulle.", "the weights of the pillars sum to 0.")
	}
	if math.IsInf(sum, 1) {
		c.say("/pillars", "", "la somme des poids des piliers est trop grande.", "the weights of the pillars sum to too much.")
	}
	return weights
}

func (c *checker) entries(p *Profile, pillars map[string]float64) {
	if len(p.Entries) == 0 || len(p.Entries) > maxEntries {
		c.say("/entries", strconv.Itoa(len(p.Entries)), "de 1 à 256 indicateurs sont attendus.", "1 to 256 indicators are expected.")
	}
	seen := map[string]bool{}
	sum := map[string]float64{}
	for i, e := range p.Entries {
		path := fmt.Sprintf("/entries/%d", i)
		if !indicatorID.MatchString(e.Indicator) {
			c.say(path+"/indicator", e.Indicator, "l’identifiant d’un indicateur est attendu.", "the identifier of an indicator is expected.")
		} else if seen[e.Indicator] {
			c.say(path+"/indicator", e.Indicator, "cet indicateur est donné deux fois.", "this indicator is given twice.")
		}
		seen[e.Indicator] = true
		if _, ok := pillars[e.Pillar]; !ok {
			c.say(path+"/pillar", e.Pillar, "aucun pilier n’a cet identifiant.", "no pillar has this identifier.")
		}
		c.within(path+"/weight", e.Weight, e.Weight >= 0, "positif ou nul", "of at least 0")
		sum[e.Pillar] += e.Weight
		c.goalposts(path, e)
		c.bothLanguages(path+"/reason", e.Reason)
		if e.Unknown != nil {
			c.prior(path+"/unknown", *e.Unknown)
		}
	}
	for i, pillar := range p.Pillars {
		switch total := sum[pillar.ID]; {
		case math.IsInf(total, 1):
			c.say(fmt.Sprintf("/pillars/%d", i), pillar.ID, "la somme des poids des indicateurs de ce pilier est trop grande.", "the weights of this pillar's indicators sum to too much.")
		case pillar.Weight > 0 && total == 0 && len(p.Entries) > 0:
			c.say(fmt.Sprintf("/pillars/%d", i), pillar.ID,
				"ce pilier a un poids, mais aucun indicateur d’un poids positif.", "this pillar has a weight but no indicator with a positive weight.")
		}
	}
}

func (c *checker) goalposts(path string, e Entry) {
	a, b := e.Goalposts[0], e.Goalposts[1]
	for i, g := range e.Goalposts {
		c.within(fmt.Sprintf("%s/goalposts/%d", path, i), g, true, "fini", "that is finite")
	}
	switch e.Transform {
	case Linear:
		if math.IsInf(b-a, 0) && !math.IsInf(a, 0) && !math.IsInf(b, 0) {
			c.say(path+"/goalposts", "", "les deux bornes sont trop éloignées.", "the two goalposts are too far apart.")
		}
	case Log:
		if a <= 0 || b <= 0 {
			c.say(path+"/goalposts", number(min(a, b)), "avec «\u00a0log\u00a0», les deux bornes sont strictement positives.", "with “log”, both goalposts are above 0.")
		} else if a != b && math.Log(a) == math.Log(b) {
			c.say(path+"/goalposts", number(a), "les deux bornes sont égales.", "the two goalposts are equal.")
		}
	default:
		c.say(path+"/transform", string(e.Transform), "«\u00a0linear\u00a0» ou «\u00a0log\u00a0» est attendu.", "“linear” or “log” is expected.")
	}
	if a == b {
		c.say(path+"/goalposts", number(a), "les deux bornes sont égales.", "the two goalposts are equal.")
	}
}

func (c *checker) classes(classes Classes) {
	if len(classes.Bounds) == 0 || len(classes.Bounds) >= maxClasses {
		c.say("/classes/bounds", strconv.Itoa(len(classes.Bounds)), "de 1 à 9 seuils sont attendus.", "1 to 9 bounds are expected.")
	}
	for i, bound := range classes.Bounds {
		path := fmt.Sprintf("/classes/bounds/%d", i)
		c.within(path, bound, bound > 0 && bound < 100, "entre 0 et 100, bornes exclues,", "between 0 and 100, both excluded,")
		if i > 0 && bound <= classes.Bounds[i-1] {
			c.say(path, number(bound), "les seuils doivent croître\u00a0: celui-ci n’est pas au-dessus du précédent.", "bounds must ascend: this one is not above the one before.")
		}
	}
	if len(classes.Labels) != len(classes.Bounds)+1 {
		c.say("/classes/labels", strconv.Itoa(len(classes.Labels)),
			fmt.Sprintf("%d noms de classe sont attendus, un de plus que de seuils.", len(classes.Bounds)+1),
			fmt.Sprintf("%d class labels are expected, one more than bounds.", len(classes.Bounds)+1))
	}
	for i, label := range classes.Labels {
		c.bothLanguages(fmt.Sprintf("/classes/labels/%d", i), label)
	}
}

// isDay tells whether s is a day of the Gregorian calendar as ISO 8601 writes it.
func isDay(s string) bool {
	if len(s) != 10 || s[4] != '-' || s[7] != '-' {
		return false
	}
	parts := [3]int{}
	for i, field := range []string{s[:4], s[5:7], s[8:]} {
		for _, digit := range []byte(field) {
			if digit < '0' || digit > '9' {
				return false
			}
			parts[i] = 10*parts[i] + int(digit-'0')
		}
	}
	year, month, day := parts[0], parts[1], parts[2]
	if month < 1 || month > 12 {
		return false
	}
	days := [...]int{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}[month-1]
	if month == 2 && year%4 == 0 && (year%100 != 0 || year%400 == 0) {
		days = 29
	}
	return day >= 1 && day <= days
}
