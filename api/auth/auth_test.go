package auth_test

import (
	"context"
	"errors"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"github.com/gin-gonic/gin"

	"vigie/api/auth"
	"vigie/data"
)

type journal struct {
	entries []data.AuditEntry
	err     error
}

func (j *journal) Audit(_ context.Context, e data.AuditEntry) error {
	j.entries = append(j.entries, e)
	return j.err
}

func request(t *testing.T) *gin.Context {
	t.Helper()
	c, _ := gin.CreateTestContext(httptest.NewRecorder())
	c.Request = httptest.NewRequest("GET", "/", nil)
	return c
}

func TestNobodyByDefault(t *testing.T) {
	c := request(t)
	v := auth.ViewerOf(c)
	if v.Precision() != data.ViewNone || v.MayWrite() || v.SeesRestricted() {
		t.Errorf("a request that was not identified has rights: %+v", v)
	}
	if err := auth.RequireWrites(c); !errors.Is(err, data.ErrForbidden) {
		t.Errorf("RequireWrites = %v, want ErrForbidden", err)
	}
}

func TestReadsOfSitesAreRecorded(t *testing.T) {
	now := time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC)
	j := &journal{}
	gate := auth.NewLoopback(j, func() time.Time { return now })
	c := request(t)
	gate.Identify(c)
	if err := auth.RequireWrites(c); err != nil {
		t.Errorf("the operator may not write: %v", err)
	}
	if err := gate.RecordRead(c, []string{"A", "B"}); err != nil {
		t.Fatal(err)
	}
	if err := gate.RecordRead(c, nil); err != nil {
		t.Fatal(err)
	}
	if err := gate.RecordAssess(c, 7); err != nil {
		t.Fatal(err)
	}
	if len(j.entries) != 2 {
		t.Fatalf("%d entries, want 2: %+v", len(j.entries), j.entries)
	}
	read, assess := j.entries[0], j.entries[1]
	if read.Subject != auth.OperatorSubject || !read.At.Equal(now) || read.Action != auth.ActionRead ||
		read.Count != 2 || !slices.Equal(read.Records, []string{"A", "B"}) {
		t.Errorf("read entry %+v", read)
	}
	if assess.Action != auth.ActionAssess || assess.Count != 7 || assess.Records != nil {
		t.Errorf("assess entry %+v", assess)
	}
}

func TestNoReadWithoutJournal(t *testing.T) {
	gate := auth.NewLoopback(&journal{err: errors.New("disk full")}, time.Now)
	c := request(t)
	gate.Identify(c)
	if err := gate.RecordRead(c, []string{"A"}); err == nil {
		t.Error("a read that can't be recorded is allowed")
	}
}
