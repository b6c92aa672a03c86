-- What arrived (package intake): the bytes as received, sealed under a key of
-- their own, and what became of them.

-- +goose Up

-- One message, bundle or chunk of lines. repeat_key is the keyed hash of
-- sender, control number, type and content: what has it already is a repeat.
CREATE TABLE message (
    id          TEXT   NOT NULL PRIMARY KEY,
    received_at BIGINT NOT NULL,
    received_by TEXT   NOT NULL,
    channel     TEXT   NOT NULL,
    format      TEXT   NOT NULL,
    kind        TEXT   NOT NULL,
    status      TEXT   NOT NULL,
    run         TEXT   NOT NULL,
    place       TEXT   NOT NULL,
    size        BIGINT NOT NULL,
    hash        BYTEA  NOT NULL,
    repeat_key  BYTEA  NOT NULL UNIQUE,
    accepted    BIGINT NOT NULL,
    rejected    BIGINT NOT NULL,
    entry       TEXT   NOT NULL,
    head        BYTEA  NOT NULL,
    sealed      BYTEA  NOT NULL
);
CREATE INDEX message_by_time ON message (received_at, id);

-- Which records a message told of (package chart). What protects a record
-- protects the bytes that brought it too.
CREATE TABLE message_record (
    message TEXT NOT NULL,
    record  TEXT NOT NULL REFERENCES record (id),
    PRIMARY KEY (message, record)
);

-- One call of the import command: what it read and how that ended.
CREATE TABLE import_run (
    id          TEXT   NOT NULL PRIMARY KEY,
    started_at  BIGINT NOT NULL,
    finished_at BIGINT NOT NULL,
    actor       TEXT   NOT NULL,
    entry       TEXT   NOT NULL,
    files       BIGINT NOT NULL,
    received    BIGINT NOT NULL,
    accepted    BIGINT NOT NULL,
    rejected    BIGINT NOT NULL,
    repeated    BIGINT NOT NULL
);

-- +goose Down
DROP TABLE import_run;
DROP TABLE message_record;
DROP TABLE message;
