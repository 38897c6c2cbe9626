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

// Whatever others do elsewhere, the owner's first try is looked at at once.
func TestOthersDoNotShutTheOwnerOut(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		th, now := newTestThrottle(t)
		for range rapid.IntRange(0, 300).Draw(t, "guesses") {
			address := netip.AddrFrom4([4]byte{203, 0, 113, byte(rapid.IntRange(0, 3).Draw(t, "address"))})
			if a, wait := th.begin("mia", client{address: address}); wait == 0 {
				a.code()
			}
			*now = now.Add(time.Duration(rapid.IntRange(0, 5000).Draw(t, "ms")) * time.Millisecond)
		}
		a, wait := th.begin("mia", from("198.51.100.1"))
		if wait > 0 {
			t.Fatalf("the owner waits %s elsewhere", wait)
		}
		a.succeeded()
		// Behind the attacker's own address, a browser that is known.
		known := client{address: netip.MustParseAddr("203.0.113.0"), device: "known"}
		if a, wait = th.begin("mia", known); wait > 0 {
			t.Fatalf("the owner waits %s in a known browser", wait)
		}
		if wait := a.code(); wait > 0 {
			t.Fatalf("the owner's code waits %s", wait)
		}
	})
}

// Many accounts from one address, and many addresses of one IPv6 network, are one attacker.
func TestAddressesAreLimited(t *testing.T) {
	th, now := newTestThrottle(t)
	try := func(i int) time.Duration {
		_, wait := th.begin("user-"+strconv.Itoa(i), from("2001:db8::"+strconv.FormatInt(int64(i%1000+1), 16)))
		return wait
	}
	for i := range addressBurst {
		if wait := try(i); wait > 0 {
			t.Fatalf("try %d waits %s", i, wait)
		}
	}
	if wait := try(addressBurst); wait <= 0 || wait > addressEvery {
		t.Errorf("wait %s", wait)
	}
	*now = now.Add(addressEvery)
	if wait := try(addressBurst + 1); wait > 0 {
		t.Errorf("wait %s", wait)
	}
	if _, wait := th.begin("mia", from("2001:db8:0:1::1")); wait > 0 {
		t.Errorf("the next network waits %s", wait)
	}
}

// People who log in at the same hour behind one address use nothing up.
func TestSuccessesCostNothing(t *testing.T) {
	th, _ := newTestThrottle(t)
	for i := range 10 * addressBurst {
		a, wait := th.begin("user-"+strconv.Itoa(i), from("203.0.113.7"))
		if wait > 0 {
			t.Fatalf("login %d waits %s", i, wait)
		}
		a.succeeded()
	}
}

// Who knows the password may not try all codes, from however many addresses.
func TestCodesAreLimited(t *testing.T) {
	th, _ := newTestThrottle(t)
	refused := 0
	for i := range 100 {
		a, wait := th.begin("mia", client{address: netip.AddrFrom4([4]byte{203, 0, 113, byte(i)})})
		if wait > 0 {
			t.Fatal(wait)
		}
		if a.code() > 0 {
			refused++
		}
	}
	if refused != 100-codeBurst {
		t.Errorf("%d of 100 codes were refused", refused)
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
	if th.pairs.Len() > remembered || th.addresses.Len() > remembered || th.codes.people.Len() > remembered {
		t.Errorf("%d pairs, %d addresses, %d accounts", th.pairs.Len(), th.addresses.Len(), th.codes.people.Len())
	}
}
