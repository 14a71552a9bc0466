-- Subjects, their references, staged operations, and the answers of idempotent writes.
-- Whatever must be destroyed with a subject lies in the vault: keys, templates, names, answers.
-- Times are microseconds since 1970 UTC.

CREATE TABLE vault (
    slot INTEGER PRIMARY KEY,
    -- 0 and 1 take the same room, so that freeing a slot does not change the size of its row.
    in_use INTEGER NOT NULL CHECK (in_use IN (0, 1)),
    content BLOB NOT NULL
) STRICT;
CREATE INDEX vault_free ON vault (length(content)) WHERE in_use = 0;

CREATE TABLE gallery_state (
    singleton INTEGER PRIMARY KEY CHECK (singleton = 1),
    revision INTEGER NOT NULL CHECK (revision >= 0),
    -- HMAC of the device key that wraps the subject keys; NULL until the first opening.
    key_check BLOB
) STRICT;
INSERT INTO gallery_state (singleton, revision, key_check) VALUES (1, 0, NULL);

CREATE TABLE subjects (
    subject_id TEXT PRIMARY KEY CHECK (length(subject_id) BETWEEN 1 AND 64),
    name_slot INTEGER NOT NULL REFERENCES vault (slot),
    -- The key of the subject's templates, wrapped by the device key.
    key_slot INTEGER NOT NULL REFERENCES vault (slot),
    revision INTEGER NOT NULL,
    created_at_us INTEGER NOT NULL,
    updated_at_us INTEGER NOT NULL
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
    template_slot INTEGER NOT NULL REFERENCES vault (slot),
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
    detail_slot INTEGER NOT NULL REFERENCES vault (slot),
    created_at_us INTEGER NOT NULL
) STRICT;

CREATE TABLE requests (
    request_id TEXT PRIMARY KEY,
    fingerprint BLOB NOT NULL,
    subject_id TEXT NOT NULL,
    -- NULL once the subject has been erased: an answer may carry its name.
    answer_slot INTEGER REFERENCES vault (slot),
    created_at_us INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX requests_by_time ON requests (created_at_us);
CREATE INDEX requests_by_subject ON requests (subject_id);
