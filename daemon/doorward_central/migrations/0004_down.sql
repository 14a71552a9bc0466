-- The configuration each device is to have, and how it took it. Revision 0 stands for none.
CREATE TABLE device_configs (
    device_id TEXT PRIMARY KEY,
    revision INTEGER NOT NULL,
    document TEXT NOT NULL,
    updated_us INTEGER NOT NULL,
    device_revision INTEGER NOT NULL DEFAULT 0,
    answered_revision INTEGER NOT NULL DEFAULT 0,
    problem TEXT NOT NULL DEFAULT '',
    -- Names, separated by spaces.
    restart_sections TEXT NOT NULL DEFAULT '',
    answered_us INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE commands (
    ordinal INTEGER PRIMARY KEY,
    command_id TEXT NOT NULL UNIQUE,
    device_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    door_id TEXT NOT NULL,
    valid_for_ms INTEGER NOT NULL,
    created_us INTEGER NOT NULL,
    expires_us INTEGER NOT NULL,
    -- Set before it is sent: what was sent may have been carried out.
    sent INTEGER NOT NULL DEFAULT 0 CHECK (sent IN (0, 1)),
    outcome TEXT,
    detail TEXT NOT NULL DEFAULT '',
    answered_us INTEGER
) STRICT;
CREATE INDEX commands_open ON commands (device_id) WHERE outcome IS NULL;
