package release

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"vigie/data"
	"vigie/data/snapshot"
	"vigie/geo/disclosure"
)

// Exports are masked exports that attackers hold together, by release.
type Exports map[string][][]disclosure.Row

// MaxExport bounds an export that is read, in bytes.
const MaxExport = 256 << 20

// Read adds one masked export, a GeoJSON or CSV file as Vigie writes them. The error is a
// *data.RejectedError that says where the file is not one.
func (x Exports) Read(name string, r io.Reader) error {
	body, err := io.ReadAll(io.LimitReader(r, MaxExport+1))
	if err != nil {
		return err
	}
	if len(body) > MaxExport {
		return notExport(name, 0, "fichier trop grand", "the file is too large")
	}
	var records []map[string]string
	if text := strings.TrimLeft(strings.TrimPrefix(string(body), "\ufeff"), " \t\r\n"); strings.HasPrefix(text, "{") {
		records, err = geojsonRecords(name, text)
	} else {
		records, err = csvRecords(name, text)
	}
	if err != nil {
		return err
	}
	rows := map[string][]disclosure.Row{}
	for i, record := range records {
		id, row, err := rowOf(record)
		if err != nil {
			return notExport(name, i+1, "ce n’est pas un export masqué ("+err.Error()+")", "this is not a masked export ("+err.Error()+")")
		}
		rows[id] = append(rows[id], row)
	}
	for id, list := range rows {
		x[id] = append(x[id], list)
	}
	return nil
}

// join is what the holders of the exports know of each release together. The error tells
// of two rows of one pseudonym that disagree.
func (x Exports) join() ([]disclosure.Release, error) {
	var out []disclosure.Release
	for _, id := range slices.Sorted(maps.Keys(x)) {
		joined, err := disclosure.Join(x[id]...)
		if err != nil {
			return nil, fmt.Errorf("release %s: %w", id, err)
		}
		out = append(out, joined)
	}
	return out, nil
}

func notExport(file string, record int, fr, en string) error {
	return &data.RejectedError{Problem: data.Problem{
		Severity: data.SeverityError, Code: "not-a-masked-export", File: file, Line: record, Message: data.Text{FR: fr, EN: en},
	}}
}

func geojsonRecords(name, text string) ([]map[string]string, error) {
	var document struct {
		Features []struct {
			Properties map[string]any `json:"properties"`
		} `json:"features"`
	}
	if err := json.Unmarshal([]byte(text), &document); err != nil {
		return nil, notExport(name, 0, "JSON illisible\u00a0: "+err.Error(), "unreadable JSON: "+err.Error())
	}
	var out []map[string]string
	for _, f := range document.Features {
		record := map[string]string{}
		for key, value := range f.Properties {
			if s, ok := value.(string); ok {
				record[key] = s
			}
		}
		out = append(out, record)
	}
	return out, nil
}

func csvRecords(name, text string) ([]map[string]string, error) {
	reader := csv.NewReader(strings.NewReader(text))
	header, err := reader.Read()
	if err != nil {
		return nil, notExport(name, 1, "CSV illisible\u00a0: "+err.Error(), "unreadable CSV: "+err.Error())
	}
	var out []map[string]string
	for {
		line, err := reader.Read()
		if err == io.EOF {
			return out, nil
		}
		if err != nil {
			return nil, notExport(name, len(out)+2, "CSV illisible\u00a0: "+err.Error(), "unreadable CSV: "+err.Error())
		}
		record := map[string]string{}
		for i, value := range line {
			record[header[i]] = value
		}
		out = append(out, record)
	}
}

// rowOf reads the properties of one masked home.
func rowOf(record map[string]string) (release string, row disclosure.Row, err error) {
	release = record["release"]
	row = disclosure.Row{
		Pseudonym: record["site_id"], Department: record["department_code"], Cell: record["cell"],
		Category: record["kind"] + "/" + record["category"], Labels: []int{-1},
	}
	for _, name := range []string{"release", "site_id", "department_code"} {
		if record[name] == "" {
			return "", row, fmt.Errorf("%s: ∅", name)
		}
	}
	switch class := record["exposure_class"]; {
	case class == "":
	case class == "indeterminate":
		row.Labels[0] = 0
	case len(class) == 1 && class[0] >= '1' && class[0] <= '5':
		row.Labels[0] = int(class[0] - '0')
	default:
		return "", row, fmt.Errorf("exposure_class: %q", data.Clip(class))
	}
	shown := false
	for _, b := range snapshot.BandedIndicators() {
		code := record[snapshot.BandColumn(b.ID)]
		shown = shown || code != ""
		row.Bands = append(row.Bands, bandOf(b.Scale, code))
	}
	if !shown {
		row.Bands = nil
	}
	return release, row, nil
}

// bandOf is the index of a band by its code, −1 when there is none of that code.
func bandOf(s disclosure.Scale, code string) int {
	return slices.IndexFunc(s.Bands(), func(b disclosure.Band) bool { return b.Code == code })
}
