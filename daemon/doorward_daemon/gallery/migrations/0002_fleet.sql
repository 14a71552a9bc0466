-- What this gallery shares with a fleet: what the centre gave, what was changed here, what is still to be recorded.
-- No name and no template: a digest and a version are all that is kept of what the centre gave.

CREATE TABLE fleet_state (
    singleton INTEGER PRIMARY KEY CHECK (singleton = 1),
    -- Of the centre's gallery; not the revision of this one.
    revision INTEGER NOT NULL CHECK (revision >= 0),
    digest BLOB NOT NULL CHECK (length(digest) = 32),
    living INTEGER NOT NULL,
    -- Counts local changes; the centre confirms up to one.
    last_change INTEGER NOT NULL CHECK (last_change >= 0),
    acked_change INTEGER NOT NULL CHECK (acked_change BETWEEN 0 AND last_change)
) STRICT;

-- Every subject that ever was here, tombstones included.
CREATE TABLE fleet_subjects (
    subject_id TEXT PRIMARY KEY,
    version INTEGER NOT NULL,
    erased INTEGER NOT NULL CHECK (erased IN (0, 1)),
    -- The last local change of it that is not settled; NULL where what is here is what the centre gave.
    change INTEGER UNIQUE,
    -- NULL where the centre gave none.
    given_version INTEGER,
    given_erased INTEGER CHECK (given_erased IN (0, 1)),
    given_digest BLOB
) STRICT, WITHOUT ROWID;

-- What the centre had destroyed here and the ledger does not hold yet.
CREATE TABLE fleet_receipts (
    ordinal INTEGER PRIMARY KEY,
    op_id TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL CHECK (kind IN ('REMOVE_REFERENCE', 'ERASE_SUBJECT')),
    subject_id TEXT NOT NULL,
    references_destroyed INTEGER NOT NULL,
    centre_revision INTEGER NOT NULL
) STRICT;

-- Who is here already has never been told to a centre.
INSERT INTO fleet_subjects (subject_id, version, erased, change)
    SELECT subject_id, 1, 0, row_number() OVER (ORDER BY subject_id) FROM subjects;
INSERT INTO fleet_state (singleton, revision, digest, living, last_change, acked_change)
    SELECT 1, 0, zeroblob(32), 0, count(*), 0 FROM fleet_subjects;
