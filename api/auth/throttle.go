package auth

import (
	"net/netip"
	"strconv"
	"sync"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/time/rate"

	"vigie/data"
)

// Limits of guessing. None of them closes an account to its owner: what an attacker uses up
// is his own network's, what all attackers together use up costs the owner one wait, and a
// browser that has logged in before counts apart.
const (
	// From one address against one account 5 failures are free; each further one
	// doubles the wait, from 1 second to 15 minutes. An hour of peace forgets them.
	freeFailures = 5
	maxWait      = 15 * time.Minute
	forgetAfter  = time.Hour
	// Against one account, from anywhere, 50 failures are free and one more a minute. Beyond
	// them nobody is refused, or attackers would take each turn before the owner: each
	// try is looked at once whoever makes it has waited.
	accountBurst = 50
	accountEvery = time.Minute
	accountDelay = time.Minute
	// Codes of the second factor are so few that guesses of everyone together are
	// limited. Only who knows the password gets that far, and browsers that have
	// logged in before are not concerned.
	codeBurst = 10
	codeEvery = 30 * time.Second
	// remembered bounds the memory: the least recent are forgotten.
	remembered = 1 << 14
)

// bucket is how often a network may fail: so many times at once, then once every so often.
type bucket struct {
	burst int
	every time.Duration
}

// networks are those that one client may hold, widest first: a home has a /64, or a /56 with as
// many of them as it likes, whoever rents a server a /48. More people share wider ones.
var networks = []struct {
	bits int // of an IPv6 address
	any  bucket
	one  bucket // against one account; of a /64 see freeFailures
}{
	{48, bucket{120, 500 * time.Millisecond}, bucket{40, 150 * time.Second}},
	{56, bucket{60, time.Second}, bucket{20, 5 * time.Minute}},
	{64, host, bucket{}},
}

// host is that of an IPv4 address as well.
var host = bucket{30, 2 * time.Second}

// client is where an attempt comes from.
type client struct {
	address netip.Addr
	// device is the name of a browser that has logged in to the account before, "" for others.
	device string
}

// throttle slows guessing down.
type throttle struct {
	clock data.Clock

	mu       sync.Mutex
	buckets  *lru.Cache[place, *rate.Limiter]
	accounts *lru.Cache[string, *rate.Limiter]
	pairs    *lru.Cache[string, failures]
	codes    *allowance
}

// place is a network, against all accounts ("") or one (quoted, as it may be empty).
type place struct {
	account string
	network netip.Prefix
}

// failures are those of one address, or known browser, against one account.
type failures struct {
	count       int
	last, until time.Time
	// owed is a try that needs no accountDelay, after one.
	owed bool
}

func newThrottle(clock data.Clock) (*throttle, error) {
	t := &throttle{clock: clock, codes: newAllowance(clock, codeBurst, codeBurst*codeEvery)}
	var err error
	if t.buckets, err = lru.New[place, *rate.Limiter](remembered); err != nil {
		return nil, err
	}
	if t.accounts, err = lru.New[string, *rate.Limiter](remembered); err != nil {
		return nil, err
	}
	t.pairs, err = lru.New[string, failures](remembered)
	return t, err
}

// attempt is one try at a secret. It counts as failed until it has succeeded, so
// that many at once gain nothing.
type attempt struct {
	throttle *throttle
	account  string
	client   client
	pair     string
	at       time.Time
	reserved []*rate.Reservation
}

// begin counts a try at an account's secret. A wait > 0 is how long none may be made.
func (t *throttle) begin(account string, from client) (a *attempt, wait time.Duration) {
	now := t.clock()
	a = &attempt{throttle: t, account: data.LoginKey(account), client: from, at: now}
	// One space of keys would let a name collide with another's address.
	a.pair = strconv.Quote(a.account) + " at " + network(from.address, 64).String()
	if from.device != "" {
		a.pair = strconv.Quote(a.account) + " on " + from.device
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	f, _ := t.pairs.Get(a.pair)
	if now.Before(f.until) {
		return nil, f.until.Sub(now)
	}
	if now.Sub(f.last) > forgetAfter {
		f = failures{}
	}
	if from.device == "" {
		if wait = a.reserveNetworks(); wait > 0 {
			a.release()
			return nil, wait
		}
		if a.reserve(limiter(t.accounts, a.account, accountEvery, accountBurst)) > 0 && !f.owed {
			a.release()
			f.last, f.until, f.owed = now, now.Add(accountDelay), true
			t.pairs.Add(a.pair, f)
			return nil, accountDelay
		}
	}
	f.count++
	f.last, f.owed = now, false
	if over := f.count - freeFailures; over > 0 {
		f.until = now.Add(min(time.Second<<min(over-1, 20), maxWait))
	}
	t.pairs.Add(a.pair, f)
	return a, 0
}

// reserveNetworks takes the try from every network of the client, unless one has none left.
func (a *attempt) reserveNetworks() (wait time.Duration) {
	is6 := a.client.address.Unmap().Is6()
	for _, n := range networks {
		if !is6 && n.any != host {
			continue
		}
		from := network(a.client.address, n.bits)
		if wait = a.reserve(limiter(a.throttle.buckets, place{"", from}, n.any.every, n.any.burst)); wait > 0 {
			return wait
		}
		if n.one.burst == 0 {
			continue
		}
		if wait = a.reserve(limiter(a.throttle.buckets, place{strconv.Quote(a.account), from}, n.one.every, n.one.burst)); wait > 0 {
			return wait
		}
	}
	return 0
}

// reserve takes the try from what is left, or says when there will be something.
func (a *attempt) reserve(l *rate.Limiter) (wait time.Duration) {
	r := l.ReserveN(a.at, 1)
	if wait = r.DelayFrom(a.at); wait > 0 {
		r.CancelAt(a.at)
		return wait
	}
	a.reserved = append(a.reserved, r)
	return 0
}

// code counts a try at the second factor by someone who knows the password. A wait > 0
// is how long none may be made.
func (a *attempt) code() (wait time.Duration) {
	if a.client.device != "" {
		return 0
	}
	return a.throttle.codes.take(a.account, 1)
}

// succeeded forgets the failures from here.
func (a *attempt) succeeded() {
	a.throttle.mu.Lock()
	defer a.throttle.mu.Unlock()
	a.throttle.pairs.Remove(a.pair)
	a.release()
}

// spare gives back a try that was no guess; the next one from here needs no accountDelay.
func (a *attempt) spare() {
	a.throttle.mu.Lock()
	defer a.throttle.mu.Unlock()
	if f, ok := a.throttle.pairs.Get(a.pair); ok {
		f.owed = true
		a.throttle.pairs.Add(a.pair, f)
	}
	a.release()
}

// release gives back what was reserved: people behind one address log in at the same hour.
func (a *attempt) release() {
	for _, r := range a.reserved {
		r.CancelAt(a.at)
	}
	a.reserved = nil
}

func limiter[K comparable](all *lru.Cache[K, *rate.Limiter], key K, every time.Duration, burst int) *rate.Limiter {
	l, ok := all.Get(key)
	if !ok {
		l = rate.NewLimiter(rate.Every(every), burst)
		all.Add(key, l)
	}
	return l
}

// network is the one of an IPv6 address that has so many bits; IPv4 addresses are each one.
func network(a netip.Addr, bits int) netip.Prefix {
	a = a.Unmap().WithZone("")
	if a.Is4() {
		bits = a.BitLen()
	}
	p, err := a.Prefix(bits)
	if err != nil {
		return netip.Prefix{} // no address: all such clients are one
	}
	return p
}
