package source

import (
	"bytes"
	"cmp"
	"errors"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/klauspost/compress/gzip"

	"vigie/data"
)

// Limits bound what an input may make its reader do. A zero field takes its default.
type Limits struct {
	// MaxBytes is the most bytes an input may hold, decompressed, all members together.
	MaxBytes int64
	// MaxRatio is the most bytes decompressed for each byte of the input, beyond the
	// first 16 MiB: the sign of a decompression bomb.
	MaxRatio int64
	// MaxMembers is the most files in an archive.
	MaxMembers int
}

// Default limits, meant for the command line; uploads take smaller ones.
const (
	DefaultMaxBytes   = 8 << 30
	DefaultMaxRatio   = 200
	DefaultMaxMembers = 1000
)

// ratioFree is how much any input may decompress to before MaxRatio counts.
const ratioFree = 16 << 20

func (l Limits) withDefaults() Limits {
	if l.MaxBytes <= 0 {
		l.MaxBytes = DefaultMaxBytes
	}
	if l.MaxRatio <= 0 {
		l.MaxRatio = DefaultMaxRatio
	}
	if l.MaxMembers <= 0 {
		l.MaxMembers = DefaultMaxMembers
	}
	return l
}

// NamedReaderAt is one file given by its content, an upload for instance.
type NamedReaderAt struct {
	Name string // base name, with its extension
	Size int64  // bytes
	io.ReaderAt
}

// Input is a file to import, or a few that belong together (a shapefile's parts),
// opened and looked into when it is an archive. It may be read several times, also
// concurrently. Close it once done.
type Input struct {
	Name string // base name of the file given
	Size int64  // bytes as given, compressed, of all the files

	originals []original
	members   []Member
	notes     []data.Problem
	limits    Limits
}

type original struct {
	NamedReaderAt
	path  string // empty when not on disk
	close func() error
}

var shapefileParts = []string{".dbf", ".prj", ".cpg", ".shx"}

// Open opens a file: plain, gzip or zip, recognised by its first bytes. The files
// beside a .shp that carry its name (.dbf, .prj, .cpg, .shx in any case) come with
// it. Errors are *data.RejectedError.
func Open(name string, lim Limits) (*Input, error) {
	in := &Input{Name: filepath.Base(name), limits: lim.withDefaults()}
	paths := []string{name}
	if strings.EqualFold(filepath.Ext(name), ".shp") {
		paths = append(paths, siblings(name)...)
	}
	for _, p := range paths {
		if err := in.addPath(p); err != nil {
			in.Close()
			return nil, err
		}
	}
	if err := in.look(); err != nil {
		in.Close()
		return nil, err
	}
	return in, nil
}

