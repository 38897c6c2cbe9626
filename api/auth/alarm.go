package auth

import (
	"context"
	"time"

	"vigie/data"
)

// More refused logins than these raise an alert in the journal: of one account a guess at its
// password, of all together a few passwords tried on many accounts.
const (
	refusedOfOne = 20  // at once, or within an hour
	refusedOfAll = 100 // the same
)

// alarm counts refused logins.
type alarm struct{ one, all, raised *allowance }

func newAlarm(clock data.Clock) alarm {
	return alarm{
		one: newAllowance(clock, refusedOfOne, time.Hour), all: newAllowance(clock, refusedOfAll, time.Hour),
		raised: newAllowance(clock, 1, time.Hour),
	}
}

// refused counts a login that was refused, of an account or of data.SystemSubject for what is
// none, and raises the alerts that it calls for: of each subject one an hour at most.
func (s *Service) refused(ctx context.Context, subject string) error {
	if subject != data.SystemSubject {
		if err := s.raise(ctx, s.alarm.one, subject); err != nil {
			return err
		}
	}
	return s.raise(ctx, s.alarm.all, data.SystemSubject)
}

func (s *Service) raise(ctx context.Context, left *allowance, subject string) error {
	if left.take(subject, 1) == 0 || s.alarm.raised.take(subject, 1) > 0 {
		return nil
	}
	return s.store.Audit(ctx, data.AuditEntry{At: s.clock(), Subject: subject, Action: ActionGuessing, Count: left.most})
}
