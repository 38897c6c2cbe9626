package delimited

import (
	"io"
	"slices"
	"strings"

	"vigie/data"
	"vigie/data/source"
)

// header is what the first line tells.
type header struct {
	names []string
	slots []source.Slot
	has   [source.NumFields]bool
}

func (h *header) located() bool {
	return h.has[source.FieldLon] && h.has[source.FieldLat] || h.has[source.FieldX] && h.has[source.FieldY] || h.has[source.FieldWKT]
}

func (r *reader) readHeader(records *source.Records, file string, sep byte) error {
	line, err := records.Read()
	if err == io.EOF {
		return source.Reject(source.Location{File: file}, source.CodeEmptyFile,
			"le fichier n’a aucune ligne.", "the file has no line.")
	}
	if err != nil {
		return err
	}
	h := &r.header
	for _, name := range line {
		s := r.mapper.Slot(name)
		h.names = append(h.names, s.Name)
		h.slots = append(h.slots, s)
		if s.Known() {
			h.has[s.Field] = true
		}
	}
	reject := func(fr, en string) error {
		found := strings.Join(h.names, ", ")
		return source.Reject(source.Location{File: file, Line: records.Line()}, "missing-columns",
			fr+" Colonnes trouvées (séparateur "+separatorName(sep, true)+") : "+source.Quote(found)+".",
			en+" Columns found (separator "+separatorName(sep, false)+"): "+source.QuoteEN(found)+".")
	}
	for _, named := range []string{r.opt.IDField, r.opt.NameField} {
		if named != "" && !slices.ContainsFunc(h.names, func(n string) bool { return strings.EqualFold(n, named) }) {
			return reject("la colonne "+source.Quote(named)+" demandée n’existe pas.", "the column "+source.QuoteEN(named)+" asked for does not exist.")
		}
	}
	switch r.opt.Layer {
	case data.LayerZones, data.LayerAreas:
		if !h.has[source.FieldWKT] {
			return reject("colonne de géométrie absente : « wkt », « geom » ou « geometry », en texte WKT, est attendue.",
				"missing geometry column: “wkt”, “geom” or “geometry”, as WKT text, is expected.")
		}
	default:
		named := (h.has[source.FieldID] || h.has[source.FieldFINESS]) && h.has[source.FieldName]
		half := h.has[source.FieldLon] != h.has[source.FieldLat] || h.has[source.FieldX] != h.has[source.FieldY]
		if !h.located() && (half || !named) {
			return reject("colonnes de position absentes : « lon » et « lat », ou « x », « y » et « epsg » sont attendues (ou, sans position, un identifiant et un nom).",
				"missing position columns: “lon” and “lat”, or “x”, “y” and “epsg” are expected (or, without position, an identifier and a name).")
		}
	}
	return nil
}

func separatorName(sep byte, french bool) string {
	switch {
	case sep == '\t' && french:
		return "tabulation"
	case sep == '\t':
		return "tab"
	case french:
		return "« " + string(sep) + " »"
	}
	return "“" + string(sep) + "”"
}
