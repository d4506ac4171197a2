-- Keys that other secrets are derived from.

-- A random key that the server has made for itself, once.
CREATE TABLE server_keys (
    name TEXT PRIMARY KEY,
    secret TEXT NOT NULL,
    created_at TEXT NOT NULL
) STRICT;
