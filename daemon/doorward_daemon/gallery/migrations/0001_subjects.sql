-- Subjects, their wrapped keys, their sealed templates, staged operations, and the answers of idempotent writes.
-- Times are microseconds since 1970 UTC.

CREATE TABLE gallery_state (
    singleton INTEGER PRIMARY KEY CHECK (singleton = 1),
    revision INTEGER NOT NULL CHECK (revision >= 0),
    -- HMAC of the device key that wraps the subject keys; NULL until the first opening.
    key_check BLOB
) STRICT;
INSERT INTO gallery_state (singleton, revision, key_check) VALUES (1, 0, NULL);

CREATE TABLE subjects (
    subject_id TEXT PRIMARY KEY CHECK (length(subject_id) BETWEEN 1 AND 64),
    display_name TEXT NOT NULL,
    revision INTEGER NOT NULL,
    created_at_us INTEGER NOT NULL,
    updated_at_us INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- A table of its own: destroying a key is one row that nothing else shares.
CREATE TABLE subject_keys (
    subject_id TEXT PRIMARY KEY REFERENCES subjects (subject_id),
    wrapped_key BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE enrolled_references (
    -- Rises with enrolment, so that the order of references does not depend on the clock.
    ordinal INTEGER PRIMARY KEY,
    reference_id TEXT NOT NULL UNIQUE,
    subject_id TEXT NOT NULL REFERENCES subjects (subject_id),
    state TEXT NOT NULL CHECK (state IN ('PENDING', 'ACTIVE', 'ERASING')),
    op_id TEXT NOT NULL,
    embedding_id TEXT NOT NULL,
    precision TEXT NOT NULL,
    quality_score REAL NOT NULL,
    quality_band TEXT NOT NULL CHECK (quality_band IN ('HIGH', 'MEDIUM', 'LOW', 'REJECTED')),
    sealed_template BLOB NOT NULL,
    created_at_us INTEGER NOT NULL
) STRICT;
CREATE INDEX enrolled_references_by_subject ON enrolled_references (subject_id, ordinal);
CREATE INDEX enrolled_references_by_space ON enrolled_references (state, embedding_id);

-- What has been begun here and may or may not have reached the ledger.
CREATE TABLE operations (
    op_id TEXT PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('ENROL_REFERENCE', 'REMOVE_REFERENCE', 'ERASE_SUBJECT')),
    subject_id TEXT NOT NULL,
    reference_id TEXT,
    request_id TEXT NOT NULL,
    fingerprint BLOB NOT NULL,
    detail TEXT NOT NULL,
    created_at_us INTEGER NOT NULL
) STRICT;

CREATE TABLE requests (
    request_id TEXT PRIMARY KEY,
    fingerprint BLOB NOT NULL,
    subject_id TEXT NOT NULL,
    -- NULL once the subject has been erased: an answer may carry its name.
    answer TEXT,
    created_at_us INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX requests_by_time ON requests (created_at_us);
CREATE INDEX requests_by_subject ON requests (subject_id);
