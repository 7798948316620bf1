//! The key to a text call: HMAC-SHA256 of the call's id under a key of the centre's own, kept in a file beside the journal.
//! Nothing about callers needs to be stored for it, and a restart takes nobody's call away.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use dispatch_core::ids::CallId;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use thiserror::Error;

use crate::journal::hex;

/// Makes and checks the secrets of text calls.
pub(crate) struct TextCallKey(Hmac<Sha256>);

/// Why there is no key.
#[derive(Debug, Error)]
pub enum TextCallKeyError {
    /// The file cannot be read or made.
    #[error("cannot use the key file of text calls {path}: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file is not what it should be.
    #[error(
        "the key file of text calls {path} holds {bytes} bytes instead of {KEY_BYTES}: restore it from a backup, or \
             remove it and text calls that go on now will have to be made anew"
    )]
    Length {
        /// The file.
        path: PathBuf,
        /// What it holds.
        bytes: usize,
    },
}

impl TextCallKey {
    /// Reads the key from the centre's data folder; the first start makes one.
    pub(crate) fn open(folder: &Path) -> Result<Self, TextCallKeyError> {
        let path = folder.join("text-calls.key");
        let file = |source| TextCallKeyError::File { path: path.clone(), source };
        let key = match fs::read(&path) {
            Ok(key) => key,
            Err(error) if error.kind() == io::ErrorKind::NotFound => make(&path).map_err(file)?,
            Err(error) => return Err(file(error)),
        };
        if key.len() != KEY_BYTES {
            return Err(TextCallKeyError::Length { path, bytes: key.len() });
        }
        Ok(Self::from_bytes(&key))
    }

    fn from_bytes(key: &[u8]) -> Self {
        Self(Hmac::new_from_slice(key).expect("invariant: HMAC takes a key of any length"))
    }

    /// The secret of a call, as hexadecimal digits.
    pub(crate) fn secret(&self, call: CallId) -> String {
        hex(&self.mac(call).finalize().into_bytes())
    }

    /// Whether the secret belongs to the call; takes the same time for every wrong one.
    pub(crate) fn opens(&self, call: CallId, secret: &[u8]) -> bool {
        let digit = |byte: u8| char::from(byte).to_digit(16).map(|digit| digit as u8);
        let bytes: Option<Vec<u8>> = secret
            .chunks(2)
            .map(|pair| match pair {
                [high, low] => Some(digit(*high)? << 4 | digit(*low)?),
                _ => None,
            })
            .collect();
        bytes.is_some_and(|bytes| self.mac(call).verify_slice(&bytes).is_ok())
    }

    fn mac(&self, call: CallId) -> Hmac<Sha256> {
        let mut mac = self.0.clone();
        mac.update(call.to_string().as_bytes());
        mac
    }
}

/// A new key in a file that only its owner may read. Two processes that start at once agree on the one that came first.
fn make(path: &Path) -> io::Result<Vec<u8>> {
    use std::os::unix::fs::OpenOptionsExt;
    let mut key = vec![0u8; KEY_BYTES];
    getrandom::fill(&mut key).map_err(io::Error::other)?;
    match fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        Ok(mut file) => {
            file.write_all(&key)?;
            file.sync_all()?;
            Ok(key)
        }
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => fs::read(path),
        Err(error) => Err(error),
    }
}

const KEY_BYTES: usize = 32;

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_secret_opens_its_own_call_only() {
        let key = TextCallKey::from_bytes(&[7; KEY_BYTES]);
        let (mine, other) = (CallId::new(Uuid::from_u128(1)), CallId::new(Uuid::from_u128(2)));
        let secret = key.secret(mine);
        assert!(key.opens(mine, secret.as_bytes()));
        assert!(!key.opens(other, secret.as_bytes()));
        for wrong in ["", "zz", &secret[1..], &secret[2..], &secret.replace('a', "b")[..62]] {
            assert!(!key.opens(mine, wrong.as_bytes()), "{wrong:?}");
        }
        assert!(!TextCallKey::from_bytes(&[8; KEY_BYTES]).opens(mine, secret.as_bytes()));
    }

    #[test]
    fn the_key_outlives_a_restart_and_a_broken_one_is_refused() {
        let folder = std::env::temp_dir().join(format!("jichi-key-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let call = CallId::new(Uuid::from_u128(3));
        let secret = TextCallKey::open(&folder).unwrap().secret(call);
        assert!(TextCallKey::open(&folder).unwrap().opens(call, secret.as_bytes()));
        fs::write(folder.join("text-calls.key"), b"short").unwrap();
        assert!(matches!(TextCallKey::open(&folder), Err(TextCallKeyError::Length { bytes: 5, .. })));
        fs::remove_dir_all(&folder).unwrap();
    }
}
