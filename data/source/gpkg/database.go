package gpkg

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/mattn/go-sqlite3"

	"vigie/data/source"
)

const (
	// maxValue bounds one value, in bytes: an outline of sixteen million vertices.
	maxValue = 256 << 20
	// maxColumns bounds the columns of a layer.
	maxColumns = 2000
	// maxTables bounds the layers of a file.
	maxTables = 1000
)

// database is one GeoPackage, opened so that nothing in it can run.
type database struct {
	file string // for messages
	db   *sql.DB
	conn *sql.Conn
}

// featureTable is a layer, as the GeoPackage's own tables describe it.
type featureTable struct {
	name, geometryColumn, geometryType string
	srsID                              int64
	organization                       string
	code                               int64
	definition                         string
}

// connect opens the file at path; file names it in messages.
func connect(ctx context.Context, path, file string) (*database, error) {
	dsn := url.URL{
		Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath(), RawQuery: "mode=ro&immutable=1&_query_only=1",
	}
	db, err := sql.Open("sqlite3", dsn.String())
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", file, err)
	}
	d := &database{file: file, db: db}
	if d.conn, err = db.Conn(ctx); err != nil {
		return nil, errors.Join(d.failure(ctx, source.Location{File: file}, err), db.Close())
	}
	err = d.conn.Raw(func(driver any) error {
		c, ok := driver.(*sqlite3.SQLiteConn)
		if !ok {
			return fmt.Errorf("unexpected SQLite driver %T", driver)
		}
		if _, err := c.Exec("PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; PRAGMA mmap_size = 0", nil); err != nil {
			return err
		}
		c.SetLimit(sqlite3.SQLITE_LIMIT_LENGTH, maxValue)
		c.SetLimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
		c.RegisterAuthorizer(authorize)
		return nil
	})
	if err != nil {
		return nil, errors.Join(d.failure(ctx, source.Location{File: file}, err), d.close())
	}
	return d, nil
}

// authorize lets a statement read columns, and the names of a table's columns;
// no function, no recursion, nothing else.
func authorize(action int, name, _, _ string) int {
	switch action {
	case sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ:
		return sqlite3.SQLITE_OK
	case sqlite3.SQLITE_PRAGMA:
		if name == "table_info" {
			return sqlite3.SQLITE_OK
		}
	}
	return sqlite3.SQLITE_DENY
}

func (d *database) close() error { return errors.Join(d.conn.Close(), d.db.Close()) }

// failure turns an error of SQLite into a located rejection.
func (d *database) failure(ctx context.Context, at source.Location, err error) error {
	if ctxErr := ctx.Err(); ctxErr != nil {
		return ctxErr
	}
	if _, ok := source.Rejected(err); ok {
		return err
	}
	var e sqlite3.Error
	if !errors.As(err, &e) {
		return err
	}
	if e.Code == sqlite3.ErrTooBig {
		return source.Reject(at, source.CodeTooLarge,
			fmt.Sprintf("une valeur dépasse %d Mio.", maxValue>>20), fmt.Sprintf("a value exceeds %d MiB.", maxValue>>20))
	}
	return source.Reject(at, CodeCorrupt,
		fmt.Sprintf("le GeoPackage est abîmé ou incomplet (SQLite : %s). Téléchargez-le à nouveau.", e.Error()),
		fmt.Sprintf("the GeoPackage is damaged or incomplete (SQLite: %s). Download it again.", e.Error()))
}

// ordinaryTable tells whether name is a table with pages of its own: a view has
// none, nor has a virtual table.
func (d *database) ordinaryTable(ctx context.Context, name string) (bool, error) {
	var rootPage int64
	err := d.conn.QueryRowContext(ctx,
		"SELECT rootpage FROM sqlite_master WHERE type = 'table' AND name = ? COLLATE NOCASE", name).Scan(&rootPage)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, d.failure(ctx, source.Location{File: d.file}, err)
	}
	return rootPage > 0, nil
}

// featureTables lists the layers in the file's order.
func (d *database) featureTables(ctx context.Context) ([]featureTable, error) {
	at := source.Location{File: d.file}
	for _, name := range []string{"gpkg_contents", "gpkg_geometry_columns", "gpkg_spatial_ref_sys"} {
		ok, err := d.ordinaryTable(ctx, name)
		if err != nil {
			return nil, err
		}
		if !ok {
			return nil, source.Reject(at, CodeNoLayer,
				"base SQLite sans la table "+name+" : ce n’est pas un GeoPackage avec des objets géographiques.",
				"an SQLite database without the table "+name+": not a GeoPackage with geographic features.")
		}
	}
	rows, err := d.conn.QueryContext(ctx, "SELECT table_name FROM gpkg_contents WHERE data_type = 'features'")
	if err != nil {
		return nil, d.failure(ctx, at, err)
	}
	defer rows.Close()
	var tables []featureTable
	for rows.Next() && len(tables) < maxTables {
		var t featureTable
		if err := rows.Scan(&t.name); err != nil {
			return nil, d.failure(ctx, at, err)
		}
		tables = append(tables, t)
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return nil, d.failure(ctx, at, err)
	}
	for i := range tables {
		if err := d.describe(ctx, &tables[i]); err != nil {
			return nil, err
		}
	}
	return tables, nil
}

