-- The coding of encounters (package coding). A session is its events; the row
-- in coding says where it stands, for lists. Event bodies are sealed under the
-- record's key: they quote the record.

-- +goose Up

-- The list of work goes by the end of the encounter.
CREATE INDEX encounter_by_end ON encounter (end_at, id);

CREATE TABLE coding (
    id           TEXT   NOT NULL PRIMARY KEY,
    encounter    TEXT   NOT NULL UNIQUE,
    record       TEXT   NOT NULL,
    state        TEXT   NOT NULL,
    revision     BIGINT NOT NULL,
    diagnoses    BIGINT NOT NULL,
    procedures   BIGINT NOT NULL,
    offered      BIGINT NOT NULL,
    texts        BIGINT NOT NULL,
    coder        TEXT   NOT NULL,
    opened_at    BIGINT NOT NULL,
    updated_at   BIGINT NOT NULL,
    finalised_at BIGINT NOT NULL
);
CREATE INDEX coding_by_state ON coding (state, updated_at);

CREATE TABLE coding_event (
    coding   TEXT   NOT NULL REFERENCES coding (id),
    revision BIGINT NOT NULL,
    kind     TEXT   NOT NULL,
    at       BIGINT NOT NULL,
    actor    TEXT   NOT NULL,
    entry    TEXT   NOT NULL,
    body     BYTEA  NOT NULL,
    PRIMARY KEY (coding, revision)
);

-- What was made final: written once; only superseded_at goes from 0 to the time
-- of reopening.
CREATE TABLE final_code (
    coding        TEXT   NOT NULL REFERENCES coding (id),
    finalisation  BIGINT NOT NULL,
    system        TEXT   NOT NULL,
    position      BIGINT NOT NULL,
    code          TEXT   NOT NULL,
    poa           TEXT   NOT NULL,
    performed     TEXT   NOT NULL,
    edition       TEXT   NOT NULL,
    provisional   BIGINT NOT NULL,
    assigned      TEXT   NOT NULL,
    encounter     TEXT   NOT NULL,
    record        TEXT   NOT NULL,
    at            BIGINT NOT NULL,
    actor         TEXT   NOT NULL,
    entry         TEXT   NOT NULL,
    superseded_at BIGINT NOT NULL,
    PRIMARY KEY (coding, finalisation, system, position)
);
CREATE INDEX final_code_of_encounter ON final_code (encounter, superseded_at);
CREATE INDEX final_code_by_code ON final_code (system, code);

-- What somebody was typing, kept until it is used or thrown away.
CREATE TABLE coding_draft (
    actor      TEXT   NOT NULL,
    encounter  TEXT   NOT NULL,
    slot       TEXT   NOT NULL,
    record     TEXT   NOT NULL,
    body       BYTEA  NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (actor, encounter, slot)
);

-- +goose Down
DROP TABLE coding_draft;
DROP TABLE final_code;
DROP TABLE coding_event;
DROP TABLE coding;
DROP INDEX encounter_by_end;
