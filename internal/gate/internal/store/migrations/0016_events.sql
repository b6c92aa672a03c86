-- The messages about one record, for what takes back an earlier one (package
-- intake: a cancelled admission, transfer or discharge).

-- +goose Up
CREATE INDEX message_record_by_record ON message_record (record, message);

-- +goose Down
DROP INDEX message_record_by_record;
