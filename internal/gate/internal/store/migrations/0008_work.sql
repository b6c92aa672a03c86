-- What is to be done in the department (package work). In the clear stand
-- opaque identifiers, queues, reasons from fixed lists, states and times; what a
-- person wrote into a hand-over note is sealed.

-- +goose Up

-- One thing to be done. An item is open until settled_at is set; among the open
-- ones of a queue item_key is unique. assignee is who it was given to, holder who
-- works on it until held_until. plain_due and plain_priority are what the domain
-- asked for; due_at and priority may have been changed by a person.
CREATE TABLE work_item (
    id             TEXT   NOT NULL PRIMARY KEY,
    queue          TEXT   NOT NULL,
    item_key       TEXT   NOT NULL,
    record         TEXT   NOT NULL,
    encounter      TEXT   NOT NULL,
    kind           TEXT   NOT NULL,
    unit           TEXT   NOT NULL,
    reason         TEXT   NOT NULL,
    rule           TEXT   NOT NULL,
    skill          TEXT   NOT NULL,
    address        TEXT   NOT NULL,
    zone           TEXT   NOT NULL,
    since_at       BIGINT NOT NULL,
    plain_due      BIGINT NOT NULL,
    plain_priority BIGINT NOT NULL,
    due_at         BIGINT NOT NULL,
    priority       BIGINT NOT NULL,
    extensions     BIGINT NOT NULL,
    assignee       TEXT   NOT NULL,
    holder         TEXT   NOT NULL,
    held_until     BIGINT NOT NULL,
    skipped_until  BIGINT NOT NULL,
    skip_reason    TEXT   NOT NULL,
    version        BIGINT NOT NULL,
    put_at         BIGINT NOT NULL,
    put_by         TEXT   NOT NULL,
    put_entry      TEXT   NOT NULL,
    settled_at     BIGINT NOT NULL,
    settled_by     TEXT   NOT NULL,
    settled_how    TEXT   NOT NULL
);
CREATE UNIQUE INDEX work_item_open ON work_item (queue, item_key) WHERE settled_at = 0;
-- The order of the lists and of the hand-out. The last three columns are there so
-- that a list narrowed by them is found without reading every item, and the
-- counts come from it alone.
CREATE INDEX work_item_next ON work_item (queue, priority, due_at, since_at, id, unit, kind, reason) WHERE settled_at = 0;
CREATE INDEX work_item_who ON work_item (holder) WHERE settled_at = 0 AND holder <> '';
CREATE INDEX work_item_given ON work_item (assignee) WHERE settled_at = 0 AND assignee <> '';
CREATE INDEX work_item_skipped ON work_item (queue, skipped_until) WHERE settled_at = 0 AND skipped_until > 0;
CREATE INDEX work_item_done ON work_item (queue, settled_at, id, settled_by) WHERE settled_at > 0;

-- Every change of an item, with what it was before and what it was after, as
-- JSON; the putting itself is the row of the item. deed groups the changes that
-- one action of a person made; undoes names the deed that a change took back,
-- reason is from a fixed list.
CREATE TABLE work_event (
    id      TEXT   NOT NULL PRIMARY KEY,
    item    TEXT   NOT NULL REFERENCES work_item (id),
    version BIGINT NOT NULL,
    kind    TEXT   NOT NULL,
    at      BIGINT NOT NULL,
    actor   TEXT   NOT NULL,
    entry   TEXT   NOT NULL,
    deed    TEXT   NOT NULL,
    undoes  TEXT   NOT NULL,
    reason  TEXT   NOT NULL,
    was     TEXT   NOT NULL,
    became  TEXT   NOT NULL
);
CREATE UNIQUE INDEX work_event_of_item ON work_event (item, version);
CREATE INDEX work_event_by_actor ON work_event (actor, at);
CREATE INDEX work_event_of_deed ON work_event (deed);
CREATE INDEX work_event_by_time ON work_event (kind, at);

-- What a person did, one row a click: what undo goes by.
CREATE TABLE work_deed (
    id     TEXT   NOT NULL PRIMARY KEY,
    actor  TEXT   NOT NULL,
    at     BIGINT NOT NULL,
    kind   TEXT   NOT NULL,
    items  BIGINT NOT NULL,
    undone TEXT   NOT NULL
);
CREATE INDEX work_deed_by_actor ON work_deed (actor, id);

