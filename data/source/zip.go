package source

import (
	"archive/zip"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"
	"sync/atomic"
	"unicode/utf8"

	"github.com/klauspost/compress/flate"
	"golang.org/x/text/encoding/charmap"

	"vigie/data"
)

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
