package source

import (
	"archive/zip"
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"unicode/utf8"

	"github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/gzip"
	"golang.org/x/text/encoding/charmap"

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

func (in *Input) lookZip(o original) error {
	at := Location{File: o.Name}
	z, err := zip.NewReader(o, o.Size)
	if err != nil {
		return Reject(at, CodeCorruptArchive,
			"l’archive zip est abîmée ou incomplète. Téléchargez-la à nouveau.",
			"the zip archive is damaged or incomplete. Download it again.")
	}
	z.RegisterDecompressor(zip.Deflate, flate.NewReader)
	if len(z.File) > in.limits.MaxMembers {
		return Reject(at, CodeTooManyMembers,
			fmt.Sprintf("l’archive contient %d fichiers ; le maximum est %d.", len(z.File), in.limits.MaxMembers),
			fmt.Sprintf("the archive holds %d files; the most is %d.", len(z.File), in.limits.MaxMembers))
	}
	empty := 0
	for _, f := range z.File {
		name := strings.ReplaceAll(f.Name, `\`, "/")
		if !utf8.ValidString(name) {
			// Without the UTF-8 flag, French Windows writes names in its OEM code page.
			if s, err := charmap.CodePage850.NewDecoder().String(name); err == nil {
				name = s
			}
		}
		if unsafeName(name) {
			return Reject(Location{File: o.Name + "!" + data.Clip(name)}, CodeUnsafeMember,
				"l’archive contient un chemin absolu ou qui remonte de dossier : elle est refusée.",
				"the archive holds an absolute or parent path: it is refused.")
		}
		base := path.Base(name)
		if strings.HasSuffix(name, "/") || strings.HasPrefix(name, "__MACOSX/") || base == ".DS_Store" {
			continue
		}
		file := o.Name + "!" + name
		if f.Flags&1 != 0 {
			return Reject(Location{File: file}, CodeEncrypted,
				"l’archive est protégée par un mot de passe : extrayez d’abord son contenu.",
				"the archive is protected by a password: extract its content first.")
		}
		switch strings.ToLower(path.Ext(name)) {
		case ".zip", ".gz", ".7z", ".rar", ".tar", ".tgz", ".bz2", ".xz", ".zst":
			in.notes = append(in.notes, data.Problem{
				Severity: data.SeverityWarning, Code: CodeNestedArchive, File: file,
				Message: data.Text{
					FR: "archive dans l’archive : non lue. Extrayez-la et importez-la à part.",
					EN: "archive inside the archive: not read. Extract it and import it on its own.",
				},
			})
			continue
		}
		if f.UncompressedSize64 == 0 {
			empty++
			continue
		}
		in.members = append(in.members, Member{
			Name: name, Size: int64(min(f.UncompressedSize64, 1<<62)), file: file, input: in, state: new(memberState),
			open: func(count *atomic.Int64) (io.ReadCloser, error) {
				offset, err := f.DataOffset()
				if err != nil {
					return nil, err
				}
				r, err := f.Open()
				if err != nil {
					return nil, err
				}
				size := min(int64(min(f.CompressedSize64, 1<<62)), max(o.Size-offset, 0))
				return &zipReader{ReadCloser: r, count: count, compressed: size, size: int64(min(f.UncompressedSize64, 1<<62))}, nil
			},
		})
	}
	if len(in.members) == 0 && empty > 0 {
		return rejectEmpty(at)
	}
	return nil
}

// unsafeName tells whether a member's name could leave a folder it would be extracted to.
func unsafeName(name string) bool {
	return strings.HasPrefix(name, "/") || len(name) > 1 && name[1] == ':' ||
		strings.ContainsRune(name, 0) || slices.Contains(strings.Split(name, "/"), "..")
}

// zipReader reports the compressed bytes consumed, in proportion of what was decompressed.
type zipReader struct {
	io.ReadCloser
	count            *atomic.Int64
	read             int64
	compressed, size int64
}

func (z *zipReader) Read(p []byte) (int, error) {
	n, err := z.ReadCloser.Read(p)
	z.read += int64(n)
	if z.size > 0 {
		done := int64(float64(z.compressed) * min(1, float64(z.read)/float64(z.size)))
		z.count.Store(done)
	}
	return n, err
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

// check compares a number of decompressed bytes with the limits.
func (in *Input) check(decompressed int64, file string) error {
	at := Location{File: file}
	if decompressed > in.limits.MaxBytes {
		fr, en := humanBytes(in.limits.MaxBytes)
		return Reject(at, CodeTooLarge,
			"le contenu dépasse la taille permise ("+fr+").", "the content exceeds the permitted size ("+en+").")
	}
	if decompressed > ratioFree && decompressed/in.limits.MaxRatio > in.Size {
		return Reject(at, CodeDecompressionBomb,
			fmt.Sprintf("le contenu décompressé dépasse %d fois la taille du fichier : il est refusé, par crainte d’une bombe de décompression.", in.limits.MaxRatio),
			fmt.Sprintf("the decompressed content exceeds %d times the file’s size: it is refused as a likely decompression bomb.", in.limits.MaxRatio))
	}
	return nil
}

func (in *Input) decompressed() int64 {
	var n int64
	for _, m := range in.members {
		n += m.state.decompressed.Load()
	}
	return n
}

// Consumed is how many bytes of the input, as given, were read so far: what to
// compare with Size to show progress.
func (in *Input) Consumed() int64 {
	var n int64
	for _, m := range in.members {
		n += m.state.compressed.Load()
	}
	return min(n, in.Size)
}

// Members lists the files of the input, without folders, nested archives and empty ones.
func (in *Input) Members() []Member { return slices.Clone(in.members) }

// Notes are the problems met while opening, for the import's report: nested archives left aside.
func (in *Input) Notes() []data.Problem { return slices.Clone(in.notes) }

// Main is the member to read: the largest among those with the first of the given
// extensions that any member has (".geojson", in any case); the largest of all
// when no extension is given.
func (in *Input) Main(exts ...string) (Member, bool) {
	if len(exts) == 0 {
		return largest(in.members)
	}
	for _, ext := range exts {
		if m, ok := largest(in.withExt(ext)); ok {
			return m, true
		}
	}
	return Member{}, false
}

func (in *Input) withExt(exts ...string) []Member {
	var found []Member
	for _, m := range in.members {
		for _, ext := range exts {
			if strings.EqualFold(path.Ext(m.Name), ext) {
				found = append(found, m)
				break
			}
		}
	}
	return found
}

func largest(members []Member) (Member, bool) {
	if len(members) == 0 {
		return Member{}, false
	}
	return slices.MaxFunc(members, func(a, b Member) int { return cmp.Compare(a.Size, b.Size) }), true
}

// IgnoredNote names the other members that main was preferred to, those with one of
// the extensions, so that nothing is dropped in silence.
func (in *Input) IgnoredNote(main Member, exts ...string) (data.Problem, bool) {
	var names []string
	for _, m := range in.withExt(exts...) {
		if m.Name != main.Name {
			names = append(names, m.Name)
		}
	}
	if len(names) == 0 {
		return data.Problem{}, false
	}
	list := strings.Join(names, ", ")
	return data.Problem{
		Severity: data.SeverityWarning, Code: CodeMembersIgnored, File: in.Name, Value: data.Clip(list),
		Message: data.Text{
			FR: fmt.Sprintf("l’archive contient plusieurs jeux de données : seul %s est lu, %d autres sont ignorés.", Quote(main.Name), len(names)),
			EN: fmt.Sprintf("the archive holds several data sets: only %s is read, %d others are ignored.", QuoteEN(main.Name), len(names)),
		},
	}, true
}

// SHA256 is the hash of the file as given, in hexadecimal. For several files it is
// the hash of the lines "hash, two spaces, name" sorted by name, as sha256sum writes them.
func (in *Input) SHA256() (string, error) {
	sums := make([]string, len(in.originals))
	for i, o := range in.originals {
		h := sha256.New()
		if _, err := io.Copy(h, io.NewSectionReader(o, 0, o.Size)); err != nil {
			return "", readFailure(Location{File: o.Name}, err)
		}
		sums[i] = hexSum(h)
	}
	if len(sums) == 1 {
		return sums[0], nil
	}
	order := make([]int, len(sums))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(in.originals[a].Name, in.originals[b].Name) })
	h := sha256.New()
	for _, i := range order {
		fmt.Fprintf(h, "%s  %s\n", sums[i], in.originals[i].Name)
	}
	return hexSum(h), nil
}

func hexSum(h hash.Hash) string { return hex.EncodeToString(h.Sum(nil)) }

// Close closes the files that Open opened.
func (in *Input) Close() error {
	var errs []error
	for _, o := range in.originals {
		errs = append(errs, o.close())
	}
	return errors.Join(errs...)
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
