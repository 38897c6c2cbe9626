// Package all is the registry of the input formats.
package all

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"vigie/data"
	"vigie/data/source"
	"vigie/data/source/bpe"
	"vigie/data/source/delimited"
	"vigie/data/source/filosofi"
	"vigie/data/source/finess"
	"vigie/data/source/geojson"
	"vigie/data/source/gpkg"
	"vigie/data/source/population"
	"vigie/data/source/poverty"
	"vigie/data/source/qrrjson"
	"vigie/data/source/reception"
	"vigie/data/source/schools"
	"vigie/data/source/shapefile"
	"vigie/data/source/ssmsi"
)

// CodeWrongLayer is the code of a file that is readable, but holds other records
// than those asked for.
const CodeWrongLayer = "wrong-layer"

// Formats lists the formats, the most particular first: at equal scores the
// earlier one is chosen.
func Formats() []source.Format {
	return append(finess.Formats(),
		bpe.Format{}, reception.Format{}, schools.Format{}, ssmsi.Format{}, filosofi.Format{}, population.Format{}, poverty.Format{},
		qrrjson.Format{}, shapefile.Format{}, gpkg.Format{}, geojson.Format{}, delimited.Format{})
}

// ByID finds a format by its identifier, in any case.
func ByID(id string) (source.Format, bool) {
	for _, f := range Formats() {
		if strings.EqualFold(f.ID(), id) {
			return f, true
		}
	}
	return nil, false
}

// Detect chooses the format that is surest to read the input, among those that
// give the layer (any, when layer is empty). The error is a *data.RejectedError
// "unrecognised-format" that says what the file looks like and what can be read,
// or "wrong-layer".
func Detect(in *source.Input, layer data.Layer) (source.Format, error) {
	var best, other source.Format
	bestScore, otherScore := 0, 0
	for _, f := range Formats() {
		score := f.Detect(in)
		switch {
		case layer != "" && !slices.Contains(f.Layers(), layer):
			if score > otherScore {
				other, otherScore = f, score
			}
		case score > bestScore:
			best, bestScore = f, score
		}
	}
	// A file is taken for what it most surely is: a FINESS stock read as plain CSV
	// of zones would only give errors without end.
	if other != nil && otherScore > bestScore && otherScore >= sure {
		return nil, source.Reject(source.Location{File: in.Name}, CodeWrongLayer,
			fmt.Sprintf("ce fichier est de format « %s », qui contient %s et non %s.", other.Label().FR, layerNames(other.Layers()).FR, layerNames([]data.Layer{layer}).FR),
			fmt.Sprintf("this file is of the format “%s”, which holds %s and not %s.", other.Label().EN, layerNames(other.Layers()).EN, layerNames([]data.Layer{layer}).EN))
	}
	if best == nil {
		return nil, unrecognised(in, layer)
	}
	return best, nil
}

// sure is the score from which a format is recognised by its content.
const sure = 80

func layerNames(layers []data.Layer) data.Text {
	names := map[data.Layer]data.Text{
		data.LayerSites:  {FR: "des foyers", EN: "homes"},
		data.LayerZones:  {FR: "des zones", EN: "zones"},
		data.LayerPlaces: {FR: "des lieux", EN: "places"},
		data.LayerAreas:  {FR: "des communes ou départements", EN: "communes or départements"},

		data.LayerStatistics: {FR: "des statistiques", EN: "statistics"},
	}
	var fr, en []string
	for _, l := range layers {
		fr, en = append(fr, names[l].FR), append(en, names[l].EN)
	}
	return data.Text{FR: strings.Join(fr, ", "), EN: strings.Join(en, ", ")}
}

// Unknown is the error for an identifier of no format.
func Unknown(id string) error {
	var ids []string
	for _, f := range Formats() {
		ids = append(ids, f.ID())
	}
	list := strings.Join(ids, ", ")
	return source.Reject(source.Location{}, source.CodeUnrecognised,
		fmt.Sprintf("format inconnu : %s. Formats connus : %s.", source.Quote(id), list),
		fmt.Sprintf("unknown format: %s. Known formats: %s.", source.QuoteEN(id), list))
}

