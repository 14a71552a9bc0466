-- What happened to whom, written between the two stages of an enrolment or erasure.

CREATE TABLE ledger_operations (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    op_id TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    subject_id TEXT NOT NULL,
    -- Microseconds since 1970 UTC.
    recorded_at_us INTEGER NOT NULL
) STRICT;
