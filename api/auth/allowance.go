package auth

import (
	"sync"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/time/rate"

	"vigie/data"
)

// allowance is how much of something each person may have within a period: all of it at
// once, then as it comes back.
type allowance struct {
	clock data.Clock
	most  int
	every time.Duration // one comes back

	mu     sync.Mutex
	people *lru.Cache[string, *rate.Limiter]
}

func newAllowance(clock data.Clock, most int, period time.Duration) *allowance {
	people, err := lru.New[string, *rate.Limiter](remembered)
	if err != nil {
		panic(err) // remembered is not positive
	}
	return &allowance{clock: clock, most: most, every: period / time.Duration(most), people: people}
}

// take takes n from what a person has left. A wait > 0 is how long until there is that
// much: nothing is taken then.
func (a *allowance) take(subject string, n int) (wait time.Duration) {
	now := a.clock()
	a.mu.Lock()
	defer a.mu.Unlock()
	r := limiter(a.people, data.LoginKey(subject), a.every, a.most).ReserveN(now, n)
	if wait = r.DelayFrom(now); wait > 0 {
		r.CancelAt(now)
	}
	return wait
}