-- The kinds, units and reasons that stood in items of a queue, to choose from in
-- its filters.
CREATE TABLE work_value (
    queue TEXT NOT NULL,
    field TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (queue, field, value)
);

-- Filters that people gave a name. Name and filter are typed by people, so they
-- are sealed, under a key of the filter's own.
CREATE TABLE work_filter (
    id         TEXT   NOT NULL PRIMARY KEY,
    owner      TEXT   NOT NULL,
    body       BYTEA  NOT NULL,
    shared     BIGINT NOT NULL,
    made_at    BIGINT NOT NULL,
    deleted_at BIGINT NOT NULL
);
CREATE INDEX work_filter_of_owner ON work_filter (owner);

-- The hand-over notes of the shifts. The text is sealed under a key of the
-- note's own; figures are counts alone, as JSON.
CREATE TABLE work_handover (
    id        TEXT   NOT NULL PRIMARY KEY,
    author    TEXT   NOT NULL,
    began_at  BIGINT NOT NULL,
    signed_at BIGINT NOT NULL,
    saved_at  BIGINT NOT NULL,
    version   BIGINT NOT NULL,
    figures   TEXT   NOT NULL,
    entry     TEXT   NOT NULL,
    body      BYTEA  NOT NULL
);
CREATE INDEX work_handover_signed ON work_handover (signed_at);
CREATE UNIQUE INDEX work_handover_draft ON work_handover (author) WHERE signed_at = 0;

-- The items that a note mentions.
CREATE TABLE work_handover_item (
    note     TEXT   NOT NULL REFERENCES work_handover (id),
    item     TEXT   NOT NULL REFERENCES work_item (id),
    position BIGINT NOT NULL,
    PRIMARY KEY (note, item)
);

-- Who has read a note, and when.
CREATE TABLE work_handover_read (
    note   TEXT   NOT NULL REFERENCES work_handover (id),
    reader TEXT   NOT NULL,
    at     BIGINT NOT NULL,
    entry  TEXT   NOT NULL,
    PRIMARY KEY (note, reader)
);

-- A department that coded before it had these lists: what is to be coded in it.
-- The item of an encounter takes its id, which is as opaque as one of its own.
INSERT INTO work_item (id, queue, item_key, record, encounter, kind, unit, reason, rule, skill, address, zone, since_at, plain_due,
    plain_priority, due_at, priority, extensions, assignee, holder, held_until, skipped_until, skip_reason, version, put_at,
    put_by, put_entry, settled_at, settled_by, settled_how)
SELECT e.id, 'coding', e.id, e.record, e.id, e.setting, e.unit,
    CASE WHEN c.state IN ('final', 'provisional') THEN 'new document'
        WHEN EXISTS (SELECT 1 FROM final_code f WHERE f.coding = c.id) THEN 'reopened'
        WHEN c.diagnoses + c.procedures > 0 THEN 'started' WHEN e.texts = 0 THEN 'no document yet' ELSE 'not coded' END,
    '', '', '/coding/' || e.id, '', e.end_at, e.end_at + 345600000000, 3, e.end_at + 345600000000, 3, 0, '', '', 0, 0, '', 1,
    e.end_at, '', '', 0, '', ''
FROM encounter e LEFT JOIN coding c ON c.encounter = e.id
WHERE e.withdrawn = 0 AND e.end_at > 0 AND (c.state IS NULL OR c.state = 'open' OR e.texts > c.texts);

INSERT INTO work_value (queue, field, value) SELECT DISTINCT 'coding', 'unit', unit FROM work_item WHERE unit <> '';
INSERT INTO work_value (queue, field, value) SELECT DISTINCT 'coding', 'kind', kind FROM work_item WHERE kind <> '';
INSERT INTO work_value (queue, field, value) SELECT DISTINCT 'coding', 'reason', reason FROM work_item;

-- +goose Down
DROP TABLE work_handover_read;
DROP TABLE work_handover_item;
DROP TABLE work_handover;
DROP TABLE work_filter;
DROP TABLE work_value;
DROP TABLE work_deed;
DROP TABLE work_event;
DROP TABLE work_item;
