package data_test

import (
	"bytes"
	"encoding/hex"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"vigie/data"
)

// The encoding may never change: journals of years are verified with it.
func TestHashesOfTheJournalStay(t *testing.T) {
	entry := data.AuditEntry{
		At: time.Date(2026, 1, 2, 3, 4, 5, 6, time.FixedZone("", 3600)), Subject: "zoé", Action: data.ActionRead, Layer: data.LayerSites,
		Records: []string{"010000099", ""}, Count: 2, Purpose: "inspection",
	}
	previous := make([]byte, data.HashSize)
	hash := data.ChainHash(previous, 1, &entry)
	c := data.Checkpoint{Segment: 1, First: 1, Last: 1, From: entry.At, To: entry.At, Previous: previous, Hash: hash, SignedAt: entry.At}
	for name, h := range map[string]struct {
		got  []byte
		want string
	}{
		"record":     {hash, "fcf837c1b757576b1aa5846519db3c78139bb7bcdf87afb66a7160cc1084b9a0"},
		"checkpoint": {c.Digest(), "29fef8aa51436de1905647645cdc2270658969bf63300f6bc450f9edbf8b7a94"},
	} {
		if got := hex.EncodeToString(h.got); got != h.want {
			t.Errorf("%s: %s, want %s", name, got, h.want)
		}
	}
	signed := c
	signed.PublicKey, signed.Signature, signed.DroppedAt = []byte{1}, []byte{2}, &entry.At
	if !bytes.Equal(signed.Digest(), c.Digest()) {
		t.Error("the digest covers what comes after it")
	}
}

// Two entries that differ have different hashes, wherever their bytes are cut.
func TestNoTwoEntriesHashAlike(t *testing.T) {
	text := rapid.SampledFrom([]string{"", "a", "b", "ab", "aa", "\x00", "\x00\x00"})
	draw := func(t *rapid.T) data.AuditEntry {
		return data.AuditEntry{
			At: time.Unix(rapid.Int64Range(0, 1).Draw(t, "at"), 0), Subject: text.Draw(t, "subject"), Action: text.Draw(t, "action"),
			Layer: data.Layer(text.Draw(t, "layer")), Records: rapid.SliceOfN(text, 0, 2).Draw(t, "records"),
			Count: rapid.IntRange(0, 1).Draw(t, "count"), Purpose: text.Draw(t, "purpose"),
		}
	}
	previous := make([]byte, data.HashSize)
	rapid.Check(t, func(t *rapid.T) {
		a, b := draw(t), draw(t)
		same := a.At.Equal(b.At) && a.Subject == b.Subject && a.Action == b.Action && a.Layer == b.Layer &&
			slices.Equal(a.Records, b.Records) && a.Count == b.Count && a.Purpose == b.Purpose
		if bytes.Equal(data.ChainHash(previous, 1, &a), data.ChainHash(previous, 1, &b)) != same {
			t.Fatalf("%+v and %+v", a, b)
		}
	})
	e := data.AuditEntry{}
	if bytes.Equal(data.ChainHash(previous, 1, &e), data.ChainHash(previous, 2, &e)) {
		t.Error("the number does not count")
	}
}
