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
		unit := in.Unit
		if unit == "" {
			unit = "–"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s | %s | %s |\n", in.ID, in.Label.In(lang), unit, in.Direction.Label().In(lang), in.Formula.In(lang), in.Missing.In(lang), in.Source)
	}
	return b.String()
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
