-- The incoming desk (package incoming): where each page of a scan is, misfiles,
-- discharge lists, paper volumes. In the clear stand opaque identifiers, states
-- and times; names, numbers, reasons and places are sealed.

-- +goose Up

-- Where a page is that does not simply wait: 'shown' by a document, or set aside
-- as 'blank' or 'refused'. The key is what keeps a page from being shown twice.
CREATE TABLE incoming_page (
    scan     TEXT   NOT NULL,
    page     BIGINT NOT NULL,
    state    TEXT   NOT NULL,
    document TEXT   NOT NULL,
    at       BIGINT NOT NULL,
    actor    TEXT   NOT NULL,
    entry    TEXT   NOT NULL,
    PRIMARY KEY (scan, page)
);
CREATE INDEX incoming_page_of_document ON incoming_page (document);

-- A document made at the desk: who indexed it, when, and what for they confirmed
-- it although its words name another patient.
CREATE TABLE incoming_document (
    document  TEXT   NOT NULL PRIMARY KEY,
    record    TEXT   NOT NULL,
    encounter TEXT   NOT NULL,
    state     TEXT   NOT NULL,
    sheets    BIGINT NOT NULL,
    at        BIGINT NOT NULL,
    actor     TEXT   NOT NULL,
    entry     TEXT   NOT NULL,
    confirmed BYTEA
);
CREATE INDEX incoming_document_by_actor ON incoming_document (actor, at);
CREATE INDEX incoming_document_by_time ON incoming_document (at);

-- What a person was typing for a scan.
CREATE TABLE incoming_draft (
    actor      TEXT   NOT NULL,
    scan       TEXT   NOT NULL,
    body       BYTEA  NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (actor, scan)
);

-- A document that lay in the wrong place, and where it lies now. note is sealed
-- under the key of the record it lay under.
CREATE TABLE misfile (
    id             TEXT   NOT NULL PRIMARY KEY,
    from_document  TEXT   NOT NULL,
    from_number    BIGINT NOT NULL,
    from_record    TEXT   NOT NULL,
    from_encounter TEXT   NOT NULL,
    to_document    TEXT   NOT NULL,
    to_number      BIGINT NOT NULL,
    to_record      TEXT   NOT NULL,
    to_encounter   TEXT   NOT NULL,
    sheets         BIGINT NOT NULL,
    whole          BIGINT NOT NULL,
    filed_at       BIGINT NOT NULL,
    filed_by       TEXT   NOT NULL,
    moved_at       BIGINT NOT NULL,
    moved_by       TEXT   NOT NULL,
    moved_entry    TEXT   NOT NULL,
    reason         TEXT   NOT NULL,
    note           BYTEA  NOT NULL,
    undone_at      BIGINT NOT NULL,
    undone_by      TEXT   NOT NULL,
    undone_entry   TEXT   NOT NULL
);
CREATE INDEX misfile_by_time ON misfile (moved_at, id);
CREATE INDEX misfile_by_filer ON misfile (filed_by, moved_at);
CREATE INDEX misfile_by_mover ON misfile (moved_by, moved_at);
CREATE INDEX misfile_from ON misfile (from_document);
CREATE INDEX misfile_to ON misfile (to_document);

-- A list of discharges held against the records received.
CREATE TABLE discharge_list (
    id         TEXT   NOT NULL PRIMARY KEY,
    source     TEXT   NOT NULL,
    first_day  TEXT   NOT NULL,
    last_day   TEXT   NOT NULL,
    made_at    BIGINT NOT NULL,
    made_by    TEXT   NOT NULL,
    entry      TEXT   NOT NULL,
    matched_at BIGINT NOT NULL,
    rejected   BIGINT NOT NULL
);
CREATE INDEX discharge_list_by_time ON discharge_list (made_at, id);

-- A line of such a list, or (number above those of the list) an encounter of its
-- days that is not on it.
CREATE TABLE discharge_line (
    list       TEXT   NOT NULL REFERENCES discharge_list (id),
    number     BIGINT NOT NULL,
    state      TEXT   NOT NULL,
    record     TEXT   NOT NULL,
    encounter  TEXT   NOT NULL,
    body       BYTEA  NOT NULL,
    settled_at BIGINT NOT NULL,
    settled_by TEXT   NOT NULL,
    settled_how TEXT  NOT NULL,
    PRIMARY KEY (list, number)
);

-- A volume of paper and where it is; body (contents, place, to whom) is sealed
-- under the record's key. barcode means nothing by itself.
CREATE TABLE paper_volume (
    id         TEXT   NOT NULL PRIMARY KEY,
    barcode    TEXT   NOT NULL UNIQUE,
    record     TEXT   NOT NULL,
    number     BIGINT NOT NULL,
    state      TEXT   NOT NULL,
    due_at     BIGINT NOT NULL,
    since_at   BIGINT NOT NULL,
    asked_at   BIGINT NOT NULL,
    version    BIGINT NOT NULL,
    body       BYTEA  NOT NULL
);
CREATE UNIQUE INDEX paper_volume_of_record ON paper_volume (record, number);
CREATE INDEX paper_volume_by_state ON paper_volume (state, due_at, id);

-- Everything that happened to a volume, in order.
CREATE TABLE paper_event (
    volume TEXT   NOT NULL REFERENCES paper_volume (id),
    number BIGINT NOT NULL,
    kind   TEXT   NOT NULL,
    at     BIGINT NOT NULL,
    actor  TEXT   NOT NULL,
    entry  TEXT   NOT NULL,
    due_at BIGINT NOT NULL,
    body   BYTEA  NOT NULL,
    PRIMARY KEY (volume, number)
);
CREATE INDEX paper_event_by_time ON paper_event (at);

-- +goose Down
DROP TABLE paper_event;
DROP TABLE paper_volume;
DROP TABLE discharge_line;
DROP TABLE discharge_list;
DROP TABLE misfile;
DROP TABLE incoming_draft;
DROP TABLE incoming_document;
DROP TABLE incoming_page;
