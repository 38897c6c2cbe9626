package storetest

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"vigie/data"
)

func testReopen(t *testing.T, b Backend) {
	f := start(t, b)
	f.mustWrite(complete())
	batch := imported("i", data.Batch{
		PutZones: []data.Zone{zone("2024", "a", "", "99")}, Current: edition("2024"),
	})
	f.mustWrite(batch)
	content, versions := f.content(), f.versions()
	if err := f.store.Close(); err != nil {
		t.Fatalf("close: %v", err)
	}
	b.Check(t, f.address)
	f.store = f.open()
	equal(t, "content", f.content(), content)
	equal(t, "versions", f.versions(), versions)
	f.mustUndo("i")
	equal(t, "editions after undo", len(f.content().Editions), len(content.Editions)-1)
}

// crashAddress names the database in the environment of the process to be killed.
const crashAddress = "VIGIE_STORETEST_CRASH_ADDRESS"

// crashIfChild writes batches until it is killed, when this process was started by testKill.
func (b Backend) crashIfChild(t *testing.T) {
	address := os.Getenv(crashAddress)
	if address == "" {
		return
	}
	acknowledged := os.NewFile(3, "acknowledged")
	store, err := b.Open(context.Background(), address)
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	n := 0
	if err := store.Sites(context.Background(), nil, func(*data.StoredSite) error { n++; return nil }); err != nil {
		t.Fatal(err)
	}
	for n /= crashSites; ; n++ {
		if err := store.Write(context.Background(), b.operator(), crashBatch(n), entry("import")); err != nil {
			t.Fatalf("batch %d: %v", n, err)
		}
		if _, err := fmt.Fprintln(acknowledged, n); err != nil {
			t.Fatal(err)
		}
	}
}

// crashSites is the number of sites in each batch of the process to be killed.
const crashSites = 5

func crashBatch(n int) *data.Batch {
	name := strconv.Itoa(n)
	b := data.Batch{PutZones: []data.Zone{zone("2024", "z", name, "99")}}
	for i := range crashSites {
		b.PutSites = append(b.PutSites, site(fmt.Sprintf("s%06d-%d", n, i), "99", name, 1))
	}
	return imported("i"+name, b)
}

// testKill kills a writing process without warning, several times on one
// database: what it was told is written is there, whole, and nothing half.
func testKill(t *testing.T, b Backend) {
	address := b.Create(t)
	for round := range 4 {
		last := killWriter(t, address, 5+10*round)
		b.Check(t, address)
		verifyCrash(t, b, address, last)
	}
}

// killWriter lets a process write until it has acknowledged some batches, kills it,
// and returns the number of the last batch that it acknowledged.
func killWriter(t *testing.T, address string, batches int) (last int) {
	t.Helper()
	top, _, _ := strings.Cut(t.Name(), "/")
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	var output strings.Builder
	cmd := exec.Command(os.Args[0], "-test.run=^"+top+"$", "-test.count=1")
	cmd.Env = append(os.Environ(), crashAddress+"="+address)
	cmd.ExtraFiles = []*os.File{w}
	cmd.Stdout, cmd.Stderr = &output, &output
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	last = -1
	lines := bufio.NewReader(r)
	for seen := 0; ; {
		line, err := lines.ReadString('\n')
		if err == io.EOF {
			break // killed, and all it had said is read
		}
		if err != nil {
			t.Fatal(err)
		}
		if last, err = strconv.Atoi(strings.TrimSpace(line)); err != nil {
			t.Fatal(err)
		}
		if seen++; seen == batches {
			if err := cmd.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := cmd.Wait(); err == nil || cmd.ProcessState.Exited() {
		t.Fatalf("the writer was not killed (%v):\n%s", err, output.String())
	}
	return last
}

func verifyCrash(t *testing.T, b Backend, address string, last int) {
	t.Helper()
	store, err := b.Open(t.Context(), address)
	if err != nil {
		t.Fatalf("open after a kill: %v", err)
	}
	defer store.Close()
	c, err := read(t.Context(), store)
	if err != nil {
		t.Fatal(err)
	}
	n := len(c.Sites) / crashSites
	// One batch may have been written and not yet acknowledged.
	if len(c.Sites)%crashSites != 0 || n < last+1 || n > last+2 {
		t.Fatalf("%d sites after %d acknowledged batches of %d", len(c.Sites), last+1, crashSites)
	}
	t.Logf("%d batches acknowledged, %d found", last+1, n)
	equal(t, "the zone of the last batch", c.Zones[0].Name, strconv.Itoa(n-1))
	imports, err := store.Imports(t.Context(), b.operator(), 0)
	if err != nil || len(imports) != n {
		t.Errorf("%d imports for %d batches: %v", len(imports), n, err)
	}
	versions, err := store.Versions(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "versions", versions, []data.LayerVersion{
		{Layer: data.LayerSites, Department: "99", Version: int64(n)}, {Layer: data.LayerZones, Department: "99", Version: int64(n)},
	})
}
