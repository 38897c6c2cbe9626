-- +goose Up

-- The journal replaces the table audit, whose lines migration 6 chains.
CREATE TABLE journal (
    seq      INTEGER NOT NULL PRIMARY KEY CHECK (seq >= 1),
    at       TEXT    NOT NULL, -- RFC 3339, UTC, nanoseconds
    subject  TEXT    NOT NULL,
    action   TEXT    NOT NULL,
    layer    TEXT    NOT NULL,
    records  TEXT    NOT NULL CHECK (json_valid(records)), -- JSON array of identifiers
    count    INTEGER NOT NULL,
    purpose  TEXT    NOT NULL,
    previous BLOB    NOT NULL CHECK (length(previous) = 32),
    hash     BLOB    NOT NULL CHECK (length(hash) = 32)
) STRICT;

CREATE INDEX journal_at ON journal (at);
CREATE INDEX journal_subject ON journal (subject, seq);
CREATE INDEX journal_action ON journal (action, seq);

CREATE TABLE checkpoints (
    segment    INTEGER NOT NULL PRIMARY KEY CHECK (segment >= 1),
    first_seq  INTEGER NOT NULL,
    last_seq   INTEGER NOT NULL UNIQUE,
    from_at    TEXT    NOT NULL,
    to_at      TEXT    NOT NULL,
    previous   BLOB    NOT NULL CHECK (length(previous) = 32),
    hash       BLOB    NOT NULL CHECK (length(hash) = 32),
    signed_at  TEXT    NOT NULL,
    public_key BLOB    NOT NULL,
    signature  BLOB    NOT NULL,
    dropped_at TEXT,
    CHECK (first_seq <= last_seq)
) STRICT;

-- Triggers hold against mistakes; against the owner of the file, who can drop them, the
-- chain and the signatures do.

-- A record goes to the end of the chain and nowhere else: nothing is replaced.
-- +goose StatementBegin
CREATE TRIGGER journal_chain BEFORE INSERT ON journal
WHEN new.seq <> 1 + max(
        coalesce((SELECT max(seq) FROM journal), 0),
        coalesce((SELECT max(last_seq) FROM checkpoints), 0))
    OR new.previous IS NOT coalesce(
        (SELECT hash FROM journal WHERE seq = new.seq - 1),
        (SELECT hash FROM checkpoints WHERE last_seq = new.seq - 1),
        zeroblob(32))
BEGIN
    SELECT raise(ABORT, 'the journal is append-only');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER journal_no_update BEFORE UPDATE ON journal
BEGIN
    SELECT raise(ABORT, 'the journal is append-only');
END;
-- +goose StatementEnd

-- Records leave with their whole segment, once its checkpoint says so.
-- +goose StatementBegin
CREATE TRIGGER journal_no_delete BEFORE DELETE ON journal
WHEN NOT EXISTS (SELECT 1 FROM checkpoints
    WHERE dropped_at IS NOT NULL AND old.seq BETWEEN first_seq AND last_seq)
BEGIN
    SELECT raise(ABORT, 'the journal is append-only');
END;
-- +goose StatementEnd

-- Segments follow each other without gap, and close what is there.
-- +goose StatementBegin
CREATE TRIGGER checkpoints_chain BEFORE INSERT ON checkpoints
WHEN new.dropped_at IS NOT NULL
    OR new.segment <> (SELECT count(*) + 1 FROM checkpoints)
    OR new.first_seq <> (SELECT coalesce(max(last_seq), 0) + 1 FROM checkpoints)
    OR new.previous IS NOT (SELECT previous FROM journal WHERE seq = new.first_seq)
    OR new.hash IS NOT (SELECT hash FROM journal WHERE seq = new.last_seq)
BEGIN
    SELECT raise(ABORT, 'a checkpoint closes the records since the last one');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER checkpoints_no_delete BEFORE DELETE ON checkpoints
BEGIN
    SELECT raise(ABORT, 'checkpoints stay');
END;
-- +goose StatementEnd

-- The one change of a checkpoint is to be marked dropped, once, the oldest first.
-- +goose StatementBegin
CREATE TRIGGER checkpoints_drop BEFORE UPDATE ON checkpoints
WHEN old.dropped_at IS NOT NULL OR new.dropped_at IS NULL
    OR EXISTS (SELECT 1 FROM checkpoints WHERE segment < old.segment AND dropped_at IS NULL)
    OR (new.segment, new.first_seq, new.last_seq, new.from_at, new.to_at, new.previous, new.hash, new.signed_at, new.public_key, new.signature)
    IS NOT (old.segment, old.first_seq, old.last_seq, old.from_at, old.to_at, old.previous, old.hash, old.signed_at, old.public_key, old.signature)
BEGIN
    SELECT raise(ABORT, 'checkpoints stay as they are');
END;
-- +goose StatementEnd
