-- Events of a fleet, and the gallery it shares. Times are microseconds since 1970 UTC.

CREATE TABLE devices (
    device_id TEXT PRIMARY KEY,
    first_seen_us INTEGER NOT NULL,
    last_seen_us INTEGER NOT NULL,
    address TEXT NOT NULL,
    boot_id TEXT NOT NULL,
    version TEXT NOT NULL,
    embedding_id TEXT NOT NULL,
    epoch INTEGER NOT NULL,
    gallery_revision INTEGER NOT NULL,
    config_revision INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE events (
    -- Order of arrival.
    ordinal INTEGER PRIMARY KEY,
    device_id TEXT NOT NULL,
    epoch INTEGER NOT NULL,
    lane INTEGER NOT NULL,
    seq INTEGER NOT NULL CHECK (seq >= 1),
    event_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    boot_id TEXT NOT NULL,
    boottime_ns INTEGER NOT NULL,
    wall_time_us INTEGER NOT NULL,
    clock_state TEXT NOT NULL,
    -- NULL where it was erased, or stands in quarantine.
    payload BLOB,
    salt BLOB NOT NULL,
    payload_digest BLOB NOT NULL,
    chain_hash BLOB NOT NULL,
    -- Under its key, and apart from it (doorward_sync.fingerprint).
    event_digest BLOB NOT NULL,
    content_digest BLOB NOT NULL,
    received_us INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX events_by_key ON events (device_id, epoch, lane, seq);
CREATE UNIQUE INDEX events_by_id ON events (device_id, event_id);

-- Further keys of events that are rows already: the device had left the epoch they stand in.
CREATE TABLE moved_events (
    device_id TEXT NOT NULL,
    epoch INTEGER NOT NULL,
    lane INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    event_id TEXT NOT NULL,
    event_digest BLOB NOT NULL,
    chain_hash BLOB NOT NULL,
    PRIMARY KEY (device_id, epoch, lane, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE lanes (
    device_id TEXT NOT NULL,
    epoch INTEGER NOT NULL,
    lane INTEGER NOT NULL,
    -- Highest contiguous event, declared holes included.
    have_through INTEGER NOT NULL,
    -- Chain link of that event; empty in lane BULK and where it is a hole.
    chain_head BLOB NOT NULL,
    PRIMARY KEY (device_id, epoch, lane)
) STRICT, WITHOUT ROWID;

CREATE TABLE holes (
    device_id TEXT NOT NULL,
    epoch INTEGER NOT NULL,
    lane INTEGER NOT NULL,
    from_seq INTEGER NOT NULL,
    to_seq INTEGER NOT NULL,
    reason TEXT NOT NULL,
    received_us INTEGER NOT NULL,
    PRIMARY KEY (device_id, epoch, lane, from_seq, to_seq)
) STRICT, WITHOUT ROWID;

-- Events whose key was taken by another one: both are kept, a person decides.
CREATE TABLE conflicts (
    device_id TEXT NOT NULL,
    epoch INTEGER NOT NULL,
    lane INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    event_digest BLOB NOT NULL,
    -- doorward_api.v1.Event.
    event BLOB NOT NULL,
    received_us INTEGER NOT NULL,
    PRIMARY KEY (device_id, epoch, lane, seq, event_digest)
) STRICT;

-- Payloads that are no payloads: the event itself is a row, the queue of its device goes on.
CREATE TABLE quarantine (
    device_id TEXT NOT NULL,
    epoch INTEGER NOT NULL,
    lane INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    reason TEXT NOT NULL,
    payload BLOB NOT NULL,
    received_us INTEGER NOT NULL,
    PRIMARY KEY (device_id, epoch, lane, seq)
) STRICT;

CREATE TABLE gallery_state (
    singleton INTEGER PRIMARY KEY CHECK (singleton = 1),
    revision INTEGER NOT NULL,
    digest BLOB NOT NULL,
    living INTEGER NOT NULL
) STRICT;
INSERT INTO gallery_state (singleton, revision, digest, living) VALUES (1, 0, zeroblob(32), 0);

-- Tombstones stay: a device that was away for years must not bring an erased person back.
CREATE TABLE subjects (
    subject_id TEXT PRIMARY KEY,
    version INTEGER NOT NULL,
    erased INTEGER NOT NULL CHECK (erased IN (0, 1)),
    gallery_revision INTEGER NOT NULL,
    -- doorward_api.v1.SubjectRecord.
    record BLOB NOT NULL,
    updated_us INTEGER NOT NULL
) STRICT;
CREATE INDEX subjects_by_revision ON subjects (gallery_revision);

CREATE TABLE requests (
    request_id TEXT PRIMARY KEY,
    fingerprint BLOB NOT NULL,
    subject_id TEXT NOT NULL,
    created_us INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
