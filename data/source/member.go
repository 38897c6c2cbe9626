package source

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"strings"
	"sync/atomic"
)

// Member is one file of an input: the input itself when it is not an archive.
type Member struct {
	// Name is the file's name without the compression's extension; inside an archive
	// with its folders, "/" between them.
	Name string
	// Size is in bytes, decompressed; -1 when only reading tells (gzip).
	Size int64

	file  string
	path  string
	input *Input
	open  func(count *atomic.Int64) (io.ReadCloser, error)
	state *memberState
}

// memberState holds how far a member was ever read, so that reading it twice
// counts once against the limits and in the progress.
type memberState struct {
	compressed, decompressed atomic.Int64
}

type countedReader struct {
	r     io.Reader
	count *atomic.Int64
}

func counted(r io.Reader, count *atomic.Int64) io.Reader { return &countedReader{r, count} }

func (c *countedReader) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.count.Add(int64(n))
	return n, err
}

// File is the name to show in problems: "archive.zip!folder/member" inside an archive.
func (m Member) File() string { return m.file }

// Ext is the extension of the member's name in lower case, with its dot.
func (m Member) Ext() string { return strings.ToLower(path.Ext(m.Name)) }

// Open reads the member from its start, decompressed. Reading beyond the limits,
// or from a damaged archive, gives a *data.RejectedError.
func (m Member) Open() (io.ReadCloser, error) {
	count := new(atomic.Int64)
	r, err := m.open(count)
	if err != nil {
		return nil, m.corrupt(err)
	}
	return &memberReader{r: r, m: m, count: count}, nil
}

func (m Member) corrupt(err error) error {
	if _, ok := Rejected(err); ok {
		return err
	}
	at := Location{File: m.file}
	if errors.Is(err, zip.ErrAlgorithm) {
		return Reject(at, CodeCorruptArchive,
			"méthode de compression inconnue dans l’archive : seule la méthode habituelle (deflate) est lue.",
			"unknown compression method in the archive: only the usual one (deflate) is read.")
	}
	if m.path != "" || m.Size >= 0 && m.file == m.Name {
		return readFailure(at, err)
	}
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		return Reject(at, CodeTruncated,
			"le fichier compressé est tronqué : sa fin manque. Téléchargez-le à nouveau.",
			"the compressed file is truncated: its end is missing. Download it again.")
	}
	return Reject(at, CodeCorruptArchive,
		"le fichier compressé est abîmé. Téléchargez-le à nouveau.",
		"the compressed file is damaged. Download it again.")
}

type memberReader struct {
	r     io.ReadCloser
	m     Member
	count *atomic.Int64
	read  int64
}

func (r *memberReader) Read(p []byte) (int, error) {
	n, err := r.r.Read(p)
	r.read += int64(n)
	raise(&r.m.state.compressed, r.count.Load())
	if raise(&r.m.state.decompressed, r.read) {
		if limit := r.m.input.check(max(r.m.input.decompressed(), r.read), r.m.file); limit != nil {
			return 0, limit
		}
	}
	if err != nil && err != io.EOF {
		err = r.m.corrupt(err)
	}
	return n, err
}

func (r *memberReader) Close() error { return r.r.Close() }

// raise sets v to n when n is larger, and tells whether it was.
func raise(v *atomic.Int64, n int64) bool {
	for {
		old := v.Load()
		if n <= old {
			return false
		}
		if v.CompareAndSwap(old, n) {
			return true
		}
	}
}

// Head reads the first n bytes, or fewer when the member is shorter.
func (m Member) Head(n int) ([]byte, error) {
	r, err := m.Open()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	head := make([]byte, n)
	got, err := io.ReadFull(r, head)
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		return nil, err
	}
	return head[:got], nil
}

// Spool gives the path of a file on disk with the member's content, for readers
// that need one: the file itself when it is one, else a temporary file of mode
// 0600 in dir (the system's when empty). Call cleanup once done.
func (m Member) Spool(dir string) (name string, cleanup func(), err error) {
	if m.path != "" {
		return m.path, func() {}, nil
	}
	r, err := m.Open()
	if err != nil {
		return "", nil, err
	}
	defer r.Close()
	f, err := os.CreateTemp(dir, "vigie-*"+m.Ext()) // CreateTemp's mode is 0600
	if err != nil {
		return "", nil, fmt.Errorf("spool %s: %w", m.file, err)
	}
	remove := func() { os.Remove(f.Name()) }
	_, err = io.Copy(f, r)
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		remove()
		if _, ok := Rejected(err); ok {
			return "", nil, err
		}
		return "", nil, fmt.Errorf("spool %s: %w", m.file, err)
	}
	return f.Name(), remove, nil
}
