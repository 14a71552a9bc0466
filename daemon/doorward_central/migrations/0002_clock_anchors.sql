-- What is known of a device's clock in each of its boots.
CREATE TABLE clock_anchors (
    device_id TEXT NOT NULL,
    boot_id TEXT NOT NULL,
    boottime_ns INTEGER NOT NULL,
    utc_us INTEGER NOT NULL,
    error_us INTEGER NOT NULL,
    PRIMARY KEY (device_id, boot_id)
) STRICT, WITHOUT ROWID;
