-- What cells are about.
CREATE TABLE subjects (
    id  INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE
);

-- Times are seconds of the calendar, the beginning of the cell.
CREATE TABLE cells (
    subject INTEGER NOT NULL,
    step    INTEGER NOT NULL,
    at      INTEGER NOT NULL,
    data    BLOB    NOT NULL,
    PRIMARY KEY (subject, step, at)
);

CREATE INDEX cells_by_age ON cells (step, at);

-- How much of each engine's totals is in cells.
CREATE TABLE totals (
    engine     TEXT    NOT NULL,
    subject    TEXT    NOT NULL,
    started_at INTEGER NOT NULL,
    at         INTEGER NOT NULL,
    data       BLOB    NOT NULL,
    PRIMARY KEY (engine, subject)
);

-- Moments, microseconds of the calendar: when the file was made, and when it was written last.
CREATE TABLE moments (
    name TEXT PRIMARY KEY,
    at   INTEGER NOT NULL
);
