-- Groups of devices, and the configuration they share. A device belongs to one at most.
CREATE TABLE device_groups (
    device_id TEXT PRIMARY KEY,
    group_name TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX device_groups_by_name ON device_groups (group_name);

CREATE TABLE group_configs (
    group_name TEXT PRIMARY KEY,
    document TEXT NOT NULL,
    updated_us INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- `document` is what the device is to have; `own_document` is the part of it that was set for this device alone.
ALTER TABLE device_configs ADD COLUMN own_document TEXT NOT NULL DEFAULT '';
UPDATE device_configs SET own_document = document;
