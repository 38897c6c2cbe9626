// Package storetest is the contract of data.Store as tests. Every Store runs it:
//
//	storetest.Run(t, storetest.Backend{Create: …, Open: …, Check: …, Viewer: data.NewViewer})
package storetest

import (
	"context"
	"testing"

	"vigie/data"
)

// Backend is a Store under test.
type Backend struct {
	// Create makes an empty database that lasts as long as the test, and returns its address.
	Create func(t *testing.T) string
	// Open opens the database at an address, in any process of this machine.
	Open func(ctx context.Context, address string) (data.Store, error)
	// Check fails the test when the engine finds the closed database damaged.
	Check func(t *testing.T, address string)
	// Viewer is data.NewViewer, which this package may not name.
	Viewer func(data.ViewerSpec) data.Viewer
}

// Run runs the whole contract. Call it from a test of its own: it starts the test
// binary again with the name of t, to kill it while it writes.
func Run(t *testing.T, b Backend) {
	b.crashIfChild(t)
	for _, part := range []struct {
		name string
		run  func(*testing.T, Backend)
	}{
		{"Records", testRecords},
		{"Write", testWrite},
		{"Versions", testVersions},
		{"Editions", testEditions},
		{"Atomicity", testAtomicity},
		{"Rights", testRights},
		{"EditRights", testEditRights},
		{"Imports", testImports},
		{"Statistics", testStatistics},
		{"StatisticsUndo", testStatisticsUndo},
		{"Undo", testUndo},
		{"UndoConflicts", testUndoConflicts},
		{"Model", testModel},
		{"Users", testUsers},
		{"UserRights", testUserRights},
		{"LastAdmin", testLastAdmin},
		{"Credentials", testCredentials},
		{"Tokens", testTokens},
		{"Sessions", testSessions},
		{"Grants", testGrants},
		{"Erasure", testErasure},
		{"Documents", testDocuments},
		{"DocumentRights", testDocumentRights},
		{"Journal", testJournal},
		{"JournalGroups", testJournalGroups},
		{"Segments", testSegments},
		{"Concurrency", testConcurrency},
		{"Cancellation", testCancellation},
		{"Reopen", testReopen},
		{"Kill", testKill},
	} {
		t.Run(part.name, func(t *testing.T) { part.run(t, b) })
	}
}
