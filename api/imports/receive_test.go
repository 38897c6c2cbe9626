package imports

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/gin-gonic/gin"

	"vigie/api/web"
	"vigie/data"
)

// files are the regular files below dir.
func files(t *testing.T, dir string) (found []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			found = append(found, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// Homes that are being sent have no name on the disk: a process that is killed
// leaves none there.
func TestUploadHasNoNameOnDisk(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows keeps the name of an open file")
	}
	dir := t.TempDir()
	body, contentType := shapefile(t)
	half := len(body) / 2
	looked := false
	rest := readerFunc(func([]byte) (int, error) {
		looked = true
		if left := files(t, dir); left != nil {
			t.Errorf("on the disk while it is received: %v", left)
		}
		return 0, io.EOF
	})
	up, err := receive(post(io.MultiReader(bytes.NewReader(body[:half]), rest, bytes.NewReader(body[half:])), contentType), dir)
	if err != nil {
		t.Fatal(err)
	}
	defer up.close()
	if left := files(t, dir); !looked || left != nil {
		t.Errorf("looked %v, on the disk once received: %v", looked, left)
	}
	content := make([]byte, up.files[0].Size)
	if _, err := up.files[0].ReadAt(content, 0); err != nil || !bytes.HasPrefix(content, []byte("z.shp")) {
		t.Errorf("content %q (%v)", content, err)
	}
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

// What the disk refuses is not the fault of the form.
func TestNoRoomForTheUpload(t *testing.T) {
	body, contentType := shapefile(t)
	_, err := receive(post(bytes.NewReader(body), contentType), filepath.Join(t.TempDir(), "absent"))
	var p *web.Problem
	if !errors.As(err, &p) || p.Code != web.CodeUnavailable || !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("error %v", err)
	}
}

// A client that stops sending is let go of, and meanwhile holds no import but the
// place of its own upload.
func TestStalledUploads(t *testing.T) {
	dir := t.TempDir()
	s := New(nil, nil, dir)
	s.stalled = 300 * time.Millisecond
	s.receiving = make(chan struct{}, 1)
	handler, err := web.NewHandler(web.Options{
		Info:   web.Info{Title: data.Text{FR: "Essai", EN: "Test"}, Version: "1", Server: web.Root},
		Logger: slog.New(slog.DiscardHandler),
		Clock:  time.Now,
		IDs:    func() string { return "00000000-0000-4000-8000-000000000001" },
		Admit:  func(*gin.Context, web.Admission) error { return nil },
	}, s.Routes())
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(handler)
	defer server.Close()
	body, contentType := shapefile(t)
	connection, err := net.Dial("tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer connection.Close()
	if _, err := fmt.Fprintf(connection, "POST /api/imports HTTP/1.1\r\nHost: localhost\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s",
		contentType, len(body), body[:len(body)/2]); err != nil {
		t.Fatal(err)
	}
	for wait := time.Now().Add(5 * time.Second); len(s.receiving) == 0; time.Sleep(time.Millisecond) {
		if time.Now().After(wait) {
			t.Fatal("the upload did not begin")
		}
	}
	if len(s.running) != 0 {
		t.Error("an upload that has not arrived holds an import")
	}
	send := func() *http.Response {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL+"/api/imports", bytes.NewReader([]byte("--b--\r\n")))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "multipart/form-data; boundary=b")
		response, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		return response
	}
	if r := send(); r.StatusCode != http.StatusServiceUnavailable || r.Header.Get("Retry-After") == "" {
		t.Errorf("one upload too many: %s", r.Status)
	}
	if err := connection.SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	answer, err := io.ReadAll(connection)
	if err != nil || !bytes.HasPrefix(answer, []byte("HTTP/1.1 400 ")) {
		t.Errorf("the stalled upload: %v, %.80q", err, answer)
	}
	if r := send(); r.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("after it: %s", r.Status)
	}
	if left := files(t, dir); left != nil {
		t.Errorf("left on the disk: %v", left)
	}
}
