-- +goose Up
-- Which master key wraps now. One row, made when the first data key is; check_value
-- tells a database opened with another department's master keys.
CREATE TABLE seal_master (
    id          BIGINT PRIMARY KEY,
    primary_key BIGINT NOT NULL,
    check_value BYTEA  NOT NULL,
    made_at     BIGINT NOT NULL
);

-- The data key of each record or message, wrapped by master key "master". New
-- versions are for new writes; the older ones still open what they sealed.
CREATE TABLE sealed_key (
    owner   TEXT   NOT NULL,
    version BIGINT NOT NULL,
    master  BIGINT NOT NULL,
    wrapped BYTEA  NOT NULL,
    made_at BIGINT NOT NULL,
    PRIMARY KEY (owner, version)
);

-- +goose Down
DROP TABLE sealed_key;
DROP TABLE seal_master;
