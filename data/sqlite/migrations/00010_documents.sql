-- +goose Up

-- The work on homes and in départements: each version is kept until the document is erased.
CREATE TABLE documents (
    kind       TEXT    NOT NULL CHECK (kind <> ''),
    id         TEXT    NOT NULL CHECK (id <> ''),
    version    INTEGER NOT NULL CHECK (version >= 1),
    site_id    TEXT, -- of a home that may be gone
    department TEXT    NOT NULL,
    state      TEXT    NOT NULL,
    due        TEXT, -- RFC 3339, UTC, nanoseconds
    created_at TEXT    NOT NULL,
    created_by TEXT    NOT NULL,
    changed_at TEXT    NOT NULL,
    changed_by TEXT    NOT NULL,
    body       TEXT    NOT NULL CHECK (json_valid(body)),
    PRIMARY KEY (kind, id)
) STRICT;

CREATE INDEX documents_department ON documents (kind, department, changed_at);
CREATE INDEX documents_site ON documents (site_id) WHERE site_id IS NOT NULL;
CREATE INDEX documents_due ON documents (kind, due) WHERE due IS NOT NULL;

-- Earlier versions.
CREATE TABLE document_history (
    kind       TEXT    NOT NULL,
    id         TEXT    NOT NULL,
    version    INTEGER NOT NULL,
    site_id    TEXT,
    department TEXT    NOT NULL,
    state      TEXT    NOT NULL,
    due        TEXT,
    changed_at TEXT    NOT NULL,
    changed_by TEXT    NOT NULL,
    body       TEXT    NOT NULL,
    PRIMARY KEY (kind, id, version),
    FOREIGN KEY (kind, id) REFERENCES documents (kind, id) ON DELETE CASCADE
) STRICT;
