-- Which records a message told of (package chart). What protects a record
-- protects the bytes that brought it too.

-- +goose Up
CREATE TABLE message_record (
    message TEXT NOT NULL,
    record  TEXT NOT NULL REFERENCES record (id),
    PRIMARY KEY (message, record)
);
INSERT INTO message_record (message, record) SELECT DISTINCT message, record FROM fact WHERE message <> '';

-- +goose Down
DROP TABLE message_record;
