-- +goose Up

CREATE TABLE users (
    id        TEXT    NOT NULL PRIMARY KEY CHECK (id <> ''),
    login_key TEXT    NOT NULL UNIQUE CHECK (login_key <> ''), -- the login without regard to case
    version   INTEGER NOT NULL CHECK (version >= 1),
    record    TEXT    NOT NULL CHECK (json_valid(record)),
    seen_at   TEXT,
    issuer    TEXT GENERATED ALWAYS AS (record ->> '$.issuer') VIRTUAL,
    oidc_sub  TEXT GENERATED ALWAYS AS (record ->> '$.oidc_sub') VIRTUAL
) STRICT;

CREATE UNIQUE INDEX users_oidc ON users (issuer, oidc_sub) WHERE oidc_sub IS NOT NULL;

CREATE TABLE credentials (
    user_id          TEXT    NOT NULL PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    password_hash    TEXT    NOT NULL,
    totp_secret      BLOB,
    totp_step        INTEGER NOT NULL,
    recovery_hash    BLOB UNIQUE,
    recovery_expires TEXT,
    CHECK ((recovery_hash IS NULL) = (recovery_expires IS NULL))
) STRICT;

CREATE TABLE tokens (
    id         TEXT NOT NULL PRIMARY KEY CHECK (id <> ''),
    user_id    TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    hash       BLOB NOT NULL UNIQUE,
    record     TEXT NOT NULL CHECK (json_valid(record)),
    expires_at TEXT NOT NULL,
    used_at    TEXT
) STRICT;

CREATE INDEX tokens_user ON tokens (user_id);

CREATE TABLE sessions (
    hash       BLOB NOT NULL PRIMARY KEY,
    user_id    TEXT REFERENCES users (id) ON DELETE CASCADE, -- NULL before login
    data       BLOB NOT NULL,
    expires_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX sessions_user ON sessions (user_id) WHERE user_id IS NOT NULL;
CREATE INDEX sessions_expiry ON sessions (expires_at);

CREATE TABLE grants (
    id           TEXT    NOT NULL PRIMARY KEY CHECK (id <> ''),
    user_id      TEXT    NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    version      INTEGER NOT NULL CHECK (version >= 1),
    record       TEXT    NOT NULL CHECK (json_valid(record)),
    requested_at TEXT    NOT NULL
) STRICT;

CREATE INDEX grants_user ON grants (user_id);
