// Package audit looks after the journal: it signs and closes its segments, drops those
// at the end of their retention, verifies that nothing was cut, added, altered or
// reordered, and raises alerts of bulk reads.
//
// The chain of hashes shows every change within what a checkpoint vouches for, to whoever
// pins the public key. What it can't show, a Report says.
package audit

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"vigie/data"
)

// Key signs checkpoints. It is kept in a file of its own, never in the database that it
// vouches for.
type Key struct{ private ed25519.PrivateKey }

// KeyError says in both languages why a key or a noted head was not read or made.
type KeyError struct {
	Path    string
	Message data.Text
	Err     error
}

// Error gives the path, the English message and the cause.
func (e *KeyError) Error() string { return fmt.Sprintf("%s: %s (%v)", e.Path, e.Message.EN, e.Err) }

// Unwrap gives the cause.
func (e *KeyError) Unwrap() error { return e.Err }

// Causes of a KeyError besides those of the system.
var (
	ErrExposedKey = errors.New("others may read the key")
	ErrNoKey      = errors.New("not an Ed25519 private key in PEM (PKCS #8)")
	// ErrLostKey: the journal is signed and the file is missing; ErrOtherKey: it is signed
	// with another key than the one in the file.
	ErrLostKey  = errors.New("the key that signed the journal is missing")
	ErrOtherKey = errors.New("the journal is signed with another key")
)

const pemType = "PRIVATE KEY"

// KeyPath is where the key of a database is kept when nothing else is said.
func KeyPath(database string) string { return database + ".journal.key" }

// OpenKey reads the key in a file, PEM (PKCS #8) of mode 0600, and makes one on first use.
// Errors are *KeyError. A key that was lost can't be made again: a new one does not vouch
// for what the old one signed.
func OpenKey(path string) (*Key, error) {
	k, err := ReadKey(path)
	if errors.Is(err, fs.ErrNotExist) {
		if err := makeKey(path); err != nil {
			return nil, &KeyError{Path: path, Err: err, Message: data.Text{
				FR: "la clé du journal ne peut pas être créée\u00a0; vérifiez le dossier et les droits",
				EN: "the journal’s key can’t be made; check the folder and the permissions",
			}}
		}
		k, err = ReadKey(path)
	}
	return k, err
}

// OpenKeyOf opens the key that goes on signing a journal: that of its last checkpoint, or,
// while nothing is signed, the one in the file, made on first use. by needs data.RightAudit
// everywhere. A *KeyError for ErrLostKey or ErrOtherKey says how to go on.
func OpenKeyOf(ctx context.Context, journal data.Journal, by data.Viewer, path string) (*Key, error) {
	checkpoints, err := journal.Checkpoints(ctx, by)
	if err != nil {
		return nil, err
	}
	if len(checkpoints) == 0 {
		return OpenKey(path)
	}
	expected := checkpoints[len(checkpoints)-1].PublicKey
	k, err := ReadKey(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, &KeyError{Path: path, Err: ErrLostKey, Message: wayBack(expected,
			"la clé qui a signé le journal est absente", "the key that signed the journal is missing")}
	case err != nil:
		return nil, err
	case !bytes.Equal(k.Public(), expected):
		return nil, &KeyError{Path: path, Err: ErrOtherKey, Message: wayBack(expected,
			"cette clé n’est pas celle qui a signé le journal", "this key is not the one that signed the journal")}
	}
	return k, nil
}

// wayBack says what is wrong with a key, and how to go on without a break in the journal.
func wayBack(expected ed25519.PublicKey, fr, en string) data.Text {
	public := FormatPublicKey(expected)
	return data.Text{
		FR: fr + " (clé publique attendue\u00a0: " + public + "). Remettez à cette place le fichier de la clé, mode 0600, ou indiquez où il est (volume non monté\u00a0?). S’il est perdu\u00a0: vigie audit rekey --reason \"…\" consigne le changement de clé",
		EN: en + " (public key expected: " + public + "). Put the key’s file back in this place, mode 0600, or tell where it is (volume not mounted?). If it is lost: vigie audit rekey --reason \"…\" records the change of key",
	}
}