// FromFiles makes an input of files given by their content. The first one that is
// a .shp, else the first one, names the input. Errors are *data.RejectedError.
func FromFiles(files []NamedReaderAt, lim Limits) (*Input, error) {
	if len(files) == 0 {
		return nil, Reject(Location{}, CodeEmptyFile, "aucun fichier n’a été donné.", "no file was given.")
	}
	in := &Input{limits: lim.withDefaults()}
	for _, f := range files {
		f.Name = path.Base(strings.ReplaceAll(f.Name, `\`, "/"))
		if in.Name == "" || strings.EqualFold(path.Ext(f.Name), ".shp") && !strings.EqualFold(path.Ext(in.Name), ".shp") {
			in.Name = f.Name
		}
		in.Size += f.Size
		in.originals = append(in.originals, original{NamedReaderAt: f, close: func() error { return nil }})
	}
	if err := in.look(); err != nil {
		return nil, err
	}
	return in, nil
}

func siblings(shp string) []string {
	dir, base := filepath.Split(shp)
	stem := strings.TrimSuffix(base, filepath.Ext(base))
	entries, err := os.ReadDir(cmp.Or(dir, "."))
	if err != nil {
		return nil // the .shp itself then gives the error
	}
	var found []string
	for _, e := range entries {
		ext := filepath.Ext(e.Name())
		if strings.TrimSuffix(e.Name(), ext) == stem && slices.Contains(shapefileParts, strings.ToLower(ext)) {
			found = append(found, filepath.Join(dir, e.Name()))
		}
	}
	return found
}

func (in *Input) addPath(p string) error {
	at := Location{File: filepath.Base(p)}
	f, err := os.Open(p)
	if err != nil {
		if errors.Is(err, os.ErrNotExist) {
			return Reject(at, CodeUnreadable, "ce fichier n’existe pas.", "this file does not exist.")
		}
		return readFailure(at, err)
	}
	st, err := f.Stat()
	if err == nil && !st.Mode().IsRegular() {
		err = Reject(at, CodeUnreadable, "ce n’est pas un fichier ordinaire.", "this is not a regular file.")
	}
	if err != nil {
		f.Close()
		return readFailure(at, err)
	}
	in.Size += st.Size()
	in.originals = append(in.originals, original{
		NamedReaderAt: NamedReaderAt{Name: at.File, Size: st.Size(), ReaderAt: f}, path: p, close: f.Close,
	})
	return nil
}

// look finds the members of every file.
func (in *Input) look() error {
	for _, o := range in.originals {
		at := Location{File: o.Name}
		if o.Size == 0 {
			if !strings.EqualFold(o.Name, in.Name) {
				continue // an empty .cpg or .prj beside its shapefile is as good as none
			}
			return rejectEmpty(at)
		}
		var magic [6]byte
		n, err := o.ReadAt(magic[:], 0)
		if n == 0 && err != nil {
			return readFailure(at, err)
		}
		head := magic[:n]
		switch {
		case bytes.HasPrefix(head, []byte("PK\x03\x04")), bytes.HasPrefix(head, []byte("PK\x05\x06")):
			err = in.lookZip(o)
		case bytes.HasPrefix(head, []byte("\x1f\x8b")):
			err = in.addGzip(o)
		default:
			if name, ok := foreignArchive(head); ok {
				return Reject(at, CodeUnrecognised,
					"archive "+name+" : ce type n’est pas lu. Donnez un fichier simple, .gz ou .zip.",
					name+" archive: not a type that is read. Give a plain file, .gz or .zip.")
			}
			in.addPlain(o)
			err = nil
		}
		if err != nil {
			return err
		}
	}
	var declared int64
	for _, m := range in.members {
		declared += max(m.Size, 0)
	}
	if err := in.check(declared, in.Name); err != nil {
		return err
	}
	if len(in.members) == 0 {
		return Reject(Location{File: in.Name}, CodeEmptyFile,
			"l’archive ne contient aucun fichier lisible.", "the archive holds no file that can be read.")
	}
	return nil
}

func rejectEmpty(at Location) error {
	return Reject(at, CodeEmptyFile, "le fichier est vide.", "the file is empty.")
}

func foreignArchive(head []byte) (string, bool) {
	for magic, name := range map[string]string{
		"7z\xbc\xaf\x27\x1c": "7-Zip", "Rar!": "RAR", "\xfd7zXZ\x00": "XZ", "BZh": "bzip2", "\x28\xb5\x2f\xfd": "Zstandard",
	} {
		if bytes.HasPrefix(head, []byte(magic)) {
			return name, true
		}
	}
	return "", false
}

func (in *Input) addPlain(o original) {
	in.members = append(in.members, Member{
		Name: o.Name, Size: o.Size, file: o.Name, path: o.path, input: in, state: new(memberState),
		open: func(count *atomic.Int64) (io.ReadCloser, error) {
			return io.NopCloser(counted(io.NewSectionReader(o, 0, o.Size), count)), nil
		},
	})
}

func (in *Input) addGzip(o original) error {
	name := o.Name
	if ext := path.Ext(name); strings.EqualFold(ext, ".gz") {
		name = strings.TrimSuffix(name, ext)
	}
	m := Member{
		Name: name, Size: -1, file: o.Name, input: in, state: new(memberState),
		open: func(count *atomic.Int64) (io.ReadCloser, error) {
			return gzip.NewReader(counted(io.NewSectionReader(o, 0, o.Size), count))
		},
	}
	head, err := m.Head(6)
	if err != nil {
		return err
	}
	if len(head) == 0 {
		return rejectEmpty(Location{File: o.Name})
	}
	in.members = append(in.members, m)
	return nil
}
