package incidents

import (
	"context"
	"strings"
	"testing"

	"vigie/data"
	"vigie/data/source"
)

func read(t *testing.T, content string) (got []Incident, problems []data.Problem, err error) {
	t.Helper()
	in, err := source.FromFiles([]source.NamedReaderAt{{Name: "i.csv", Size: int64(len(content)), ReaderAt: strings.NewReader(content)}}, source.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	err = Read(context.Background(), in, func(p data.Problem) { problems = append(problems, p) }, func(i Incident) { got = append(got, i) })
	return got, problems, err
}

func TestRead(t *testing.T) {
	got, problems, err := read(t, "incident_id;site_id;occurred_on\n1;F1;2026-01-31\n2;F2;31/12/2025\n3;;2026-01-01\n4;F1;hier\n")
	if err != nil || len(got) != 2 || got[0] != (Incident{"F1", "2026-01-31"}) || got[1] != (Incident{"F2", "2025-12-31"}) {
		t.Errorf("%v, %v", got, err)
	}
	if len(problems) != 2 || problems[0].Line != 4 || problems[1].Line != 5 {
		t.Errorf("%+v", problems)
	}
}

func TestNotATableOfIncidents(t *testing.T) {
	_, _, err := read(t, "id;nom\n1;a\n")
	if _, ok := source.Rejected(err); !ok {
		t.Errorf("%v", err)
	}
}
