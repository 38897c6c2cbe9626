package main

import (
	"strconv"
	"strings"
)

// number writes a number for people, with the decimal mark of their language.
func (e *environment) number(f float64, decimals int) string {
	s := strconv.FormatFloat(f, 'f', decimals, 64)
	if e.lang == "en" {
		return s
	}
	return strings.Replace(s, ".", ",", 1)
}
