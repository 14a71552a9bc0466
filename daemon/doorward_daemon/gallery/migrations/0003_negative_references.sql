-- References that say "this is not the subject": sealed, erased and shared like the others, never a reason to name anybody.
ALTER TABLE enrolled_references ADD COLUMN kind TEXT NOT NULL DEFAULT 'POSITIVE' CHECK (kind IN ('POSITIVE', 'NEGATIVE'));
