-- Scanned paper (package scan): the bytes as received, sealed under a key of their
-- own, their pages, and the words that were read on them.

-- +goose Up

-- One file as it was received. waiting counts the pages whose words nobody has
-- looked for; lease is until when (microseconds) a process has them in hand.
CREATE TABLE scan (
    id         TEXT   NOT NULL PRIMARY KEY,
    arrived_at BIGINT NOT NULL,
    arrived_by TEXT   NOT NULL,
    entry      TEXT   NOT NULL,
    message    TEXT   NOT NULL,
    media      TEXT   NOT NULL,
    size       BIGINT NOT NULL,
    pages      BIGINT NOT NULL,
    waiting    BIGINT NOT NULL,
    lease      BIGINT NOT NULL,
    tries      BIGINT NOT NULL,
    repeat_key BYTEA  NOT NULL UNIQUE,
    name       BYTEA  NOT NULL
);
CREATE INDEX scan_waiting ON scan (lease, id) WHERE waiting > 0;
CREATE INDEX scan_by_message ON scan (message);

-- The bytes, in parts of one MiB.
CREATE TABLE scan_part (
    scan   TEXT   NOT NULL REFERENCES scan (id),
    number BIGINT NOT NULL,
    sealed BYTEA  NOT NULL,
    PRIMARY KEY (scan, number)
);

-- One page: the state of its words, the turn they propose, its size in points, and
-- whose it is, '' until it is indexed.
CREATE TABLE scan_page (
    scan      TEXT   NOT NULL REFERENCES scan (id),
    page      BIGINT NOT NULL,
    state     TEXT   NOT NULL,
    turn      BIGINT NOT NULL,
    width     DOUBLE PRECISION NOT NULL,
    height    DOUBLE PRECISION NOT NULL,
    words     BIGINT NOT NULL,
    record    TEXT   NOT NULL,
    encounter TEXT   NOT NULL,
    document  TEXT   NOT NULL,
    sealed    BYTEA,
    PRIMARY KEY (scan, page)
);
CREATE INDEX scan_page_of_document ON scan_page (document);

-- +goose Down
DROP TABLE scan_page;
DROP TABLE scan_part;
DROP TABLE scan;