func unrecognised(in *source.Input, layer data.Layer) error {
	var fr, en []string
	for _, f := range Formats() {
		if layer == "" || slices.Contains(f.Layers(), layer) {
			fr, en = append(fr, f.Label().FR), append(en, f.Label().EN)
		}
	}
	what := data.Text{FR: "rien de connu", EN: "nothing known"}
	file := in.Name
	if m, ok := in.Main(); ok {
		head, err := m.Head(headSize)
		if err != nil {
			return err
		}
		what, file = look(head), m.File()
	}
	return source.Reject(source.Location{File: file}, source.CodeUnrecognised,
		fmt.Sprintf("format non reconnu : le fichier ressemble à %s. Formats lus : %s.", what.FR, strings.Join(fr, " ; ")),
		fmt.Sprintf("unrecognised format: the file looks like %s. Formats read: %s.", what.EN, strings.Join(en, "; ")))
}

// headSize is how much of a file is looked at to say what it is, in bytes.
const headSize = 512

// magics are the first bytes of files that people give by mistake.
var magics = []struct {
	prefix string
	name   data.Text
}{
	{"%PDF", data.Text{FR: "un document PDF", EN: "a PDF document"}},
	{"\x89PNG", data.Text{FR: "une image PNG", EN: "a PNG image"}},
	{"\xff\xd8\xff", data.Text{FR: "une image JPEG", EN: "a JPEG image"}},
	{"GIF8", data.Text{FR: "une image GIF", EN: "a GIF image"}},
	{"\xd0\xcf\x11\xe0", data.Text{FR: "un ancien document Office (.xls, .doc) : enregistrez-le en CSV", EN: "an old Office document (.xls, .doc): save it as CSV"}},
	{"SQLite format 3\x00", data.Text{FR: "une base SQLite qui n’est pas un GeoPackage", EN: "an SQLite database that is no GeoPackage"}},
	{"\x7fELF", data.Text{FR: "un programme", EN: "a program"}},
	{"MZ", data.Text{FR: "un programme", EN: "a program"}},
	{"<!DOCTYPE html", data.Text{FR: "une page web : le lien de téléchargement n’a pas donné le fichier", EN: "a web page: the download link did not give the file"}},
	{"<html", data.Text{FR: "une page web : le lien de téléchargement n’a pas donné le fichier", EN: "a web page: the download link did not give the file"}},
	{"<?xml", data.Text{FR: "du XML (KML, GML, classeur…)", EN: "XML (KML, GML, workbook…)"}},
	{"<", data.Text{FR: "du XML ou du HTML", EN: "XML or HTML"}},
	{"{", data.Text{FR: "du JSON d’une structure inconnue", EN: "JSON of an unknown structure"}},
	{"[", data.Text{FR: "du JSON d’une structure inconnue", EN: "JSON of an unknown structure"}},
}

// look says what the first bytes of a file look like.
func look(head []byte) data.Text {
	start := bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\ufeff")), " \t\r\n")
	for _, m := range magics {
		if len(start) >= len(m.prefix) && strings.EqualFold(string(start[:len(m.prefix)]), m.prefix) {
			return m.name
		}
	}
	binary := 0
	for _, b := range head {
		if b < ' ' && b != '\t' && b != '\r' && b != '\n' {
			binary++
		}
	}
	if binary > len(head)/50 {
		shown := fmt.Sprintf("% x", head[:min(len(head), 8)])
		return data.Text{
			FR: "un fichier binaire (premiers octets " + shown + ")",
			EN: "a binary file (first bytes " + shown + ")",
		}
	}
	line, _, _ := strings.Cut(string(start), "\n")
	if !utf8.ValidString(line) {
		line = strings.ToValidUTF8(line, "�")
	}
	return data.Text{
		FR: "du texte qui commence par " + source.Quote(line),
		EN: "text that begins with " + source.QuoteEN(line),
	}
}
