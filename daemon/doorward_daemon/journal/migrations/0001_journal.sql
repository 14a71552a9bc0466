-- The record of this device. Rows are never changed once written, only deleted, oldest first.

CREATE TABLE journal_identity (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    -- 63 random bits: a new database never reuses the numbers of an old one.
    epoch INTEGER NOT NULL,
    -- Highest wall time ever seen, microseconds since 1970 UTC.
    clock_floor_us INTEGER NOT NULL
) STRICT;

CREATE TABLE journal_lanes (
    lane INTEGER PRIMARY KEY,
    -- As it stood when rows were last acknowledged or deleted: all rows of a lane may be gone one day. Rows beyond count.
    last_seq INTEGER NOT NULL,
    -- Everything up to here has been taken over by the centre.
    acked_seq INTEGER NOT NULL,
    chain_head BLOB NOT NULL,
    chain_head_at_acked BLOB NOT NULL
) STRICT;

CREATE TABLE journal_events (
    position INTEGER PRIMARY KEY,
    epoch INTEGER NOT NULL,
    lane INTEGER NOT NULL,
    -- 1, 2, 3, ... without gaps per epoch and lane.
    seq INTEGER NOT NULL,
    event_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    -- The operation that this event completes; recorded at most once.
    op_id TEXT,
    boot_id TEXT NOT NULL,
    boottime_ns INTEGER NOT NULL,
    -- Microseconds since 1970 UTC, as the clock stood. Orders nothing.
    wall_time_us INTEGER NOT NULL,
    clock_state TEXT NOT NULL,
    -- Canonical JSON; NULL once erased: the chain needs the digest only.
    payload BLOB,
    salt BLOB NOT NULL,
    payload_digest BLOB NOT NULL,
    chain_hash BLOB NOT NULL,
    UNIQUE (epoch, lane, seq)
) STRICT;

CREATE UNIQUE INDEX journal_events_by_operation ON journal_events (op_id) WHERE op_id IS NOT NULL;
