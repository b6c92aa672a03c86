-- What an interface brought that was refused (package intake): the message is
-- kept as it came (0006); here stand the reasons, and what became of it.

-- +goose Up

-- One message of which something was refused. state is open, mended, replayed or
-- dismissed; run is the import run that took it in at last.
CREATE TABLE message_trouble (
    message   TEXT   NOT NULL PRIMARY KEY REFERENCES message (id),
    since     BIGINT NOT NULL,
    format    TEXT   NOT NULL,
    channel   TEXT   NOT NULL,
    errors    BIGINT NOT NULL,
    state     TEXT   NOT NULL,
    run       TEXT   NOT NULL,
    closed_at BIGINT NOT NULL,
    closed_by TEXT   NOT NULL,
    entry     TEXT   NOT NULL,
    reason    BYTEA
);
CREATE INDEX message_trouble_open ON message_trouble (state, since, message);

-- Each refusal: where in the message, and why. Neither holds patient data.
CREATE TABLE message_error (
    message  TEXT   NOT NULL,
    position BIGINT NOT NULL,
    place    TEXT   NOT NULL,
    reason   TEXT   NOT NULL,
    PRIMARY KEY (message, position)
);

-- What somebody was typing to mend a message, sealed under the message's key.
CREATE TABLE message_draft (
    actor      TEXT   NOT NULL,
    message    TEXT   NOT NULL,
    body       BYTEA  NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (actor, message)
);

-- +goose Down
DROP TABLE message_draft;
DROP TABLE message_error;
DROP TABLE message_trouble;
