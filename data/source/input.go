package source

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"path"
	"slices"
	"strings"

	"vigie/data"
)

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

// MainOrOnly is Main, or the only member of an input that has but one, whatever its
// extension.
func (in *Input) MainOrOnly(exts ...string) (Member, bool) {
	if m, ok := in.Main(exts...); ok {
		return m, true
	}
	if len(in.members) == 1 {
		return in.members[0], true
	}
	return Member{}, false
}
