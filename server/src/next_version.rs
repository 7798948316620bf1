//! What a next version may have and this one has not: a table in the journal, a column and a table in PostgreSQL, a field in what the nodes
//! say to each other and to vehicles, a core that believes no snapshot of this one. It exists only in builds with the feature `next`, which nobody runs a
//! centre with: the test of an upgrade changes a running centre over to one of them and back.

use std::borrow::Cow;

/// The version that people are told.
pub(crate) const VERSION: &str = if cfg!(feature = "next") {
    concat!(env!("CARGO_PKG_VERSION"), "+next")
} else {
    env!("CARGO_PKG_VERSION")
};

/// What is made in the journal besides the tables that this version knows.
pub(crate) const JOURNAL_SCHEMA: &str = if cfg!(feature = "next") {
    "CREATE TABLE IF NOT EXISTS next_notes (at_us INTEGER NOT NULL, text TEXT NOT NULL) STRICT;
     INSERT INTO next_notes VALUES (0, 'a start of the next version');"
} else {
    ""
};

/// What is made in PostgreSQL after everything that this version knows.
#[cfg(feature = "next")]
const MIGRATION: &str = "
    ALTER TABLE events ADD COLUMN next_noted_at TIMESTAMPTZ NOT NULL DEFAULT now();
    CREATE TABLE next_notes (seq BIGINT PRIMARY KEY, text TEXT NOT NULL);";

/// All migrations, in their order.
pub(crate) fn migrations(known: refinery::Runner) -> refinery::Runner {
    #[cfg(feature = "next")]
    let known = {
        let mut all = known.get_migrations().clone();
        let next = refinery::Migration::unapplied("V9000__next", MIGRATION);
        all.push(next.expect("invariant: the name is one of a migration"));
        refinery::Runner::new(&all)
    };
    // Tables of a newer version have more than this one knows and nothing less: the other node was upgraded first, or this one goes back.
    known.set_abort_missing(false)
}

/// What is said to a vehicle that was welcomed, besides what this version says: frames of a kind, and a delivery of a kind, that only the
/// next version knows.
pub(crate) fn to_vehicles() -> &'static [&'static [u8]] {
    if cfg!(feature = "next") {
        // FromCentre with field 15; Delivery {effect_id "999999999.0", epoch {1, 1}, field 15}. Each with its length before it.
        &[
            b"\0\0\0\x04\x7a\x02\x08\x01",
            b"\0\0\0\x19\x1a\x17\x0a\x0b999999999.0\x12\x04\x08\x01\x10\x01\x7a\x02\x08\x01",
        ]
    } else {
        &[]
    }
}

/// A letter to the other node, as it goes out.
pub(crate) fn letter(written: Vec<u8>) -> Vec<u8> {
    if !cfg!(feature = "next") {
        return written;
    }
    let text = String::from_utf8_lossy(&written);
    let more = text.strip_suffix('}').map_or(Cow::Borrowed(&*text), |open| {
        Cow::Owned(format!(r#"{open},"next":{{"version":"{VERSION}","more":[1,2,3]}}}}"#))
    });
    more.into_owned().into_bytes()
}
