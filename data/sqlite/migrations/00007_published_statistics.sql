-- +goose Up

-- Frozen editions of the public statistics: written once.
CREATE TABLE published_statistics (
    sequence  INTEGER NOT NULL PRIMARY KEY CHECK (sequence >= 1),
    id        TEXT    NOT NULL UNIQUE CHECK (id <> ''),
    quarter   TEXT    NOT NULL,
    revision  INTEGER NOT NULL CHECK (revision >= 0),
    note      TEXT    NOT NULL,
    frozen_at TEXT    NOT NULL, -- RFC 3339, UTC, nanoseconds
    sha256    TEXT    NOT NULL, -- of document
    document  BLOB    NOT NULL, -- what the public gets
    counts    BLOB    NOT NULL, -- true counts, for the attacker of later editions; never served
    UNIQUE (quarter, revision)
) STRICT;

-- +goose StatementBegin
CREATE TRIGGER published_statistics_no_update BEFORE UPDATE ON published_statistics
BEGIN
    SELECT raise(ABORT, 'a published edition never changes');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER published_statistics_no_delete BEFORE DELETE ON published_statistics
BEGIN
    SELECT raise(ABORT, 'a published edition never changes');
END;
-- +goose StatementEnd
