package auth

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"vigie/data"
)

// maxKnown bounds the tokens, and the people, that are kept.
const maxKnown = 4096

// noteUseEvery is how often the store is told that a token is in use.
const noteUseEvery = time.Minute

// people keeps accounts and tokens as they were read, for exactly as long as the store's
// version of the accounts stays: it is asked at each request, so that what anybody changed,
// in another process too, holds from the next one on. What depends on the time is not kept.
type people struct {
	store   Store
	clock   data.Clock
	current atomic.Pointer[known]
}

// known is what was read since the store had a version. It is safe for concurrent use.
type known struct {
	store   Store
	clock   data.Clock
	version int64

	mu      sync.Mutex
	tokens  map[string]*data.Token // by hash
	persons map[string]*person     // by identifier of the account
}

// person is an enabled account with its grants, whatever their state. It is not changed.
type person struct {
	user   data.User
	grants []data.Grant
}

// now is what is known of the accounts as they are.
func (p *people) now(ctx context.Context) (*known, error) {
	// First: what is read after it is at least as new.
	version, err := p.store.AccountsVersion(ctx)
	if err != nil {
		return nil, err
	}
	if k := p.current.Load(); k != nil && k.version == version {
		return k, nil
	}
	k := &known{store: p.store, clock: p.clock, version: version, tokens: map[string]*data.Token{}, persons: map[string]*person{}}
	p.current.Store(k)
	return k, nil
}

// token finds a token, and has its use noted; it may have expired. data.ErrNotFound.
func (k *known) token(ctx context.Context, hash []byte) (*data.Token, error) {
	k.mu.Lock()
	t := k.tokens[string(hash)]
	k.mu.Unlock()
	if t != nil && t.UsedAt != nil && k.clock().Sub(*t.UsedAt) < noteUseEvery {
		return t, nil
	}
	t, err := k.store.TokenByHash(ctx, hash, k.clock())
	if err == nil {
		keep(k, k.tokens, string(hash), t)
	}
	return t, err
}

// person finds an account that may be used; data.ErrNotFound.
func (k *known) person(ctx context.Context, id string) (*person, error) {
	k.mu.Lock()
	p := k.persons[id]
	k.mu.Unlock()
	if p != nil {
		return p, nil
	}
	u, err := enabled(ctx, k.store, id)
	if err != nil {
		return nil, err
	}
	grants, err := k.store.GrantsOf(ctx, id)
	if err != nil {
		return nil, err
	}
	p = &person{*u, grants}
	keep(k, k.persons, id, p)
	return p, nil
}

// keep keeps what was read; rather than beyond maxKnown, nothing else.
func keep[V any](k *known, all map[string]V, key string, v V) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(all) >= maxKnown {
		clear(all)
	}
	all[key] = v
}
