-- +goose Up

-- The version of the accounts grows with each change of what a request's identification reads
-- (users, second factors, tokens, grants), whoever makes it: what was read may be used for as
-- long as it stays. Sessions are read at each request, and have none.

CREATE TABLE accounts_version (
    only    INTEGER NOT NULL PRIMARY KEY CHECK (only = 1),
    version INTEGER NOT NULL
) STRICT;

INSERT INTO accounts_version VALUES (1, 0);

-- +goose StatementBegin
CREATE TRIGGER users_version_update AFTER UPDATE ON users
BEGIN
    UPDATE accounts_version SET version = version + 1;
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER users_version_delete AFTER DELETE ON users
BEGIN
    UPDATE accounts_version SET version = version + 1;
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER credentials_version_insert AFTER INSERT ON credentials
BEGIN
    UPDATE accounts_version SET version = version + 1;
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER credentials_version_update AFTER UPDATE ON credentials
BEGIN
    UPDATE accounts_version SET version = version + 1;
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER credentials_version_delete AFTER DELETE ON credentials
BEGIN
    UPDATE accounts_version SET version = version + 1;
END;
-- +goose StatementEnd

-- Not used_at, which is written each minute that a token is used.
-- +goose StatementBegin
CREATE TRIGGER tokens_version_update AFTER UPDATE OF user_id, hash, record, expires_at ON tokens
BEGIN
    UPDATE accounts_version SET version = version + 1;
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER tokens_version_delete AFTER DELETE ON tokens
BEGIN
    UPDATE accounts_version SET version = version + 1;
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER grants_version_insert AFTER INSERT ON grants
BEGIN
    UPDATE accounts_version SET version = version + 1;
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER grants_version_update AFTER UPDATE ON grants
BEGIN
    UPDATE accounts_version SET version = version + 1;
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER grants_version_delete AFTER DELETE ON grants
BEGIN
    UPDATE accounts_version SET version = version + 1;
END;
-- +goose StatementEnd
