-- Times in which the department is read-only (package downtime). The one without
-- an end is under way. The reason is sealed under the department's key.

-- +goose Up
CREATE TABLE downtime (
    id          TEXT   NOT NULL PRIMARY KEY,
    began_at    BIGINT NOT NULL,
    began_by    TEXT   NOT NULL,
    began_entry TEXT   NOT NULL,
    ended_at    BIGINT NOT NULL,
    ended_by    TEXT   NOT NULL,
    ended_entry TEXT   NOT NULL,
    reason      BYTEA  NOT NULL
);
CREATE INDEX downtime_by_end ON downtime (ended_at, began_at);

-- +goose Down
DROP TABLE downtime;
