-- What is missing from records and what in them cannot be right (package
-- deficiency). In the clear stand rules, states, units, opaque identifiers, keyed
-- hashes and times; what a finding says and the words it rests on are sealed under
-- the key of its record.

-- +goose Up

-- When a record is to be looked at: at once after a change, or when a clock runs
-- out. mark counts the changes, so that one that comes during an analysis is seen.
-- findings is how many are open; analysed_at 0 means never.
CREATE TABLE deficiency_record (
    record      TEXT   NOT NULL PRIMARY KEY,
    due_at      BIGINT NOT NULL,
    mark        BIGINT NOT NULL,
    analysed_at BIGINT NOT NULL,
    findings    BIGINT NOT NULL
);
CREATE INDEX deficiency_record_due ON deficiency_record (due_at, record);

-- Every version of every finding: open, settled (no longer found) or waived by a
-- person. A row is written once; only latest goes from 1 to 0 when a version
-- follows. cause is the keyed hash of what it is about, rests that of what it rests
-- on: a waived finding comes back when that changes.
CREATE TABLE finding (
    id          TEXT   NOT NULL,
    number      BIGINT NOT NULL,
    latest      BIGINT NOT NULL,
    record      TEXT   NOT NULL,
    encounter   TEXT   NOT NULL,
    rule        TEXT   NOT NULL,
    severity    TEXT   NOT NULL,
    state       TEXT   NOT NULL,
    unit        TEXT   NOT NULL,
    clinician   TEXT   NOT NULL,
    since_at    BIGINT NOT NULL,
    due_at      BIGINT NOT NULL,
    recorded_at BIGINT NOT NULL,
    recorded_by TEXT   NOT NULL,
    entry       TEXT   NOT NULL,
    cause       BYTEA  NOT NULL,
    rests       BYTEA  NOT NULL,
    sealed      BYTEA  NOT NULL,
    PRIMARY KEY (id, number)
);
CREATE INDEX finding_of_record ON finding (record, latest);
CREATE INDEX finding_open ON finding (since_at, id) WHERE latest = 1 AND state = 'open';
CREATE INDEX finding_by_rule ON finding (rule, since_at, id) WHERE latest = 1 AND state = 'open';
CREATE INDEX finding_by_unit ON finding (unit, since_at, id) WHERE latest = 1 AND state = 'open';
CREATE INDEX finding_by_clinician ON finding (clinician, since_at, id) WHERE latest = 1 AND state = 'open';

-- The stays that ended, for rates: how many findings are open in each, and whether
-- its record is delinquent. month is that of the discharge, YYYY-MM.
CREATE TABLE deficiency_stay (
    encounter  TEXT   NOT NULL PRIMARY KEY,
    record     TEXT   NOT NULL,
    unit       TEXT   NOT NULL,
    setting    TEXT   NOT NULL,
    month      TEXT   NOT NULL,
    findings   BIGINT NOT NULL,
    delinquent BIGINT NOT NULL
);
CREATE INDEX deficiency_stay_of_record ON deficiency_stay (record);

-- Counters, kept up in the actions that change what they count, so that the
-- figures of a large department are read and not counted. unit '' is the whole
-- department; kind says what value is: a rule, a severity, a clinician (keyed hash),
-- the day since which (as days since 1970), a month of discharges …
CREATE TABLE deficiency_tally (
    unit  TEXT   NOT NULL,
    kind  TEXT   NOT NULL,
    value TEXT   NOT NULL,
    n     BIGINT NOT NULL,
    PRIMARY KEY (unit, kind, value)
);

-- Names of the clinicians that findings wait for, by their keyed hash, sealed under
-- the department's key.
CREATE TABLE deficiency_clinician (
    token  TEXT  NOT NULL PRIMARY KEY,
    sealed BYTEA NOT NULL
);

-- +goose Down
DROP TABLE deficiency_clinician;
DROP TABLE deficiency_tally;
DROP TABLE deficiency_stay;
DROP TABLE finding;
DROP TABLE deficiency_record;
