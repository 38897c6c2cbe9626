package audit

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"time"

	"vigie/data"
)

// Head is where the journal ended at some time. Noted outside the database, it shows
// later that the end was cut, or the database taken back to an earlier state: no
// signature within can.
type Head struct {
	Seq  int64     `json:"seq"`
	Hash []byte    `json:"hash"`
	At   time.Time `json:"noted_at"`
}

// HeadPath is where the head is noted when nothing else is said: beside the key.
func HeadPath(key string) string { return key + ".head" }

// ReadHead reads the head noted in a file; nil when none was noted yet. Errors are *KeyError.
func ReadHead(path string) (*Head, error) {
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	h := new(Head)
	if err == nil {
		err = json.Unmarshal(b, h)
	}
	if err != nil {
		return nil, &KeyError{Path: path, Err: err, Message: data.Text{
			FR: "la fin du journal notée la dernière fois ne peut pas être lue", EN: "the end of the journal noted last time can’t be read",
		}}
	}
	return h, nil
}

// write notes the head, all or nothing.
func (h *Head) write(path string) error {
	b, err := json.Marshal(h)
	if err != nil {
		return err
	}
	temporary, err := writeTemporary(path, b)
	if err == nil {
		err = errors.Join(os.Rename(temporary, path), syncFolder(path))
	}
	if err != nil {
		return &KeyError{Path: path, Err: err, Message: data.Text{
			FR: "la fin du journal ne peut pas être notée", EN: "the end of the journal can’t be noted",
		}}
	}
	return nil
}
