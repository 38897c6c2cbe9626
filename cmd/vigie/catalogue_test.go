package main

import (
	"os"
	"testing"
)

func TestIndicatorsDocumentIsCurrent(t *testing.T) {
	got, err := os.ReadFile("../../docs/indicators.md")
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != indicatorsDocument() {
		t.Error("docs/indicators.md is not current: run `vigie catalogue > docs/indicators.md`")
	}
}
