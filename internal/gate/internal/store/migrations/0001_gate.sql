-- +goose Up
-- What the store knows about itself.
CREATE TABLE store_fact (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
);

-- +goose Down
DROP TABLE store_fact;
