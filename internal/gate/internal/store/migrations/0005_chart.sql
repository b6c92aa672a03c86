-- The medical record (package chart) and who it is about (package identity).
-- In the clear stand opaque identifiers, kinds, settings, units, states and the
-- times of encounters. Everything that says who a patient is or what was
-- written about them is in a sealed column, under the key of its record.

-- +goose Up

-- A record is one registration of a patient. It is never deleted.
CREATE TABLE record (
    id         TEXT   NOT NULL PRIMARY KEY,
    created_at BIGINT NOT NULL,
    created_by TEXT   NOT NULL,
    entry      TEXT   NOT NULL,
    message    TEXT   NOT NULL
);

-- Numbers by which the outside knows a record: keyed hash of assigner and value.
CREATE TABLE record_number (
    token  BYTEA  NOT NULL PRIMARY KEY,
    record TEXT   NOT NULL REFERENCES record (id),
    kind   TEXT   NOT NULL,
    since  BIGINT NOT NULL,
    entry  TEXT   NOT NULL
);
CREATE INDEX record_number_of_record ON record_number (record);

-- The map from record to person, each row an interval (until = 0 is open).
CREATE TABLE record_person (
    record TEXT   NOT NULL REFERENCES record (id),
    number BIGINT NOT NULL,
    person TEXT   NOT NULL,
    since  BIGINT NOT NULL,
    until  BIGINT NOT NULL,
    actor  TEXT   NOT NULL,
    entry  TEXT   NOT NULL,
    link   TEXT   NOT NULL,
    PRIMARY KEY (record, number)
);
CREATE INDEX record_person_now ON record_person (person) WHERE until = 0;

-- Statements that two records are of one person. Undoing one closes it.
CREATE TABLE record_link (
    id            TEXT   NOT NULL PRIMARY KEY,
    survivor      TEXT   NOT NULL REFERENCES record (id),
    subsumed      TEXT   NOT NULL REFERENCES record (id),
    made_at       BIGINT NOT NULL,
    made_by       TEXT   NOT NULL,
    made_entry    TEXT   NOT NULL,
    message       TEXT   NOT NULL,
    cause         TEXT   NOT NULL,
    reason        BYTEA  NOT NULL,
    undone_at     BIGINT NOT NULL,
    undone_by     TEXT   NOT NULL,
    undone_entry  TEXT   NOT NULL,
    undone_reason BYTEA
);
CREATE INDEX record_link_survivor ON record_link (survivor);
CREATE INDEX record_link_subsumed ON record_link (subsumed);

-- Every version of every fact: patient, coverage, encounter, diagnosis,
-- procedure, medication, allergy, immunization, result, document, other.
-- A row is written once. Only latest goes from 1 to 0 when a version follows.
CREATE TABLE fact (
    id          TEXT   NOT NULL,
    number      BIGINT NOT NULL,
    kind        TEXT   NOT NULL,
    record      TEXT   NOT NULL,
    encounter   TEXT   NOT NULL,
    state       TEXT   NOT NULL,
    latest      BIGINT NOT NULL,
    withdrawn   BIGINT NOT NULL,
    recorded_at BIGINT NOT NULL,
    recorded_by TEXT   NOT NULL,
    message     TEXT   NOT NULL,
    path        TEXT   NOT NULL,
    entry       TEXT   NOT NULL,
    digest      BYTEA  NOT NULL,
    sealed      BYTEA  NOT NULL,
    body        BYTEA,
    PRIMARY KEY (id, number)
);
CREATE INDEX fact_of_record ON fact (record, encounter);

-- What lists of encounters are filtered and sorted by: the newest version only.
CREATE TABLE encounter (
    id        TEXT   NOT NULL PRIMARY KEY,
    record    TEXT   NOT NULL,
    setting   TEXT   NOT NULL,
    status    TEXT   NOT NULL,
    unit      TEXT   NOT NULL,
    start_at  BIGINT NOT NULL,
    end_at    BIGINT NOT NULL,
    texts     BIGINT NOT NULL,
    unsigned  BIGINT NOT NULL,
    withdrawn BIGINT NOT NULL
);
CREATE INDEX encounter_by_start ON encounter (start_at, id);
CREATE INDEX encounter_by_unit ON encounter (unit, start_at, id);
CREATE INDEX encounter_by_setting ON encounter (setting, start_at, id);
CREATE INDEX encounter_of_record ON encounter (record);

-- Keyed tokens that patients are searched by: names, sounds, dates, phones.
CREATE TABLE patient_token (
    token  BYTEA NOT NULL,
    record TEXT  NOT NULL,
    PRIMARY KEY (token, record)
);
CREATE INDEX patient_token_of_record ON patient_token (record);

-- +goose Down
DROP TABLE patient_token;
DROP TABLE encounter;
DROP TABLE fact;
DROP TABLE record_link;
DROP TABLE record_person;
DROP TABLE record_number;
DROP TABLE record;
