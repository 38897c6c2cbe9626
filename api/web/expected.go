package web

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"vigie/data"
)

// expected says in French and English what a schema admits, for messages: the
// same schema validates, documents and explains.
func expected(s *openapi3.Schema) (fr, en string) {
	if s == nil {
		return "autre chose", "something else"
	}
	if t, ok := s.Extensions[expectation].(data.Text); ok {
		return t.FR, t.EN
	}
	switch {
	case len(s.Enum) > 0:
		values := make([]string, 0, len(s.Enum))
		for _, v := range s.Enum {
			values = append(values, fmt.Sprint(v))
		}
		list := strings.Join(values, ", ")
		return "l’une des valeurs " + list, "one of " + list
	case s.Type.Is(openapi3.TypeInteger):
		frRange, enRange := numberRange(s)
		return "un nombre entier" + frRange, "a whole number" + enRange
	case s.Type.Is(openapi3.TypeNumber):
		frRange, enRange := numberRange(s)
		return "un nombre" + frRange, "a number" + enRange
	case s.Type.Is(openapi3.TypeBoolean):
		return "true ou false", "true or false"
	case s.Type.Is(openapi3.TypeArray):
		count := countRange(s.MinItems, s.MaxItems)
		frItem, enItem := expected(itemSchema(s))
		return "une liste" + count + " (" + frItem + ")", "a list" + count + " (" + enItem + ")"
	case s.Type.Is(openapi3.TypeString):
		count := countRange(s.MinLength, s.MaxLength)
		if count == "" {
			return "un texte", "a text"
		}
		return "un texte (longueur" + count + ")", "a text (length" + count + ")"
	default:
		return "un objet JSON", "a JSON object"
	}
}

func itemSchema(s *openapi3.Schema) *openapi3.Schema {
	if s.Items == nil {
		return nil
	}
	return s.Items.Value
}

func numberRange(s *openapi3.Schema) (fr, en string) {
	number := func(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }
	switch {
	case s.Min != nil && s.Max != nil:
		return " de " + number(*s.Min) + " à " + number(*s.Max), " from " + number(*s.Min) + " to " + number(*s.Max)
	case s.Min != nil:
		return " d’au moins " + number(*s.Min), " of at least " + number(*s.Min)
	case s.Max != nil:
		return " d’au plus " + number(*s.Max), " of at most " + number(*s.Max)
	}
	return "", ""
}

func countRange(minimum uint64, maximum *uint64) string {
	low := strconv.FormatUint(minimum, 10)
	switch {
	case maximum != nil && *maximum == minimum:
		return " " + low
	case maximum != nil:
		return " " + low + "–" + strconv.FormatUint(*maximum, 10)
	case minimum > 0:
		return " ≥ " + low
	}
	return ""
}
