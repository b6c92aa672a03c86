-- +goose Up
-- Entries as actions wrote them, waiting for their place in the tree. The primary
-- key is the order in which they were written, so that the sequencer reads a run.
CREATE TABLE audit_tail (
    tick         BIGINT NOT NULL,
    id           TEXT   NOT NULL,
    at           BIGINT NOT NULL,
    actor        TEXT   NOT NULL,
    actor_kind   TEXT   NOT NULL,
    roles        TEXT   NOT NULL,
    session      TEXT   NOT NULL,
    action       TEXT   NOT NULL,
    outcome      TEXT   NOT NULL,
    reason       TEXT   NOT NULL,
    subject_kind TEXT   NOT NULL,
    subject      TEXT   NOT NULL,
    record       TEXT   NOT NULL,
    more         TEXT   NOT NULL,
    detail       TEXT   NOT NULL,
    writer       TEXT   NOT NULL,
    lane         BIGINT NOT NULL,
    counter      BIGINT NOT NULL,
    mac          BYTEA  NOT NULL,
    PRIMARY KEY (tick, id)
);

-- Entries in the tree: position is the number of the leaf.
CREATE TABLE audit_entry (
    position     BIGINT PRIMARY KEY,
    tick         BIGINT NOT NULL,
    id           TEXT   NOT NULL UNIQUE,
    at           BIGINT NOT NULL,
    actor        TEXT   NOT NULL,
    actor_kind   TEXT   NOT NULL,
    roles        TEXT   NOT NULL,
    session      TEXT   NOT NULL,
    action       TEXT   NOT NULL,
    outcome      TEXT   NOT NULL,
    reason       TEXT   NOT NULL,
    subject_kind TEXT   NOT NULL,
    subject      TEXT   NOT NULL,
    record       TEXT   NOT NULL,
    more         TEXT   NOT NULL,
    detail       TEXT   NOT NULL,
    writer       TEXT   NOT NULL,
    lane         BIGINT NOT NULL,
    counter      BIGINT NOT NULL,
    mac          BYTEA  NOT NULL
);
CREATE INDEX audit_entry_actor ON audit_entry (actor, position);
CREATE INDEX audit_entry_action ON audit_entry (action, position);

-- Which entries are about a subject or record.
CREATE TABLE audit_about (
    subject  TEXT   NOT NULL,
    position BIGINT NOT NULL,
    PRIMARY KEY (subject, position)
);

-- The hashes of the tree in storage order (tlog.StoredHashIndex), 256 a row.
CREATE TABLE audit_hash (
    chunk  BIGINT PRIMARY KEY,
    hashes BYTEA  NOT NULL
);

-- How far the tree has grown, under a keyed hash; and who may append now.
CREATE TABLE audit_head (
    id          BIGINT PRIMARY KEY,
    size        BIGINT NOT NULL,
    root        BYTEA  NOT NULL,
    checkpoints BIGINT NOT NULL,
    last_note   BYTEA  NOT NULL,
    mac         BYTEA  NOT NULL,
    holder      TEXT   NOT NULL,
    until_at    BIGINT NOT NULL
);

-- The last entry of each lane that is in the tree.
CREATE TABLE audit_lane (
    writer  TEXT   NOT NULL,
    lane    BIGINT NOT NULL,
    counter BIGINT NOT NULL,
    mac     BYTEA  NOT NULL,
    PRIMARY KEY (writer, lane)
);

-- Signed notes of the tree, numbered from 1.
CREATE TABLE audit_checkpoint (
    number BIGINT PRIMARY KEY,
    size   BIGINT NOT NULL,
    at     BIGINT NOT NULL,
    note   TEXT   NOT NULL
);

-- +goose Down
DROP TABLE audit_checkpoint;
DROP TABLE audit_lane;
DROP TABLE audit_head;
DROP TABLE audit_hash;
DROP TABLE audit_about;
DROP TABLE audit_entry;
DROP TABLE audit_tail;
