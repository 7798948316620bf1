//! The keys of personal data: one for each call, incident and accident, kept in the journal's own file. An event's texts are sealed with
//! AES-256-GCM; a key that is erased takes them with it.

use std::collections::HashMap;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use dispatch_core::erasure::Subject;
use dispatch_core::journal::v2::{Opened, Sealed};
use rusqlite::{Connection, OptionalExtension, params};
use serde::{Deserialize, Serialize};

use super::chain::hex;

/// A key with its name, as stored and copied.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonalKey {
    /// Its name: 32 hex digits, never used twice.
    pub id: String,
    /// Whose data it opens, as text.
    pub subject: String,
    /// The key itself.
    pub key: [u8; KEY_BYTES],
}

impl std::fmt::Debug for PersonalKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PersonalKey")
            .field("id", &self.id)
            .field("subject", &self.subject)
            .finish_non_exhaustive()
    }
}

/// The writer's keys: those lately used are at hand, others are looked up, missing ones are made.
#[derive(Debug, Default)]
pub(super) struct Sealer {
    lately: HashMap<Subject, PersonalKey>,
}

impl Sealer {
    /// Seals the texts of an event under the key of its subject, inside the transaction that stores the event.
    pub(super) fn seal(
        &mut self,
        connection: &Connection,
        subject: Subject,
        contents: &[u8],
    ) -> rusqlite::Result<Sealed> {
        if self.lately.len() >= LATELY_MAX {
            self.lately.clear();
        }
        let key = match self.lately.entry(subject) {
            std::collections::hash_map::Entry::Occupied(known) => known.into_mut(),
            std::collections::hash_map::Entry::Vacant(free) => {
                free.insert(key_for(connection, &subject.to_string())?)
            }
        };
        Ok(seal(key, subject, contents))
    }

    /// Throws the keys of these away, inside the transaction that stores the erasure.
    pub(super) fn erase(&mut self, connection: &Connection, subjects: &[Subject]) -> rusqlite::Result<()> {
        let mut delete = connection.prepare_cached("DELETE FROM personal_key WHERE subject = ?1")?;
        for subject in subjects {
            self.lately.remove(subject);
            delete.execute([subject.to_string()])?;
        }
        // A snapshot holds what is erased: it goes with its key.
        delete.execute([SNAPSHOT])?;
        snapshot_key(connection).map(|_| ())
    }

    /// Forgets what was made in a transaction that was taken back.
    pub(super) fn forget(&mut self) {
        self.lately.clear();
    }
}

/// The key of snapshots, made where there is none.
pub(super) fn snapshot_key(connection: &Connection) -> rusqlite::Result<PersonalKey> {
    key_for(connection, SNAPSHOT)
}

/// The key of snapshots as it is; none in a journal that nobody has written since there are any.
pub(super) fn known_snapshot_key(connection: &Connection) -> rusqlite::Result<Option<PersonalKey>> {
    known_key(connection, SNAPSHOT)
}

fn known_key(connection: &Connection, subject: &str) -> rusqlite::Result<Option<PersonalKey>> {
    let mut known =
        connection.prepare_cached("SELECT id, subject, key FROM personal_key WHERE subject = ?1")?;
    known.query_row([subject], of_row).optional()
}

fn key_for(connection: &Connection, subject: &str) -> rusqlite::Result<PersonalKey> {
    if let Some(key) = known_key(connection, subject)? {
        return Ok(key);
    }
    let made = PersonalKey { id: random_hex(), subject: subject.to_owned(), key: random() };
    store(connection, &made)?;
    Ok(made)
}

/// Stores a key; one that is there already stays.
pub(super) fn store(connection: &Connection, key: &PersonalKey) -> rusqlite::Result<()> {
    let mut insert = connection
        .prepare_cached("INSERT OR IGNORE INTO personal_key (id, subject, key) VALUES (?1, ?2, ?3)")?;
    insert.execute(params![key.id, key.subject, key.key]).map(|_| ())
}

/// The key of a name, if it was not erased.
pub(super) fn by_id(connection: &Connection, id: &str) -> rusqlite::Result<Option<PersonalKey>> {
    let mut statement =
        connection.prepare_cached("SELECT id, subject, key FROM personal_key WHERE id = ?1")?;
    statement.query_row([id], of_row).optional()
}

fn of_row(row: &rusqlite::Row<'_>) -> rusqlite::Result<PersonalKey> {
    Ok(PersonalKey { id: row.get(0)?, subject: row.get(1)?, key: row.get(2)? })
}

/// Seals bytes with a key. The subject is bound to them: they open as nobody else's.
fn seal(key: &PersonalKey, subject: Subject, contents: &[u8]) -> Sealed {
    let nonce: [u8; NONCE_LEN] = random();
    let mut sealed = contents.to_vec();
    cipher(&key.key)
        .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), bound(subject), &mut sealed)
        .expect("invariant: an event is far shorter than what the cipher takes");
    let mut whole = nonce.to_vec();
    whole.append(&mut sealed);
    Sealed { key: key.id.clone(), contents: STANDARD_NO_PAD.encode(whole) }
}

