-- Alarms that devices announced ahead of their queue; a row goes when its event comes.
CREATE TABLE hints (
    device_id TEXT NOT NULL,
    event_id TEXT NOT NULL,
    event BLOB NOT NULL,
    received_us INTEGER NOT NULL,
    PRIMARY KEY (device_id, event_id)
) STRICT, WITHOUT ROWID;
