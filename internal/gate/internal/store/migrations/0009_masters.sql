-- The masters (package masters) and what registration by hand needs (package
-- chart). Masters are no patient data and stand in the clear; what is proposed
-- is sealed until somebody has looked at it, for a message may hold anything.

-- +goose Up

-- Every version of every entry: provider, facility, unit, payer, plan. A row is
-- written once. Only latest goes from 1 to 0 when a version follows.
CREATE TABLE master (
    id          TEXT   NOT NULL,
    number      BIGINT NOT NULL,
    kind        TEXT   NOT NULL,
    latest      BIGINT NOT NULL,
    match_key   TEXT   NOT NULL,
    name        TEXT   NOT NULL,
    parent      TEXT   NOT NULL,
    merged_into TEXT   NOT NULL,
    content     TEXT   NOT NULL,
    reason      TEXT   NOT NULL,
    recorded_at BIGINT NOT NULL,
    recorded_by TEXT   NOT NULL,
    entry       TEXT   NOT NULL,
    PRIMARY KEY (id, number)
);
CREATE INDEX master_by_name ON master (kind, latest, name, id);
CREATE INDEX master_by_key ON master (kind, match_key, latest);

-- What somebody asks to be entered or changed, and providers seen in messages.
CREATE TABLE master_proposal (
    id          TEXT   NOT NULL PRIMARY KEY,
    token       BYTEA  NOT NULL UNIQUE,
    kind        TEXT   NOT NULL,
    master      TEXT   NOT NULL,
    number      BIGINT NOT NULL,
    source      TEXT   NOT NULL,
    sealed      BYTEA  NOT NULL,
    proposed_at BIGINT NOT NULL,
    proposed_by TEXT   NOT NULL,
    entry       TEXT   NOT NULL,
    outcome     TEXT   NOT NULL,
    settled_at  BIGINT NOT NULL,
    settled_by  TEXT   NOT NULL,
    settled_in  TEXT   NOT NULL
);
CREATE INDEX master_proposal_open ON master_proposal (outcome, kind, id);

-- The department's own numbering: the last number drawn of each series.
CREATE TABLE number_series (
    name TEXT   NOT NULL PRIMARY KEY,
    last BIGINT NOT NULL
);

-- What is being typed on the page Registration, sealed under a key of its own.
CREATE TABLE registration_draft (
    actor      TEXT   NOT NULL,
    slot       TEXT   NOT NULL,
    sealed     BYTEA  NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (actor, slot)
);

-- +goose Down
DROP TABLE registration_draft;
DROP TABLE number_series;
DROP TABLE master_proposal;
DROP TABLE master;
