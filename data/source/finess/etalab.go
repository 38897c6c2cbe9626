package finess

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"

	"vigie/data"
	"vigie/data/source"
)

// Etalab reads the classic headerless stock, format "finess-etalab".
type Etalab struct{}

// ID is "finess-etalab".
func (Etalab) ID() string { return "finess-etalab" }

// Label names the format.
func (Etalab) Label() data.Text {
	return data.Text{FR: "FINESS, extraction classique (etalab, sans en-tête)", EN: "FINESS, classic extract (etalab, headerless)"}
}

// Layers are the sites.
func (Etalab) Layers() []data.Layer { return siteLayer }

var (
	markHeader    = []byte("finess;etalab;")
	markStructure = []byte("structureet;")
	markPosition  = []byte("geolocalisation;")
)

// etalabMember finds the member to read: the largest text one that begins as a stock.
func etalabMember(in *source.Input) (source.Member, bool) {
	return pick(in, func(head []byte) bool {
		head = bytes.TrimLeft(bytes.ToLower(head), "\" \r\n")
		head = bytes.ReplaceAll(head, []byte(`"`), nil)
		return bytes.HasPrefix(head, markHeader) || bytes.HasPrefix(head, markStructure) || bytes.HasPrefix(head, markPosition)
	})
}

// pick gives the largest member whose beginning suits.
func pick(in *source.Input, suits func(head []byte) bool) (best source.Member, ok bool) {
	for _, m := range in.Members() {
		if ok && m.Size <= best.Size {
			continue
		}
		if head, text := source.TextHead(m, 8192); text && suits(head) {
			best, ok = m, true
		}
	}
	return best, ok
}

// Detect is sure when the first line is one of the stock's.
func (Etalab) Detect(in *source.Input) int {
	if _, ok := etalabMember(in); ok {
		return 100
	}
	return 0
}

// etalabColumns is the number of columns of a "structureet" line.
var etalabColumns = len(structureFields) + 1

// held is a structure kept until its position comes.
type held struct {
	site data.Site
	at   source.Location
}

// coordinates is a position kept until its structure comes.
type coordinates struct {
	x, y, from string
	at         source.Location
}

// etalabRead is one read of a stock.
type etalabRead struct {
	e       *source.Emitter
	opt     source.Options
	locator *source.Locator
	kept    []held
	index   map[string]int         // of kept by number
	dropped map[string]bool        // numbers filtered or in error
	early   map[string]coordinates // positions that came before their structure
	mark    struct{ structures, positions int }
}

// Read gives the sites once the whole file is read, in the order of their
// "structureet" lines, since positions may come before or after.
func (Etalab) Read(ctx context.Context, in *source.Input, opt source.Options, sink source.Sink) error {
	m, ok := etalabMember(in)
	if !ok {
		return source.Reject(source.Location{File: in.Name}, source.CodeUnrecognised,
			"ce n’est pas une extraction FINESS : une ligne « finess;etalab;… » ou « structureet;… » est attendue en tête.",
			"this is not a FINESS extract: a line “finess;etalab;…” or “structureet;…” is expected first.")
	}
	body, err := m.Open()
	if err != nil {
		return err
	}
	defer body.Close()
	e := source.NewEmitter(ctx, in, sink)
	text := source.NewText(body, m.File())
	records := source.NewRecords(text, ';', m.File())
	records.Warn = e.Problem
	r := &etalabRead{
		e: e, opt: opt, locator: source.NewLocator(opt),
		index: make(map[string]int), dropped: make(map[string]bool), early: make(map[string]coordinates),
	}
	for {
		fields, err := records.Read()
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
		if err := e.Tick(); err != nil {
			return err
		}
		switch kind := string(bytes.ToLower(bytes.TrimSpace(fields[0]))); kind {
		case "structureet":
			r.structure(fields, records.At(0))
		case "geolocalisation":
			r.position(fields, records.At(0))
		case "finess":
			if records.Line() != 1 {
				e.Error(records.At(1), "", "unknown-line", "", kind,
					"ligne d’en-tête « finess » attendue en première ligne seulement.", "the header line “finess” is expected on line 1 only.")
			}
		default:
			e.Error(records.At(1), "", "unknown-line", "", string(fields[0]),
				"type de ligne inconnu : « structureet » ou « geolocalisation » sont attendus ; la ligne est écartée.",
				"unknown type of line: “structureet” or “geolocalisation” are expected; the line is set aside.")
		}
	}
	if p, ok := text.Note(); ok {
		e.Problem(p)
	}
	if r.mark.structures == 0 {
		return source.Reject(source.Location{File: m.File()}, source.CodeUnrecognised,
			"aucune ligne « structureet » : ce fichier FINESS ne décrit pas d’établissements.",
			"no “structureet” line: this FINESS file does not describe establishments.")
	}
	return r.finish(m.File())
}