func (d *database) describe(ctx context.Context, t *featureTable) error {
	at := source.Location{File: d.file + "!" + t.name}
	err := d.conn.QueryRowContext(ctx,
		"SELECT column_name, geometry_type_name, srs_id FROM gpkg_geometry_columns WHERE table_name = ? COLLATE NOCASE", t.name).
		Scan(&t.geometryColumn, &t.geometryType, &t.srsID)
	if errors.Is(err, sql.ErrNoRows) {
		return source.Reject(at, CodeNoLayer,
			"la couche n’est pas décrite dans gpkg_geometry_columns.", "the layer is not described in gpkg_geometry_columns.")
	}
	if err != nil {
		return d.failure(ctx, at, err)
	}
	var organization, definition sql.NullString
	var code sql.NullInt64
	err = d.conn.QueryRowContext(ctx,
		"SELECT organization, organization_coordsys_id, definition FROM gpkg_spatial_ref_sys WHERE srs_id = ?", t.srsID).
		Scan(&organization, &code, &definition)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return d.failure(ctx, at, err)
	}
	t.organization, t.code, t.definition = organization.String, code.Int64, definition.String
	return nil
}

func quote(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// columns lists the columns of a layer but its geometry. Generated columns, which
// are expressions, are not among what SQLite lists.
func (d *database) columns(ctx context.Context, t featureTable) ([]string, error) {
	at := source.Location{File: d.file + "!" + t.name}
	rows, err := d.conn.QueryContext(ctx, "PRAGMA table_info("+quote(t.name)+")")
	if err != nil {
		return nil, d.failure(ctx, at, err)
	}
	defer rows.Close()
	var names []string
	found := false
	for rows.Next() {
		var id, notNull, key int
		var name, kind string
		var value any
		if err := rows.Scan(&id, &name, &kind, &notNull, &value, &key); err != nil {
			return nil, d.failure(ctx, at, err)
		}
		if strings.EqualFold(name, t.geometryColumn) {
			found = true
		} else if len(names) < maxColumns {
			names = append(names, name)
		}
	}
	if err := rows.Err(); err != nil {
		return nil, d.failure(ctx, at, err)
	}
	if !found {
		return nil, source.Reject(at, CodeNoLayer,
			"la colonne de géométrie "+source.Quote(t.geometryColumn)+" manque dans la couche.",
			"the geometry column "+source.QuoteEN(t.geometryColumn)+" is missing from the layer.")
	}
	return names, nil
}

// rows calls fn with the geometry and the values of each row; both are valid until
// it returns.
func (d *database) rows(ctx context.Context, t featureTable, columns []string, fn func(blob []byte, values []any) error) error {
	at := source.Location{File: d.file + "!" + t.name}
	query := "SELECT " + quote(t.geometryColumn)
	for _, c := range columns {
		query += ", " + quote(c)
	}
	rows, err := d.conn.QueryContext(ctx, query+" FROM "+quote(t.name))
	if err != nil {
		return d.failure(ctx, at, err)
	}
	defer rows.Close()
	values := make([]any, 1+len(columns))
	targets := make([]any, len(values))
	for i := range values {
		targets[i] = &values[i]
	}
	for rows.Next() {
		at.Line++
		if err := rows.Scan(targets...); err != nil {
			return d.failure(ctx, at, err)
		}
		var blob []byte
		switch v := values[0].(type) {
		case nil:
		case []byte:
			blob = v
		default:
			blob = []byte(fmt.Sprint(v)) // not a blob: its decoding says so
		}
		if err := fn(blob, values[1:]); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		at.Line++
		return d.failure(ctx, at, err)
	}
	return nil
}

// text renders a value of SQLite, empty for null.
func text(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return strings.ToValidUTF8(v, "\uFFFD")
	case []byte:
		return strings.ToValidUTF8(string(v), "\uFFFD")
	case int64:
		return strconv.FormatInt(v, 10)
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case bool:
		return strconv.FormatBool(v)
	case time.Time:
		return v.Format("2006-01-02")
	}
	return fmt.Sprint(v)
}
