-- One row, which is lease and fence at once: under whose epoch events may be appended, and the number of the next one. The stamp
-- changes with every commit under it.
CREATE TABLE leadership (
    one      integer PRIMARY KEY DEFAULT 1 CHECK (one = 1),
    term     bigint  NOT NULL,
    node     integer NOT NULL,
    stamp    bigint  NOT NULL,
    next_seq bigint  NOT NULL
) WITH (fillfactor = 10);

-- Where each epoch's events end: the history of the table in a few rows.
CREATE TABLE stretches (
    term     bigint  NOT NULL,
    node     integer NOT NULL,
    last_seq bigint  NOT NULL,
    PRIMARY KEY (term, node)
) WITH (fillfactor = 50);
INSERT INTO stretches (term, node, last_seq) SELECT term, node, max(seq) FROM events GROUP BY term, node;

-- Requests that were carried out, by the key under which a repeat is known; forgotten after a day.
CREATE TABLE requests (
    key       text        PRIMARY KEY,
    digest    bytea       NOT NULL CHECK (octet_length(digest) = 32),
    answer    text        NOT NULL,
    first_seq bigint      NOT NULL,
    last_seq  bigint      NOT NULL,
    at        timestamptz NOT NULL
);
CREATE INDEX requests_last_seq ON requests (last_seq);
CREATE INDEX requests_at ON requests (at);

-- Whoever adds events: the history follows, and past the fence nothing is added.
CREATE FUNCTION events_added() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO stretches (term, node, last_seq) SELECT term, node, max(seq) FROM added GROUP BY term, node
        ON CONFLICT (term, node) DO UPDATE SET last_seq = greatest(stretches.last_seq, excluded.last_seq);
    IF EXISTS (SELECT FROM leadership WHERE next_seq <> (SELECT max(seq) + 1 FROM events)) THEN
        RAISE EXCEPTION 'events are appended behind the row of leadership only: this writer does not know of it';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER events_added AFTER INSERT ON events REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION events_added();
