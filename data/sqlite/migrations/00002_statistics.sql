-- +goose Up

-- Statistics come by the million: their texts are kept once a series, and no record is
-- JSON. What identifies a figure is its area and its series but for the unit.
CREATE TABLE statistic_series (
    id        INTEGER PRIMARY KEY,
    level     TEXT    NOT NULL CHECK (level <> ''),
    source    TEXT    NOT NULL CHECK (source <> ''),
    indicator TEXT    NOT NULL CHECK (indicator <> ''),
    edition   TEXT    NOT NULL,
    year      INTEGER NOT NULL,
    unit      TEXT    NOT NULL,
    UNIQUE (level, source, indicator, edition, year, unit)
) STRICT;

CREATE TABLE statistics (
    area        TEXT    NOT NULL CHECK (area <> ''),
    series      INTEGER NOT NULL REFERENCES statistic_series (id),
    department  TEXT    NOT NULL, -- '' when not known
    status      INTEGER NOT NULL, -- 0 published, 1 not published, 2 not available; +128 estimated
    value       REAL,
    count       REAL,
    denominator REAL,
    import_seq  INTEGER NOT NULL, -- of the import that wrote it, 0 for none
    PRIMARY KEY (area, series)
) STRICT, WITHOUT ROWID;

-- Rows that a write replaced. Undoing import i deletes the rows that bear its number and
-- puts back those kept here under it; where another write replaced a row of i, a row with
-- prior_import_seq = i says so.
CREATE TABLE statistic_history (
    import_seq       INTEGER NOT NULL, -- of the import that replaced it, 0 for none
    area             TEXT    NOT NULL,
    series           INTEGER NOT NULL REFERENCES statistic_series (id),
    prior_import_seq INTEGER NOT NULL,
    department       TEXT    NOT NULL,
    status           INTEGER NOT NULL,
    value            REAL,
    count            REAL,
    denominator      REAL,
    PRIMARY KEY (import_seq, area, series, prior_import_seq)
) STRICT, WITHOUT ROWID;

CREATE INDEX statistic_history_prior ON statistic_history (prior_import_seq);

-- The départements in which an import wrote statistics.
CREATE TABLE statistic_imports (
    import_seq INTEGER NOT NULL REFERENCES imports (seq),
    department TEXT    NOT NULL,
    PRIMARY KEY (import_seq, department)
) STRICT, WITHOUT ROWID;
