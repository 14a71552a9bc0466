-- Events that the centre could not take. The row itself stays where it is; it is declared and not sent.

CREATE TABLE journal_quarantine (
    epoch INTEGER NOT NULL,
    lane INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    reason TEXT NOT NULL,
    event_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    boot_id TEXT NOT NULL,
    boottime_ns INTEGER NOT NULL,
    wall_time_us INTEGER NOT NULL,
    clock_state TEXT NOT NULL,
    payload BLOB,
    salt BLOB NOT NULL,
    payload_digest BLOB NOT NULL,
    chain_hash BLOB NOT NULL,
    PRIMARY KEY (epoch, lane, seq)
) STRICT, WITHOUT ROWID;
