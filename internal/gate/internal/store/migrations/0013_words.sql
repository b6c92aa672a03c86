-- The words of documents (package words). Words stand here as keyed hashes; in
-- the clear are the numbers that documents have in the index.

-- +goose Up

-- Documents whose newest version is not indexed yet.
CREATE TABLE word_due (
    document TEXT   NOT NULL PRIMARY KEY,
    version  BIGINT NOT NULL,
    record   TEXT   NOT NULL
);

-- The number of a document in the index. A new version gets a new number.
CREATE TABLE word_document (
    number   BIGINT NOT NULL PRIMARY KEY,
    document TEXT   NOT NULL UNIQUE,
    version  BIGINT NOT NULL,
    record   TEXT   NOT NULL
);
CREATE INDEX word_document_of_record ON word_document (record);

-- Which documents hold a word: rows are written a segment at a time and merged.
CREATE TABLE word_posting (
    token    BIGINT NOT NULL,
    segment  BIGINT NOT NULL,
    postings BYTEA  NOT NULL,
    PRIMARY KEY (token, segment)
);
CREATE INDEX word_posting_of_segment ON word_posting (segment, token);

-- The segments there are: the highest document number in each, the segment it is
-- being merged into (0 for none), and of one being made by a merge the token from
-- which on it is still to be made.
CREATE TABLE word_segment (
    segment BIGINT NOT NULL PRIMARY KEY,
    level   BIGINT NOT NULL,
    through BIGINT NOT NULL,
    target  BIGINT NOT NULL,
    mark    BIGINT NOT NULL,
    making  BIGINT NOT NULL
);

-- +goose Down
DROP TABLE word_segment;
DROP TABLE word_posting;
DROP TABLE word_document;
DROP TABLE word_due;