// ReadKey reads the key in a file; a *KeyError for fs.ErrNotExist when there is none.
func ReadKey(path string) (*Key, error) {
	info, err := os.Stat(path)
	if err == nil && data.Exposed(info.Mode()) {
		return nil, &KeyError{Path: path, Err: ErrExposedKey, Message: data.Text{
			FR: "d’autres comptes de la machine peuvent lire la clé du journal\u00a0; donnez-lui le mode 0600 (chmod 600)",
			EN: "other accounts of the machine may read the journal’s key; give it mode 0600 (chmod 600)",
		}}
	}
	var b []byte
	if err == nil {
		b, err = os.ReadFile(path)
	}
	if err != nil {
		return nil, &KeyError{Path: path, Err: err, Message: data.Text{
			FR: "la clé du journal ne peut pas être lue", EN: "the journal’s key can’t be read",
		}}
	}
	if block, _ := pem.Decode(b); block != nil && block.Type == pemType {
		if parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes); err == nil {
			if private, ok := parsed.(ed25519.PrivateKey); ok {
				return &Key{private}, nil
			}
		}
	}
	return nil, &KeyError{Path: path, Err: ErrNoKey, Message: data.Text{
		FR: "ce fichier n’est pas une clé privée Ed25519 (PEM, PKCS #8)", EN: "this file is not an Ed25519 private key (PEM, PKCS #8)",
	}}
}

// makeKey writes a new key under another name and links it into place: of two processes
// that do so at once, both then read the one that came first.
func makeKey(path string) error {
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return err
	}
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return err
	}
	temporary, err := writeTemporary(path, pem.EncodeToMemory(&pem.Block{Type: pemType, Bytes: der}))
	if err != nil {
		return err
	}
	err = os.Link(temporary, path)
	if errors.Is(err, fs.ErrExist) {
		err = nil
	}
	return errors.Join(err, os.Remove(temporary), syncFolder(path))
}

// writeTemporary writes a durable file of mode 0600 beside path.
func writeTemporary(path string, content []byte) (string, error) {
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*")
	if err != nil {
		return "", err
	}
	_, err = f.Write(content)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return "", errors.Join(err, os.Remove(f.Name()))
	}
	return f.Name(), nil
}

// syncFolder makes the name of a file outlive a power cut.
func syncFolder(path string) error {
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

// Public is the key that verifies what this one signs.
func (k *Key) Public() ed25519.PublicKey { return k.private.Public().(ed25519.PublicKey) }

// Sign completes a checkpoint.
func (k *Key) Sign(c *data.Checkpoint) error {
	c.PublicKey, c.Signature = k.Public(), ed25519.Sign(k.private, c.Digest())
	return nil
}

// FormatPublicKey writes a public key as ParsePublicKey reads it.
func FormatPublicKey(key ed25519.PublicKey) string { return base64.StdEncoding.EncodeToString(key) }

// ParsePublicKey reads a public key in standard base64, as a checkpoint's JSON has it.
func ParsePublicKey(s string) (ed25519.PublicKey, error) {
	b, err := base64.StdEncoding.DecodeString(s)
	if err != nil || len(b) != ed25519.PublicKeySize {
		return nil, &data.InvalidError{Problems: []data.Problem{{
			Severity: data.SeverityError, Code: "invalid-public-key", Field: "public_key", Value: data.Clip(s),
			Message: data.Text{
				FR: "Une clé publique Ed25519 a 32 octets, en base64.", EN: "An Ed25519 public key has 32 bytes, in base64.",
			},
		}}}
	}
	return b, nil
}

// signed tells whether a checkpoint is signed with the key that it names.
func signed(c *data.Checkpoint) bool {
	return len(c.PublicKey) == ed25519.PublicKeySize && ed25519.Verify(c.PublicKey, c.Digest(), c.Signature)
}
