package disclosure

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"fmt"
	"strings"
)

// Lengths of a key in bytes and of a pseudonym in characters of 5 bits. Among 12,000
// sites two share the first 10 once in 15 million releases.
const (
	leastKey        = 32
	shortPseudonym  = 10
	longerPseudonym = 2
)

// Pseudonyms names the sites of a release: the first 10 characters in lower-case base32 of
// HMAC-SHA-256 (RFC 2104) of the identifier under the key of the release, longer for all
// when two would be the same. Call it once a release with all its sites: every recipient
// then gets the same names, and without the keys nobody can link those of two releases. It
// is an error when the key has less than 32 bytes, or an identifier is empty or comes twice.
func Pseudonyms(key []byte, ids []string) ([]string, error) {
	if len(key) < leastKey {
		return nil, fmt.Errorf("the key of the release has %d bytes; expected at least %d", len(key), leastKey)
	}
	mac := hmac.New(sha256.New, key)
	long, seen := make([]string, len(ids)), make(map[string]bool, len(ids))
	for i, id := range ids {
		if id == "" || seen[id] {
			return nil, fmt.Errorf("site %d: its identifier %q is empty or comes twice", i, id)
		}
		seen[id] = true
		mac.Reset()
		mac.Write([]byte(id))
		long[i] = strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(mac.Sum(nil)))
	}
	return shorten(long, shortPseudonym)
}

// shorten cuts names to the least length, from the given one on, at which they differ.
func shorten(long []string, length int) ([]string, error) {
	short, seen := make([]string, len(long)), make(map[string]bool, len(long))
	for i, name := range long {
		if length > len(name) {
			return nil, fmt.Errorf("site %d: two identifiers have the same HMAC-SHA-256", i)
		}
		short[i] = name[:length]
		if seen[short[i]] {
			return shorten(long, length+longerPseudonym)
		}
		seen[short[i]] = true
	}
	return short, nil
}
