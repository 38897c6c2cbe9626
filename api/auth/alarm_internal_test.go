package auth

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"testing"
	"time"

	"vigie/data"
)

// alarmed is a service whose journal and clock tests hold.
type alarmed struct {
	Store
	now     time.Time
	entries []data.AuditEntry
	err     error
}

func (j *alarmed) Audit(_ context.Context, e data.AuditEntry) error {
	j.entries = append(j.entries, e)
	return j.err
}

func newAlarmed() (*Service, *alarmed) {
	j := &alarmed{now: time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC)}
	clock := func() time.Time { return j.now }
	return &Service{Gate: &Gate{store: j, clock: clock}, alarm: newAlarm(clock)}, j
}

// alerts lists the subjects of the alerts since the last call.
func (j *alarmed) alerts() (subjects []string) {
	for _, e := range j.entries {
		if e.Action == ActionGuessing {
			subjects = append(subjects, e.Subject+" "+strconv.Itoa(e.Count))
		}
	}
	j.entries = nil
	return subjects
}

func TestManyRefusedLoginsRaiseAnAlert(t *testing.T) {
	s, j := newAlarmed()
	refuse := func(n int, logins ...string) {
		t.Helper()
		for i := range n {
			u := &data.User{Login: logins[i%len(logins)]}
			if u.Login == "" {
				u = nil // nobody's
			}
			if err := s.refuseLogin(t.Context(), u); err == nil {
				t.Fatal("not refused")
			}
		}
	}
	expect := func(when string, want ...string) {
		t.Helper()
		if got := j.alerts(); !slices.Equal(got, want) {
			t.Errorf("%s: alerts %v, want %v", when, got, want)
		}
	}
	refuse(refusedOfOne, "mia")
	expect("at the threshold")
	refuse(1, "mia")
	expect("over the threshold", "mia "+strconv.Itoa(refusedOfOne))
	refuse(30, "MIA")
	expect("told within the hour")
	j.now = j.now.Add(2 * time.Hour)
	refuse(2*refusedOfOne, "mia")
	expect("two hours later", "mia "+strconv.Itoa(refusedOfOne))

	// A few passwords tried on everyone, also on accounts that do not exist.
	j.now = j.now.Add(2 * time.Hour)
	refuse(refusedOfAll, "", "a", "b", "c", "d", "e")
	expect("everyone, at the threshold")
	refuse(1, "f")
	expect("everyone", data.SystemSubject+" "+strconv.Itoa(refusedOfAll))

	// A few mistakes a day are none.
	for range 40 {
		j.now = j.now.Add(30 * time.Minute)
		refuse(3, "mia", "noa", "")
	}
	expect("mistakes of a day")
}

// An alert that can't be written is an error, as for any entry.
func TestAlertsThatAreLost(t *testing.T) {
	s, j := newAlarmed()
	for range refusedOfOne {
		if err := s.refused(t.Context(), "mia"); err != nil {
			t.Fatal(err)
		}
	}
	j.err = errors.New("disk full")
	if err := s.refused(t.Context(), "mia"); !errors.Is(err, j.err) {
		t.Errorf("error %v", err)
	}
}
