-- What is known of the clock in the last boots: the centre's time at a moment since boot, and how far it may be off.

CREATE TABLE journal_clock_anchors (
    boot_id TEXT PRIMARY KEY,
    boottime_ns INTEGER NOT NULL,
    utc_us INTEGER NOT NULL,
    error_us INTEGER NOT NULL
) STRICT;
