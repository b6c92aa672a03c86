-- +goose Up
-- People who work in the department. standing holds, as JSON, what decisions need
-- of a person: units, provider numbers, privileges with the day they last to.
CREATE TABLE access_staff (
    id          TEXT   PRIMARY KEY,
    login       TEXT   NOT NULL UNIQUE,
    name        TEXT   NOT NULL,
    roles       TEXT   NOT NULL,
    units       TEXT   NOT NULL,
    providers   TEXT   NOT NULL,
    standing    TEXT   NOT NULL,
    active      BIGINT NOT NULL,
    password    TEXT   NOT NULL,
    made_at     BIGINT NOT NULL,
    changed_at  BIGINT NOT NULL,
    entry       TEXT   NOT NULL
);

CREATE TABLE access_credential (
    id      TEXT   PRIMARY KEY,
    staff   TEXT   NOT NULL,
    kind    TEXT   NOT NULL,
    number  TEXT   NOT NULL,
    issuer  TEXT   NOT NULL,
    issued  TEXT   NOT NULL,
    expires TEXT   NOT NULL,
    hours   BIGINT NOT NULL,
    needed  BIGINT NOT NULL,
    entry   TEXT   NOT NULL
);
CREATE INDEX access_credential_staff ON access_credential (staff);

CREATE TABLE access_privilege (
    staff      TEXT NOT NULL,
    privilege  TEXT NOT NULL,
    credential TEXT NOT NULL,
    entry      TEXT NOT NULL,
    PRIMARY KEY (staff, privilege)
);

-- Sign-in sessions, by the hash of their token.
CREATE TABLE access_session (
    hash       BYTEA  PRIMARY KEY,
    id         TEXT   NOT NULL,
    staff      TEXT   NOT NULL,
    made_at    BIGINT NOT NULL,
    used_at    BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    locked     BIGINT NOT NULL
);
CREATE INDEX access_session_staff ON access_session (staff);

-- API tokens, by the hash of their secret.
CREATE TABLE access_token (
    id         TEXT   PRIMARY KEY,
    hash       BYTEA  NOT NULL UNIQUE,
    name       TEXT   NOT NULL,
    role       TEXT   NOT NULL,
    made_at    BIGINT NOT NULL,
    made_by    TEXT   NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at    BIGINT NOT NULL,
    revoked_at BIGINT NOT NULL
);

-- Failed sign-ins of an account or an address, by keyed token.
CREATE TABLE access_attempt (
    who      BYTEA  PRIMARY KEY,
    failures BIGINT NOT NULL,
    last_at  BIGINT NOT NULL,
    until_at BIGINT NOT NULL
);

-- What decisions need of a record, or of one encounter or document in it
-- (subject, else ''): unit, sensitivity, relation, self, glass.
CREATE TABLE access_label (
    record  TEXT NOT NULL,
    subject TEXT NOT NULL,
    kind    TEXT NOT NULL,
    value   TEXT NOT NULL,
    PRIMARY KEY (record, subject, kind, value)
);

-- Facts of which there may be one, such as that set-up was done.
CREATE TABLE access_fact (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
);

-- +goose Down
DROP TABLE access_fact;
DROP TABLE access_label;
DROP TABLE access_attempt;
DROP TABLE access_token;
DROP TABLE access_session;
DROP TABLE access_privilege;
DROP TABLE access_credential;
DROP TABLE access_staff;
