package ogc

import "context"

// turns lets a few go on at a time; the others wait.
type turns chan struct{}

// atOnce is how many requests of those who are not signed in do at once what costs much.
const atOnce = 4

func newTurns() turns { return make(turns, atOnce) }

// take waits for a turn; the error is that of ctx, which ended first.
func (t turns) take(ctx context.Context) (done func(), err error) {
	select {
	case t <- struct{}{}:
		return func() { <-t }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
