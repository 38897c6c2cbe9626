package exposure

import (
	"fmt"
	"strings"
)

// Markdown renders catalogue entries as a table for people, in lang ("fr" or "en").
func Markdown(indicators []Indicator, lang string) string {
	header := Text{
		FR: "| propriété | indicateur | unité | sens | formule | donnée absente | source |",
		EN: "| property | indicator | unit | direction | formula | missing input | source |",
	}
	var b strings.Builder
	b.WriteString(header.In(lang) + "\n| --- | --- | --- | --- | --- | --- | --- |\n")
	for i := range indicators {
		in := &indicators[i]
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s | %s | %s |\n", in.ID, in.Label.In(lang), in.unit().In(lang), in.Direction.Label().In(lang), in.Formula.In(lang), in.Missing.In(lang), in.Source)
	}
	return b.String()
}

// unit is the unit for people: "1", which machines read, is a number, a share or neither.
func (in *Indicator) unit() Text {
	switch {
	case in.Unit == "1" && (in.Type == TypeInteger || in.Decimals == 0):
		return Text{FR: "nombre", EN: "number"}
	case in.Unit == "1" && in.share():
		return Text{FR: "part (0 à 1)", EN: "share (0 to 1)"}
	case in.Unit == "1" || in.Unit == "":
		return Text{FR: "–", EN: "–"}
	}
	return Text{FR: in.Unit, EN: in.Unit}
}

// share tells whether the value is a share or a probability, which people read in percent.
func (in *Indicator) share() bool {
	return in.Type == TypeNumber && in.Unit == "1" && (strings.Contains(in.ID, "share") || strings.Contains(in.ID, "probability") || in.ID == "protection_level")
}

// Label is the direction in words.
func (d Direction) Label() Text {
	switch d {
	case Risk:
		return Text{FR: "plus = plus exposé", EN: "more = more exposed"}
	case Protective:
		return Text{FR: "plus = moins exposé", EN: "more = less exposed"}
	}
	return Text{FR: "contexte", EN: "context"}
}
