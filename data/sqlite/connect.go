package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"net/url"
	"path/filepath"
	"strconv"
	"time"

	"github.com/mattn/go-sqlite3"
)

// connector opens connections that all get the same pragmas. It needs no driver
// registered under a global name.
type connector struct {
	driver *sqlite3.SQLiteDriver
	dsn    string
}

func (c connector) Connect(context.Context) (driver.Conn, error) { return c.driver.Open(c.dsn) }
func (c connector) Driver() driver.Driver                        { return c.driver }

// hookPragmas are those that the driver's DSN cannot express; the hook runs them on
// each new connection.
//   - trusted_schema: a database prepared by someone else must not run functions
//     with side effects from its triggers or views.
//   - temp_store: no homes in temporary files.
//   - journal_size_limit: a finished write-ahead log keeps no old pages.
const hookPragmas = `
PRAGMA trusted_schema = OFF;
PRAGMA temp_store = MEMORY;
PRAGMA journal_size_limit = 0;
PRAGMA cell_size_check = ON;`

func openPool(dsn string, connections int) *sql.DB {
	db := sql.OpenDB(connector{dsn: dsn, driver: &sqlite3.SQLiteDriver{
		ConnectHook: func(c *sqlite3.SQLiteConn) error {
			_, err := c.Exec(hookPragmas, nil)
			return err
		},
	}})
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	return db
}

func writerDSN(file string, busy time.Duration) string {
	return dsn(file, busy, url.Values{
		"mode":          {"rw"},
		"_txlock":       {"immediate"},
		"_journal_mode": {"WAL"},
		// NORMAL would lose the last commits on a power cut.
		"_synchronous":  {"FULL"},
		"_foreign_keys": {"on"},
		// Erased homes are overwritten with zeros.
		"_secure_delete":      {"on"},
		"_recursive_triggers": {"on"},
		"_stmt_cache_size":    {"64"},
		"_cache_size":         {"-16384"}, // KiB
	})
}

func readerDSN(file string, busy time.Duration) string {
	return dsn(file, busy, url.Values{
		"mode":             {"ro"},
		"_query_only":      {"on"},
		"_stmt_cache_size": {"16"},
	})
}

// inspectorDSN has no pragma that writes to the file.
func inspectorDSN(file string, busy time.Duration) string {
	return dsn(file, busy, url.Values{"mode": {"ro"}, "_query_only": {"on"}})
}

func dsn(file string, busy time.Duration, params url.Values) string {
	params.Set("_busy_timeout", strconv.FormatInt(busy.Milliseconds(), 10))
	u := url.URL{Scheme: "file", Path: filepath.ToSlash(file), RawQuery: params.Encode()}
	return u.String()
}
