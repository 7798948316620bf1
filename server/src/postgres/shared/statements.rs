//! The statements. Those that write are transactions by themselves, sent as a whole: a node that is cut off in the middle leaves no
//! lock behind that the other one would wait for.

use futures_util::future::try_join_all;
use tokio_postgres::{Client, Statement};

use super::trouble::Trouble;

/// Parsed once for each connection.
pub(super) struct Statements {
    pub(super) lease: Statement,
    pub(super) history: Statement,
    pub(super) hash: Statement,
    pub(super) rows: Statement,
    pub(super) keys: Statement,
    pub(super) requests: Statement,
    pub(super) take: Statement,
    pub(super) take_first: Statement,
    pub(super) append: Statement,
    pub(super) renew: Statement,
}

impl Statements {
    pub(super) async fn prepare(client: &Client) -> Result<Self, Trouble> {
        let texts = [LEASE, HISTORY, HASH, ROWS, KEYS, REQUESTS, TAKE, TAKE_FIRST, APPEND, RENEW];
        let parsed = try_join_all(texts.map(|text| client.prepare(text))).await?;
        let parsed: [Statement; 10] =
            parsed.try_into().expect("invariant: as many come back as were asked for");
        let [lease, history, hash, rows, keys, requests, take, take_first, append, renew] = parsed;
        Ok(Self { lease, history, hash, rows, keys, requests, take, take_first, append, renew })
    }
}

const LEASE: &str = "SELECT term, node, stamp, next_seq FROM leadership";

/// The newest stretches, newest first.
const HISTORY: &str = "SELECT term, node, last_seq FROM stretches ORDER BY term DESC, node DESC LIMIT $1";

const HASH: &str = "SELECT term, node, hash FROM events WHERE seq = $1";

const ROWS: &str = "
    SELECT seq, term, node, (extract(epoch FROM at) * 1000000)::bigint, body, prev_hash, hash
    FROM events WHERE seq > $1 AND seq <= $2 ORDER BY seq";

const KEYS: &str = "SELECT id, subject, key FROM personal_keys WHERE id = ANY($1)";

const REQUESTS: &str = "
    SELECT key, digest, answer, first_seq, last_seq, (extract(epoch FROM at) * 1000000)::bigint
    FROM requests WHERE last_seq > $1 AND last_seq <= $2 ORDER BY last_seq, key";

/// Takes the lease from the row as it was seen: $1 term, $2 node, $3 stamp; for node $4, under a term above $5. Comes back with the row and
/// the history. Whoever adds an event changes the stamp; so with the stamp unchanged the history of this statement's own moment is
/// the one that the fence now closes.
const TAKE: &str = "
    WITH taken AS (
        UPDATE leadership
        SET term = greatest(term, (SELECT max(term) FROM stretches), $5) + 1, node = $4, stamp = stamp + 1
        WHERE term = $1 AND node = $2 AND stamp = $3
        RETURNING term, node, stamp, next_seq
    )
    SELECT taken.*, known.* FROM taken LEFT JOIN LATERAL (
        SELECT term, node, last_seq FROM stretches ORDER BY term DESC, node DESC LIMIT $6
    ) known ON true";

/// The same where there is no row yet.
const TAKE_FIRST: &str = "
    WITH taken AS (
        INSERT INTO leadership (term, node, stamp, next_seq)
        SELECT greatest(max(term), $2) + 1, $1, 1, coalesce(max(last_seq), 0) + 1 FROM stretches
        ON CONFLICT DO NOTHING
        RETURNING term, node, stamp, next_seq
    )
    SELECT taken.*, known.* FROM taken LEFT JOIN LATERAL (
        SELECT term, node, last_seq FROM stretches ORDER BY term DESC, node DESC LIMIT $3
    ) known ON true";

/// Appends behind the fence and renews the lease: $1 term, $2 node, $3 the number expected next, $4 the one after the last, $5 the hash
/// that the first rests on. Then the events, the keys of their personal data, whose keys they erase, and the requests.
const APPEND: &str = "
    WITH fence AS (
        UPDATE leadership SET stamp = stamp + 1, next_seq = $4
        WHERE term = $1 AND node = $2 AND next_seq = $3
            AND ($3 = 1 OR EXISTS (SELECT FROM events WHERE seq = $3 - 1 AND hash = $5))
        RETURNING one
    ), added AS (
        INSERT INTO events (seq, term, node, at, body, prev_hash, hash)
        SELECT new.seq, new.term, new.node, new.at::timestamptz, new.body, new.prev_hash, new.hash
        FROM fence, unnest($6::bigint[], $7::bigint[], $8::integer[], $9::text[], $10::text[], $11::bytea[], $12::bytea[])
            AS new (seq, term, node, at, body, prev_hash, hash)
    ), added_keys AS (
        INSERT INTO personal_keys (id, subject, key)
        SELECT new.id, new.subject, new.key
        FROM fence, unnest($13::text[], $14::text[], $15::bytea[]) AS new (id, subject, key)
        ON CONFLICT (id) DO NOTHING
    ), erased AS (
        DELETE FROM personal_keys
        WHERE subject = ANY($16::text[]) AND id <> ALL($13) AND EXISTS (SELECT FROM fence)
    ), added_requests AS (
        INSERT INTO requests (key, digest, answer, first_seq, last_seq, at)
        SELECT new.key, new.digest, new.answer, new.first_seq, new.last_seq,
            timestamptz 'epoch' + new.at_us * interval '1 microsecond'
        FROM fence, unnest($17::text[], $18::bytea[], $19::text[], $20::bigint[], $21::bigint[], $22::bigint[])
            AS new (key, digest, answer, first_seq, last_seq, at_us)
        ON CONFLICT (key) DO UPDATE SET digest = excluded.digest, answer = excluded.answer,
            first_seq = excluded.first_seq, last_seq = excluded.last_seq, at = excluded.at
    ), forgotten AS (
        DELETE FROM requests
        WHERE key IN (
            SELECT key FROM requests
            WHERE at < (SELECT timestamptz 'epoch' + max(us) * interval '1 microsecond' - interval '1 day'
                FROM unnest($22) AS us)
            ORDER BY at LIMIT 2000
        ) AND key <> ALL($17) AND EXISTS (SELECT FROM fence)
    )
    SELECT FROM fence";

/// An append of nothing.
const RENEW: &str = "
    UPDATE leadership SET stamp = stamp + 1 WHERE term = $1 AND node = $2 AND next_seq = $3 RETURNING one";