func (r *etalabRead) structure(line [][]byte, at source.Location) {
	r.mark.structures++
	for len(line) > etalabColumns && len(bytes.TrimSpace(line[len(line)-1])) == 0 {
		line = line[:len(line)-1]
	}
	if len(line) != etalabColumns {
		r.wrongColumns(at, "structureet", len(line), fmt.Sprint(etalabColumns))
		return
	}
	get := fields(func(name string) string {
		for i, f := range structureFields {
			if f == name {
				return string(line[i+1])
			}
		}
		return ""
	})
	number, _, _ := source.NormaliseFINESS(get("nofinesset"))
	if !r.opt.KeepsCategory(get.category()) {
		r.e.Filtered("category " + get.category())
		r.drop(number)
		return
	}
	s, problems, ok := get.site()
	r.e.Problems(problems, at, s.ID)
	if !ok || r.e.Duplicate(s.ID, at) {
		if !ok {
			r.drop(number)
		}
		return
	}
	r.index[s.ID] = len(r.kept)
	r.kept = append(r.kept, held{s, at})
	if c, ok := r.early[s.ID]; ok {
		r.place(len(r.kept)-1, c)
		delete(r.early, s.ID)
	}
}

func (r *etalabRead) drop(number string) {
	r.dropped[number] = true
	delete(r.early, number)
}

func (r *etalabRead) wrongColumns(at source.Location, kind string, got int, want string) {
	r.e.Error(at, "", "wrong-columns", "", "",
		fmt.Sprintf("ligne « %s » de %d colonnes : %s sont attendues (séparateur « ; ») ; la ligne est écartée.", kind, got, want),
		fmt.Sprintf("“%s” line of %d columns: %s are expected (separator “;”); the line is set aside.", kind, got, want))
}

// position reads "geolocalisation;nofinesset;x;y;source;date", where older vintages
// put semicolons within the source.
func (r *etalabRead) position(line [][]byte, at source.Location) {
	r.mark.positions++
	if len(line) < 5 {
		r.wrongColumns(at, "geolocalisation", len(line), "6")
		return
	}
	raw := string(bytes.TrimSpace(line[1]))
	number, _, ok := source.NormaliseFINESS(raw)
	if !ok {
		r.e.Error(at, raw, "missing-id", "nofinesset", raw,
			"numéro FINESS absent ou mal formé dans une géolocalisation : elle est écartée.",
			"missing or malformed FINESS number in a geolocation: it is set aside.")
		return
	}
	if r.dropped[number] {
		return
	}
	from := line[4:]
	if len(from) > 1 {
		from = from[:len(from)-1] // the date
	}
	c := coordinates{string(line[2]), string(line[3]), string(bytes.Join(from, []byte(","))), at}
	if i, ok := r.index[number]; ok {
		r.place(i, c)
		return
	}
	if _, twice := r.early[number]; !twice {
		r.early[number] = c
	}
}

// place gives a kept structure its position; the first one holds.
func (r *etalabRead) place(i int, c coordinates) {
	s := &r.kept[i].site
	if s.Position != nil {
		r.e.Problems([]data.Problem{{
			Severity: data.SeverityWarning, Code: "duplicate-position",
			Message: data.Text{
				FR: "seconde géolocalisation du même établissement : la première est gardée.",
				EN: "second geolocation of the same establishment: the first one is kept.",
			},
		}}, c.at, s.ID)
		return
	}
	r.e.Problems(locate(r.locator, s, c.x, c.y, c.from), c.at, s.ID)
}

func (r *etalabRead) finish(file string) error {
	if n := len(r.early); n > 0 {
		r.e.Problem(data.Problem{
			Severity: data.SeverityWarning, Code: "orphan-positions", File: file,
			Message: data.Text{
				FR: fmt.Sprintf("géolocalisations ignorées, faute de ligne « structureet » correspondante : %d.", n),
				EN: fmt.Sprintf("geolocations ignored for want of a matching “structureet” line: %d.", n),
			},
		})
	}
	if r.mark.positions == 0 && len(r.kept) > 0 {
		r.e.Problem(noCoordinates(file))
	}
	for _, k := range r.kept {
		if err := r.e.Site(k.site, k.at); err != nil {
			return err
		}
	}
	r.e.Done()
	return nil
}

func noCoordinates(file string) data.Problem {
	return data.Problem{
		Severity: data.SeverityWarning, Code: "no-coordinates", File: file,
		Message: data.Text{
			FR: "ce fichier FINESS est l’édition sans coordonnées (cs1100502) : aucun établissement n’est localisé. L’édition cs1100507 les donne.",
			EN: "this FINESS file is the edition without coordinates (cs1100502): no establishment is located. The edition cs1100507 gives them.",
		},
	}
}

// headerOf gives the first line of a text's beginning, in lower case.
func headerOf(head []byte) string {
	line, _, _ := bytes.Cut(bytes.TrimLeft(head, "\r\n"), []byte("\n"))
	return strings.ToLower(string(line))
}
