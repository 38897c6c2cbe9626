package finess

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"vigie/data"
	"vigie/data/source"
)

// Joined reads the CSV with a header and coordinates, format "finess-joined".
type Joined struct{}

// ID is "finess-joined".
func (Joined) ID() string { return "finess-joined" }

// Label names the format.
func (Joined) Label() data.Text {
	return data.Text{FR: "FINESS, CSV avec en-tête et coordonnées", EN: "FINESS, CSV with header and coordinates"}
}

// Layers are the sites.
func (Joined) Layers() []data.Layer { return siteLayer }

// joinedRequired are the columns without which no establishment can be read.
var joinedRequired = []string{"nofinesset", "categetab", "commune", "departement"}

func joinedMember(in *source.Input) (source.Member, bool) {
	return pick(in, func(head []byte) bool {
		h := headerOf(head)
		return strings.Contains(h, "nofinesset") && strings.Contains(h, "categetab")
	})
}

// Detect is sure when the header has the names of FINESS.
func (Joined) Detect(in *source.Input) int {
	if _, ok := joinedMember(in); ok {
		return 95
	}
	return 0
}

// Read gives the sites in file order.
func (Joined) Read(ctx context.Context, in *source.Input, opt source.Options, sink source.Sink) error {
	m, ok := joinedMember(in)
	if !ok {
		if m, ok = in.Main(); !ok {
			return source.Reject(source.Location{File: in.Name}, source.CodeEmptyFile, "le fichier est vide.", "the file is empty.")
		}
	}
	head, _ := source.TextHead(m, 8192)
	sep, ok := source.DetectSeparator(head)
	if !ok {
		sep = ';'
	}
	body, err := m.Open()
	if err != nil {
		return err
	}
	defer body.Close()
	e := source.NewEmitter(ctx, in, sink)
	text := source.NewText(body, m.File())
	records := source.NewRecords(text, sep, m.File())
	records.Warn = e.Problem

	columns, err := joinedHeader(records, m.File())
	if err != nil {
		return err
	}
	width := len(columns)
	locator := source.NewLocator(opt)
	index := make(map[string]int, width)
	for i, name := range columns {
		if _, twice := index[name]; !twice {
			index[name] = i
		}
	}
	var line [][]byte
	get := fields(func(name string) string {
		if i, ok := index[name]; ok {
			return string(line[i])
		}
		return ""
	})
	if _, ok := index["coordxet"]; !ok {
		e.Problem(noCoordinates(m.File()))
	}
	for {
		line, err = records.Read()
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
		if err := e.Tick(); err != nil {
			return err
		}
		at := records.At(0)
		if len(line) != width {
			e.Error(at, "", "wrong-columns", "", "",
				fmt.Sprintf("ligne de %d colonnes : l’en-tête en annonce %d ; la ligne est écartée.", len(line), width),
				fmt.Sprintf("line of %d columns: the header announces %d; the line is set aside.", len(line), width))
			continue
		}
		if category := get.category(); !opt.KeepsCategory(category) {
			e.Filtered("category " + category)
			continue
		}
		s, problems, ok := get.site()
		e.Problems(problems, at, s.ID)
		if !ok || e.Duplicate(s.ID, at) {
			continue
		}
		e.Problems(locate(locator, &s, get("coordxet"), get("coordyet"), get("sourcecoordet")), at, s.ID)
		if err := e.Site(s, at); err != nil {
			return err
		}
	}
	if p, ok := text.Note(); ok {
		e.Problem(p)
	}
	e.Done()
	return nil
}

// joinedHeader reads the header's names, in lower case.
func joinedHeader(records *source.Records, file string) ([]string, error) {
	line, err := records.Read()
	if err != nil && err != io.EOF {
		return nil, err
	}
	var names []string
	for _, f := range line {
		names = append(names, source.FoldName(string(f)))
	}
	var missing []string
	for _, name := range joinedRequired {
		if !slices.Contains(names, name) {
			missing = append(missing, name)
		}
	}
	if len(missing) > 0 {
		found := strings.Join(names, ", ")
		return nil, source.Reject(source.Location{File: file, Line: max(records.Line(), 1)}, "missing-columns",
			fmt.Sprintf("colonnes FINESS absentes : %s. Colonnes trouvées : %s.", strings.Join(missing, ", "), source.Quote(found)),
			fmt.Sprintf("missing FINESS columns: %s. Columns found: %s.", strings.Join(missing, ", "), source.QuoteEN(found)))
	}
	return names, nil
}
