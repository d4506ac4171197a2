-- Keys that other secrets are derived from.

-- A random key that the server has made for itself, once.
CREATE TABLE server_keys (
    name text PRIMARY KEY,
    secret text NOT NULL,
    created_at timestamp NOT NULL
);
