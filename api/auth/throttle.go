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

// Limits of guessing. None of them closes an account to its owner: what an attacker
// uses up is his own address's, and a browser that has logged in before counts apart.
const (
	// An address may fail 30 times at once, then once every 2 seconds.
	addressBurst = 30
	addressEvery = 2 * time.Second
	// From one address against one account 5 failures are free; each further one
	// doubles the wait, from 1 second to 15 minutes. An hour of peace forgets them.
	freeFailures = 5
	maxWait      = 15 * time.Minute
	forgetAfter  = time.Hour
	// Codes of the second factor are so few that guesses of everyone together are
	// limited. Only who knows the password gets that far, and browsers that have
	// logged in before are not concerned.
	codeBurst = 10
	codeEvery = 30 * time.Second
	// remembered bounds the memory: the least recent are forgotten.
	remembered = 1 << 14
)

// client is where an attempt comes from.
type client struct {
	address netip.Addr
	// device is the name of a browser that has logged in to the account before, "" for others.
	device string
}

// throttle slows guessing down.
type throttle struct {
	clock data.Clock

	mu        sync.Mutex
	addresses *lru.Cache[netip.Prefix, *rate.Limiter]
	pairs     *lru.Cache[string, failures]
	codes     *allowance
}

type failures struct {
	count       int
	last, until time.Time
}

func newThrottle(clock data.Clock) (*throttle, error) {
	t := &throttle{clock: clock, codes: newAllowance(clock, codeBurst, codeBurst*codeEvery)}
	var err error
	if t.addresses, err = lru.New[netip.Prefix, *rate.Limiter](remembered); err != nil {
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
	reserved *rate.Reservation
}

// begin counts a try at an account's secret. A wait > 0 is how long none may be made.
func (t *throttle) begin(account string, from client) (a *attempt, wait time.Duration) {
	now := t.clock()
	a = &attempt{throttle: t, account: data.LoginKey(account), client: from, at: now}
	// One space of keys would let a name collide with another's address.
	a.pair = strconv.Quote(a.account) + " at " + network(from.address).String()
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
		f.count = 0
	}
	if from.device == "" {
		a.reserved = limiter(t.addresses, network(from.address), addressEvery, addressBurst).ReserveN(now, 1)
		if wait := a.reserved.DelayFrom(now); wait > 0 {
			a.reserved.CancelAt(now)
			return nil, wait
		}
	}
	f.count++
	f.last = now
	if over := f.count - freeFailures; over > 0 {
		f.until = now.Add(min(time.Second<<min(over-1, 20), maxWait))
	}
	t.pairs.Add(a.pair, f)
	return a, 0
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
	a.throttle.pairs.Remove(a.pair)
	a.throttle.mu.Unlock()
	a.spare()
}

// spare gives the address its try back: people behind one address log in at the
// same hour.
func (a *attempt) spare() {
	if a.reserved != nil {
		a.reserved.CancelAt(a.at)
	}
}

func limiter[K comparable](all *lru.Cache[K, *rate.Limiter], key K, every time.Duration, burst int) *rate.Limiter {
	l, ok := all.Get(key)
	if !ok {
		l = rate.NewLimiter(rate.Every(every), burst)
		all.Add(key, l)
	}
	return l
}

// network is what one client holds: an IPv4 address, or an IPv6 /64.
func network(a netip.Addr) netip.Prefix {
	a = a.Unmap().WithZone("")
	bits := a.BitLen()
	if a.Is6() {
		bits = 64
	}
	p, err := a.Prefix(bits)
	if err != nil {
		return netip.Prefix{} // no address: all such clients are one
	}
	return p
}
