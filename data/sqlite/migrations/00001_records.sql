-- +goose Up

-- Records are JSON as package data encodes them; what is searched for is a
-- generated column, so that it cannot disagree with the record.

CREATE TABLE layer_versions (
    layer      TEXT    NOT NULL,
    department TEXT    NOT NULL, -- '' for records without département
    version    INTEGER NOT NULL CHECK (version >= 1),
    PRIMARY KEY (layer, department)
) STRICT, WITHOUT ROWID;

CREATE TABLE sites (
    id              TEXT    NOT NULL PRIMARY KEY CHECK (id <> ''),
    version         INTEGER NOT NULL CHECK (version >= 1),
    record          TEXT    NOT NULL CHECK (json_valid(record)),
    source          TEXT    CHECK (source IS NULL OR json_valid(source)),
    merged_into     TEXT    REFERENCES sites (id) DEFERRABLE INITIALLY DEFERRED
                            CHECK (merged_into <> id),
    finess          TEXT GENERATED ALWAYS AS (record ->> '$.finess') VIRTUAL,
    department_code TEXT GENERATED ALWAYS AS (record ->> '$.department_code') VIRTUAL,
    commune_code    TEXT GENERATED ALWAYS AS (record ->> '$.commune_code') VIRTUAL,
    status          TEXT GENERATED ALWAYS AS (record ->> '$.status') VIRTUAL,
    lon             REAL GENERATED ALWAYS AS (record ->> '$.position.point[0]') VIRTUAL, -- degrees, CRS84
    lat             REAL GENERATED ALWAYS AS (record ->> '$.position.point[1]') VIRTUAL
) STRICT;

-- Without it each deleted site would scan the table for sites merged into it.
CREATE INDEX sites_merged_into ON sites (merged_into) WHERE merged_into IS NOT NULL;

CREATE TABLE editions (
    kind    TEXT    NOT NULL CHECK (kind <> ''),
    label   TEXT    NOT NULL,
    current INTEGER NOT NULL DEFAULT 0 CHECK (current IN (0, 1)),
    PRIMARY KEY (kind, label)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX editions_current ON editions (kind) WHERE current = 1;

CREATE TABLE zones (
    kind             TEXT NOT NULL,
    edition          TEXT NOT NULL,
    code             TEXT NOT NULL CHECK (code <> ''),
    record           TEXT NOT NULL CHECK (json_valid(record)),
    geometry         BLOB, -- WKB MultiPolygon, CRS84
    name             TEXT    GENERATED ALWAYS AS (record ->> '$.name') VIRTUAL,
    restricted       INTEGER GENERATED ALWAYS AS (coalesce(record ->> '$.restricted', 0)) VIRTUAL,
    department_codes TEXT    GENERATED ALWAYS AS (record -> '$.department_codes') VIRTUAL, -- JSON array
    PRIMARY KEY (kind, edition, code),
    FOREIGN KEY (kind, edition) REFERENCES editions (kind, label)
) STRICT;

CREATE TABLE places (
    id              TEXT NOT NULL PRIMARY KEY CHECK (id <> ''),
    record          TEXT NOT NULL CHECK (json_valid(record)),
    kind            TEXT GENERATED ALWAYS AS (record ->> '$.kind') VIRTUAL,
    department_code TEXT GENERATED ALWAYS AS (record ->> '$.department_code') VIRTUAL
) STRICT;

CREATE TABLE areas (
    level           TEXT NOT NULL CHECK (level <> ''),
    code            TEXT NOT NULL CHECK (code <> ''),
    record          TEXT NOT NULL CHECK (json_valid(record)),
    geometry        BLOB, -- WKB MultiPolygon, CRS84
    department_code TEXT GENERATED ALWAYS AS (record ->> '$.department_code') VIRTUAL,
    PRIMARY KEY (level, code)
) STRICT;

CREATE TABLE imports (
    seq         INTEGER PRIMARY KEY AUTOINCREMENT,
    id          TEXT NOT NULL UNIQUE CHECK (id <> ''),
    record      TEXT NOT NULL CHECK (json_valid(record)),  -- without problems and changes
    details     TEXT NOT NULL CHECK (json_valid(details)), -- problems and changes
    undone_at   TEXT,
    undone_by   TEXT,
    layer       TEXT GENERATED ALWAYS AS (record ->> '$.layer') VIRTUAL,
    file_name   TEXT GENERATED ALWAYS AS (record ->> '$.file_name') VIRTUAL,
    sha256      TEXT GENERATED ALWAYS AS (record ->> '$.sha256') VIRTUAL,
    imported_at TEXT GENERATED ALWAYS AS (record ->> '$.imported_at') VIRTUAL,
    CHECK ((undone_at IS NULL) = (undone_by IS NULL))
) STRICT;

-- What an import did to each record, in order: the state it found and the state
-- it wrote, NULL when there was none. Subject is a layer, or 'editions', whose
-- key is a kind of zones and whose states are labels of the current edition.
CREATE TABLE import_changes (
    seq        INTEGER PRIMARY KEY AUTOINCREMENT,
    import_seq INTEGER NOT NULL REFERENCES imports (seq),
    subject    TEXT NOT NULL,
    key        TEXT NOT NULL,
    before     TEXT,
    after      TEXT
) STRICT;

CREATE INDEX import_changes_import ON import_changes (import_seq);

CREATE TABLE audit (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    at      TEXT    NOT NULL, -- RFC 3339, UTC, nanoseconds
    subject TEXT    NOT NULL,
    action  TEXT    NOT NULL,
    layer   TEXT    NOT NULL,
    records TEXT    NOT NULL CHECK (json_valid(records)), -- JSON array of identifiers
    count   INTEGER NOT NULL,
    purpose TEXT    NOT NULL
) STRICT;

CREATE INDEX audit_at ON audit (at);

-- +goose StatementBegin
CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit
BEGIN
    SELECT raise(ABORT, 'the audit is append-only');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit
BEGIN
    SELECT raise(ABORT, 'the audit is append-only');
END;
-- +goose StatementEnd

-- INSERT OR REPLACE deletes without firing a delete trigger.
-- +goose StatementBegin
CREATE TRIGGER audit_no_replace BEFORE INSERT ON audit
WHEN EXISTS (SELECT 1 FROM audit WHERE id = new.id)
BEGIN
    SELECT raise(ABORT, 'the audit is append-only');
END;
-- +goose StatementEnd
