package auth

import (
	"net/netip"
	"strconv"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// guesser is a throttle on a clock that tests move.
func newTestThrottle(t interface{ Fatal(...any) }) (th *throttle, now *time.Time) {
	at := time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC)
	now = &at
	th, err := newThrottle(func() time.Time { return *now })
	if err != nil {
		t.Fatal(err)
	}
	return th, now
}

func from(address string) client { return client{address: netip.MustParseAddr(address)} }

// The wait doubles with each failure, to a quarter of an hour, and an hour of peace
// forgets it.
func TestWaitsDouble(t *testing.T) {
	th, now := newTestThrottle(t)
	attacker := from("203.0.113.7")
	for range freeFailures {
		if _, wait := th.begin("mia", attacker); wait > 0 {
			t.Fatalf("wait %s", wait)
		}
	}
	for want := time.Second; ; want = min(2*want, maxWait) {
		if _, wait := th.begin("mia", attacker); wait > 0 {
			t.Fatalf("the wait was over: %s", wait)
		}
		_, wait := th.begin("MIA", attacker)
		if wait != want {
			t.Fatalf("wait %s, want %s", wait, want)
		}
		*now = now.Add(wait)
		if want == maxWait {
			break
		}
	}
	*now = now.Add(forgetAfter + time.Second)
	for range freeFailures {
		if _, wait := th.begin("mia", attacker); wait > 0 {
			t.Fatalf("wait %s after an hour", wait)
		}
	}
}

// Whatever others do elsewhere, the owner's try is looked at at once, or after one wait that
// nobody can make longer.
func TestOthersDoNotShutTheOwnerOut(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		th, now := newTestThrottle(t)
		attackers := rapid.IntRange(1, 200).Draw(t, "attackers")
		others := func() {
			for range rapid.IntRange(0, 300).Draw(t, "guesses") {
				n := rapid.IntRange(0, attackers).Draw(t, "attacker")
				address := netip.AddrFrom4([4]byte{203, 0, 113, byte(n)})
				if n%2 == 0 {
					address = netip.AddrFrom16([16]byte{0x20, 1, 0xd, 0xb8, 0, byte(n), 0, byte(n * 7)})
				}
				if a, wait := th.begin("mia", client{address: address}); wait == 0 {
					a.code()
				}
			}
		}
		pass := func(d time.Duration) {
			for until := now.Add(d); now.Before(until); {
				others()
				*now = now.Add(d / time.Duration(rapid.IntRange(1, 4).Draw(t, "steps")))
			}
			others()
		}
		pass(time.Duration(rapid.IntRange(0, 300).Draw(t, "seconds")) * time.Second)
		for _, owner := range []client{from("198.51.100.1"), from("2001:db8:ffff::1")} {
			if _, wait := th.begin("mia", owner); wait > 0 {
				if wait > accountDelay {
					t.Fatalf("the owner waits %s", wait)
				}
				pass(wait)
				a, wait := th.begin("mia", owner)
				if wait > 0 {
					t.Fatalf("the owner has waited, and waits %s more", wait)
				}
				a.spare() // a code is wanted
				others()
				if _, wait := th.begin("mia", owner); wait > 0 {
					t.Fatalf("the owner's code waits %s", wait)
				}
			}
		}
		// Behind the attacker's own address, a browser that is known.
		known := client{address: netip.MustParseAddr("203.0.113.0"), device: "known"}
		a, wait := th.begin("mia", known)
		if wait > 0 {
			t.Fatalf("the owner waits %s in a known browser", wait)
		}
		if wait := a.code(); wait > 0 {
			t.Fatalf("the owner's code waits %s", wait)
		}
	})
}

// Networks without end are no way round: who has all of a /48 guesses little more at one
// account than who has one address, and who has many of them waits before every guess.
func TestNetworksWithoutEnd(t *testing.T) {
	const hours = 2
	guess := func(networks, bits int) (looked int) {
		th, now := newTestThrottle(t)
		for range hours * 60 {
			for n := range networks {
				a := [16]byte{0x20, 1, 0xd, 0xb8}
				// A network never used before, until none is left.
				a[bits/8-1], a[bits/8-2] = byte(n), byte(n>>8)
				a[7] += byte(now.Minute())
				if _, wait := th.begin("mia", client{address: netip.AddrFrom16(a)}); wait == 0 {
					looked++
				}
			}
			*now = now.Add(time.Minute)
		}
		return looked
	}
	for name, c := range map[string]struct{ networks, bits, most int }{
		"a /64 a minute of a /56": {1, 48, 20 + hours*12},
		"all /64 of one /56":      {256, 64, 20 + hours*12},
		"512 /64 of one /48":      {512, 64, 40 + hours*24},
		"all /56 of one /48":      {256, 56, 40 + hours*24},
		"/48 of which 20 at once": {20, 48, accountBurst + 20*(40+hours*24)},
	} {
		if n := guess(c.networks, c.bits); n > c.most {
			t.Errorf("%s: %d guesses in %d hours, at most %d are looked at", name, n, hours, c.most)
		}
	}
}

