-- The journal's second copy. `body` is the exact text that was hashed; query it with body::jsonb.
CREATE TABLE events (
    seq       bigint      PRIMARY KEY CHECK (seq > 0),
    term      bigint      NOT NULL,
    node      integer     NOT NULL,
    at        timestamptz NOT NULL,
    body      text        NOT NULL,
    prev_hash bytea       NOT NULL CHECK (octet_length(prev_hash) = 32),
    hash      bytea       NOT NULL CHECK (octet_length(hash) = 32),
    copied_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX events_at ON events (at);

-- What other people's tools look at: one row for each event with its fact by name.
CREATE VIEW facts AS
    SELECT seq, at, body::jsonb -> 'fact' ->> 'fact' AS fact, body::jsonb -> 'by' AS by, body::jsonb -> 'fact' AS what
    FROM events;
