package tiles

import (
	"sync"

	"github.com/hashicorp/golang-lru/v2/simplelru"
	"golang.org/x/sync/singleflight"

	"vigie/api/web"
)

const (
	// cacheBytes bounds the encoded tiles that are kept.
	cacheBytes = 32 << 20
	// cacheEntries bounds their number: most are small, and each costs more than its bytes.
	cacheEntries = 20_000
)

// cache keeps encoded tiles that are the same for everybody, the last used ones.
type cache struct {
	flights singleflight.Group
	mu      sync.Mutex
	kept    *simplelru.LRU[string, *encoded]
	bytes   int
}

func newCache() *cache {
	c := &cache{}
	// Its only error is a size that is not positive.
	c.kept, _ = simplelru.NewLRU(cacheEntries, func(_ string, t *encoded) { c.bytes -= t.body.Size() })
	return c
}

// get gives the tile of a key, made once for all who ask for it at the same time.
func (c *cache) get(key string, encode func() (*encoded, error)) (*encoded, error) {
	c.mu.Lock()
	t, ok := c.kept.Get(key)
	c.mu.Unlock()
	if ok {
		return t, nil
	}
	made, err, _ := c.flights.Do(key, func() (any, error) {
		t, err := encode()
		if err == nil {
			t.body = web.Prepare(t.body.Plain)
			c.put(key, t)
		}
		return t, err
	})
	if err != nil {
		return nil, err
	}
	return made.(*encoded), nil
}

func (c *cache) put(key string, t *encoded) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.kept.Remove(key)
	c.bytes += t.body.Size()
	c.kept.Add(key, t)
	for c.bytes > cacheBytes {
		c.kept.RemoveOldest()
	}
}