// Beyond what is free for everyone together, no try is looked at without having waited.
func TestManyNetworksWait(t *testing.T) {
	th, now := newTestThrottle(t)
	try := func(n int) time.Duration {
		_, wait := th.begin("mia", client{address: netip.AddrFrom4([4]byte{203, 0, 113, byte(n)})})
		return wait
	}
	for n := range accountBurst {
		if wait := try(n); wait > 0 {
			t.Fatalf("try %d waits %s", n, wait)
		}
	}
	for n := accountBurst; n < 200; n++ {
		if wait := try(n); wait != accountDelay {
			t.Fatalf("try %d waits %s", n, wait)
		}
	}
	if _, wait := th.begin("noa", from("203.0.113.1")); wait > 0 {
		t.Errorf("another account waits %s", wait)
	}
	*now = now.Add(accountDelay - time.Second)
	if wait := try(accountBurst); wait != time.Second {
		t.Errorf("wait %s, one second before the end", wait)
	}
	*now = now.Add(time.Second)
	looked := 0
	for range 3 {
		for n := accountBurst; n < 200; n++ {
			if try(n) == 0 {
				looked++
			}
		}
	}
	// One try has come back, and each has waited for one.
	if most := 200 - accountBurst + 1; looked > most || looked < most-1 {
		t.Errorf("%d tries are looked at after one wait, not %d", looked, most)
	}
}

// Many accounts from one address, and many addresses of one IPv6 network, are one attacker.
func TestAddressesAreLimited(t *testing.T) {
	th, now := newTestThrottle(t)
	try := func(i int) time.Duration {
		_, wait := th.begin("user-"+strconv.Itoa(i), from("2001:db8::"+strconv.FormatInt(int64(i%1000+1), 16)))
		return wait
	}
	for i := range host.burst {
		if wait := try(i); wait > 0 {
			t.Fatalf("try %d waits %s", i, wait)
		}
	}
	if wait := try(host.burst); wait <= 0 || wait > host.every {
		t.Errorf("wait %s", wait)
	}
	*now = now.Add(host.every)
	if wait := try(host.burst + 1); wait > 0 {
		t.Errorf("wait %s", wait)
	}
	if _, wait := th.begin("mia", from("2001:db8:0:1::1")); wait > 0 {
		t.Errorf("the next network waits %s", wait)
	}
}

// People who log in at the same hour behind one address use nothing up.
func TestSuccessesCostNothing(t *testing.T) {
	th, _ := newTestThrottle(t)
	for i := range 10 * host.burst {
		a, wait := th.begin("user-"+strconv.Itoa(i), from("203.0.113.7"))
		if wait > 0 {
			t.Fatalf("login %d waits %s", i, wait)
		}
		a.succeeded()
	}
	for i := range 2 * accountBurst {
		a, wait := th.begin("mia", from("2001:db8::1"))
		if wait > 0 {
			t.Fatalf("login %d to one account waits %s", i, wait)
		}
		a.succeeded()
	}
}

// Who knows the password may not try all codes, from however many addresses.
func TestCodesAreLimited(t *testing.T) {
	th, _ := newTestThrottle(t)
	refused := 0
	for i := range accountBurst {
		a, wait := th.begin("mia", client{address: netip.AddrFrom4([4]byte{203, 0, 113, byte(i)})})
		if wait > 0 {
			t.Fatal(wait)
		}
		if a.code() > 0 {
			refused++
		}
	}
	if refused != accountBurst-codeBurst {
		t.Errorf("%d of %d codes were refused", refused, accountBurst)
	}
}

// What is remembered is bounded.
func TestThrottleIsBounded(t *testing.T) {
	th, _ := newTestThrottle(t)
	for i := range 2 * remembered {
		a := netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)})
		if attempt, wait := th.begin("user-"+strconv.Itoa(i), client{address: a}); wait == 0 {
			attempt.code()
		}
	}
	if th.pairs.Len() > remembered || th.buckets.Len() > remembered || th.accounts.Len() > remembered || th.codes.people.Len() > remembered {
		t.Errorf("%d pairs, %d addresses, %d accounts", th.pairs.Len(), th.buckets.Len(), th.codes.people.Len())
	}
}
