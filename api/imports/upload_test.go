package imports

import (
	"bytes"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"testing/iotest"

	"pgregory.net/rapid"

	"vigie/api/web"
)

func TestTailKeepsTheLastBytes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		content := rapid.SliceOfN(rapid.Byte(), 0, 300).Draw(t, "content")
		keep := rapid.IntRange(1, 50).Draw(t, "keep")
		var r io.Reader = bytes.NewReader(content)
		if rapid.Bool().Draw(t, "slow") {
			r = iotest.OneByteReader(r)
		}
		tl := &tail{r: r, keep: keep}
		if _, err := io.CopyBuffer(io.Discard, struct{ io.Reader }{tl}, make([]byte, rapid.IntRange(1, 64).Draw(t, "buffer"))); err != nil {
			t.Fatal(err)
		}
		if want := content[max(0, len(content)-keep):]; !bytes.Equal(tl.last, want) {
			t.Fatalf("kept %v, want %v", tl.last, want)
		}
	})
}

func shapefile(t *testing.T) (body []byte, contentType string) {
	t.Helper()
	var buf bytes.Buffer
	w := multipart.NewWriter(&buf)
	for name, value := range map[string]string{"layer": "zones", "kind": "custom"} {
		if err := w.WriteField(name, value); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"z.shp", "z.dbf", "z.prj"} {
		part, err := w.CreateFormFile(fileField, name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(part, strings.Repeat(name, 100)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes(), w.FormDataContentType()
}

func post(body io.Reader, contentType string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/", body)
	r.Header.Set("Content-Type", contentType)
	return r
}

// A form cut anywhere is refused: a shapefile without its .prj would be read in
// another place of the world.
func TestCutFormsAreRefused(t *testing.T) {
	body, contentType := shapefile(t)
	dir := t.TempDir()
	last := len(body) - len("\r\n")
	for n := range last {
		up, err := receive(post(bytes.NewReader(body[:n]), contentType), dir)
		if err == nil {
			up.close()
			t.Fatalf("the first %d of %d bytes are taken for a whole form", n, len(body))
		}
		var p *web.Problem
		if !errors.As(err, &p) {
			t.Fatalf("%d bytes: %v is not a problem", n, err)
		}
	}
	for _, whole := range [][]byte{body, body[:last], append(bytes.Clone(body), "epilogue"...)} {
		up, err := receive(post(bytes.NewReader(whole), contentType), dir)
		if err != nil {
			t.Fatal(err)
		}
		if len(up.files) != 3 || up.files[2].Name != "z.prj" || up.files[2].Size != 500 {
			t.Errorf("files %+v", up.files)
		}
		for _, f := range up.open {
			info, err := f.Stat()
			if err != nil || info.Mode().Perm() != 0o600 {
				t.Errorf("mode %v (%v), want 0600", info.Mode(), err)
			}
		}
		up.close()
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != 0 {
		t.Errorf("left on disk: %v (%v)", left, err)
	}
}

func FuzzReceive(f *testing.F) {
	f.Add([]byte("--b\r\nContent-Disposition: form-data; name=\"layer\"\r\n\r\nsites\r\n--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\n\r\nx\r\n--b--\r\n"))
	f.Add([]byte("--b--"))
	f.Add([]byte("--b\r\n\r\n\r\n--b--\r\n"))
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, body []byte) {
		up, err := receive(post(bytes.NewReader(body), "multipart/form-data; boundary=b"), dir)
		if err == nil {
			if _, err := up.request(); err == nil && (len(up.files) == 0 || up.values["layer"] == "") {
				t.Error("a form without file or layer was taken")
			}
			up.close()
		}
		left, err := os.ReadDir(dir)
		if err != nil || len(left) != 0 {
			t.Errorf("left on disk: %v (%v)", left, err)
		}
	})
}