/// Seals any bytes, bound to what stands before them.
pub(super) fn seal_bytes(key: &PersonalKey, bound: &[u8], contents: Vec<u8>) -> Vec<u8> {
    seal_with(&key.key, bound, contents)
}

/// The same with a bare key.
pub(crate) fn seal_with(key: &[u8; KEY_BYTES], bound: &[u8], mut contents: Vec<u8>) -> Vec<u8> {
    let nonce: [u8; NONCE_LEN] = random();
    cipher(key)
        .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(bound), &mut contents)
        .expect("invariant: a record is far shorter than what the cipher takes");
    contents.splice(..0, nonce);
    contents
}

/// Opens what [`seal_bytes`] sealed; `None` when the key does not fit or anything was changed.
pub(super) fn open_bytes(key: &PersonalKey, bound: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
    open_with(&key.key, bound, sealed)
}

/// Opens what [`seal_with`] sealed.
pub(crate) fn open_with(key: &[u8; KEY_BYTES], bound: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
    let (nonce, contents) = sealed.split_at_checked(NONCE_LEN)?;
    let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
    let mut contents = contents.to_vec();
    let length = cipher(key).open_in_place(nonce, Aad::from(bound), &mut contents).ok()?.len();
    contents.truncate(length);
    Some(contents)
}

/// Opens what was sealed; without its key it is erased.
pub(super) fn open(key: Option<&PersonalKey>, subject: Subject, sealed: &Sealed) -> Opened {
    let Some(key) = key else { return Opened::Erased };
    let Ok(mut whole) = STANDARD_NO_PAD.decode(&sealed.contents) else { return Opened::Unreadable };
    if whole.len() < NONCE_LEN {
        return Opened::Unreadable;
    }
    let mut contents = whole.split_off(NONCE_LEN);
    let Ok(nonce) = Nonce::try_assume_unique_for_key(&whole) else { return Opened::Unreadable };
    match cipher(&key.key).open_in_place(nonce, bound(subject), &mut contents) {
        Ok(plain) => Opened::Contents(plain.to_vec()),
        Err(_) => Opened::Unreadable,
    }
}

fn cipher(key: &[u8; KEY_BYTES]) -> LessSafeKey {
    LessSafeKey::new(UnboundKey::new(&AES_256_GCM, key).expect("invariant: the key has the cipher's length"))
}

fn bound(subject: Subject) -> Aad<String> {
    Aad::from(subject.to_string())
}

/// Bytes from the system's source of chance.
pub(crate) fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("invariant: the system gives random bytes once it is up");
    bytes
}

pub(super) fn random_hex() -> String {
    hex(&random::<16>())
}

/// Whose key is that of snapshots.
const SNAPSHOT: &str = "snapshot";
/// Of AES-256.
pub(crate) const KEY_BYTES: usize = 32;
/// Keys at hand for the writer: more than there are open calls and incidents in a province.
const LATELY_MAX: usize = 8192;

#[cfg(test)]
mod tests {
    use dispatch_core::ids::CallId;
    use uuid::Uuid;

    use super::*;

    fn a_key() -> PersonalKey {
        PersonalKey { id: random_hex(), subject: String::new(), key: random() }
    }

    #[test]
    fn only_the_key_opens_it_and_only_for_its_subject() {
        let (one, other) =
            (Subject::Call(CallId::new(Uuid::from_u128(1))), Subject::Call(CallId::new(Uuid::from_u128(2))));
        let key = a_key();
        let sealed = seal(&key, one, "张伟".as_bytes());
        assert!(!sealed.contents.contains("张伟"));
        assert_eq!(open(Some(&key), one, &sealed), Opened::Contents("张伟".as_bytes().to_vec()));
        assert_eq!(open(None, one, &sealed), Opened::Erased);
        assert_eq!(open(Some(&key), other, &sealed), Opened::Unreadable);
        assert_eq!(open(Some(&a_key()), one, &sealed), Opened::Unreadable);
        for contents in ["", "AAAA", "不是"] {
            let broken = Sealed { contents: contents.to_owned(), ..sealed.clone() };
            assert_eq!(open(Some(&key), one, &broken), Opened::Unreadable);
        }
        assert_ne!(seal(&key, one, b"x"), seal(&key, one, b"x"), "the same words never look the same");
    }

    /// Made by another implementation of AES-256-GCM: what was sealed once must always open.
    #[test]
    fn the_form_of_a_seal_is_frozen() {
        let subject: Subject = "call_00000000-0000-7000-8000-000000000001".parse().unwrap();
        let mut bytes = 0..;
        let key = PersonalKey {
            id: "k".to_owned(),
            subject: subject.to_string(),
            key: std::array::from_fn(|_| bytes.next().unwrap()),
        };
        let contents = "AAECAwQFBgcICQoLHCDnKP3V8iu9cae7gcslFVcr0039qwgHKb7zklSU+w".to_owned();
        let sealed = Sealed { key: "k".to_owned(), contents };
        assert_eq!(open(Some(&key), subject, &sealed), Opened::Contents(br#"["13800000000"]"#.to_vec()));
    }
}
