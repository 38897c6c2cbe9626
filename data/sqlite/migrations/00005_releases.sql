-- +goose Up

-- Frozen masked views of the homes. The record tells which home a pseudonym is.
CREATE TABLE releases (
    id     TEXT NOT NULL PRIMARY KEY CHECK (id <> ''),
    record TEXT NOT NULL CHECK (json_valid(record))
) STRICT;

-- +goose StatementBegin
CREATE TRIGGER releases_no_update BEFORE UPDATE ON releases
BEGIN
    SELECT raise(ABORT, 'a release never changes');
END;
-- +goose StatementEnd
