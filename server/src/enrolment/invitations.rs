//! Invitations: a token that is good for ten minutes, for one vehicle, once. They live in memory only: a centre that starts anew has none, and another is
//! made in a second. Of the token only its hash is kept.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use dispatch_core::ids::UnitId;
use link::enrolment::Invitation;
use sha2::{Digest, Sha256};
use thiserror::Error;

/// The open invitations of a centre.
#[derive(Debug)]
pub struct Invitations {
    authority_sha256: [u8; 32],
    open: Mutex<Vec<Open>>,
}

#[derive(Debug)]
struct Open {
    unit: UnitId,
    token_sha256: [u8; 32],
    until: Instant,
}

/// The system gives no random bytes.
#[derive(Debug, Error)]
#[error("the system gives no random bytes")]
pub struct NoToken;

impl Invitations {
    /// How long an invitation is good.
    pub const GOOD_FOR: Duration = Duration::from_mins(10);

    /// No invitation yet. `authority_sha256`: of the certificate by which the centre is known.
    pub fn new(authority_sha256: [u8; 32]) -> Self {
        Self { authority_sha256, open: Mutex::default() }
    }

    /// Invites a unit's vehicle. An earlier invitation of the same unit is void.
    pub fn invite(&self, unit: UnitId, now: Instant) -> Result<Invitation, NoToken> {
        let mut token = [0; 16];
        getrandom::fill(&mut token).map_err(|_| NoToken)?;
        let token = format!("{:032x}", u128::from_be_bytes(token));
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.retain(|other| other.unit != unit && other.until > now);
        if open.len() == OPEN_MAX {
            open.remove(0);
        }
        let token_sha256 = Sha256::digest(token.as_bytes()).into();
        open.push(Open { unit, token_sha256, until: now + Self::GOOD_FOR });
        Ok(Invitation { unit: unit.to_string(), token, authority_sha256: self.authority_sha256 })
    }

    /// Whose token it is. It is good no more, whatever becomes of it.
    pub(super) fn redeem(&self, token: &str, now: Instant) -> Option<UnitId> {
        let shown: [u8; 32] = Sha256::digest(token.as_bytes()).into();
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.retain(|other| other.until > now);
        let place = open.iter().position(|other| other.token_sha256 == shown)?;
        Some(open.remove(place).unit)
    }
}

/// Invitations open at once: more vehicles than a workshop fits in ten minutes.
const OPEN_MAX: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    fn unit(text: &str) -> UnitId {
        text.parse().unwrap()
    }

    #[test]
    fn a_token_is_good_once_for_one_vehicle_for_ten_minutes() {
        let (invitations, now) = (Invitations::new([7; 32]), Instant::now());
        let first = invitations.invite(unit("A12"), now).unwrap();
        let other = invitations.invite(unit("A13"), now).unwrap();
        assert_eq!(invitations.redeem("", now), None);
        assert_eq!(invitations.redeem(&other.token, now), Some(unit("A13")));
        assert_eq!(invitations.redeem(&other.token, now), None, "a second time");
        let second = invitations.invite(unit("A12"), now).unwrap();
        assert_eq!(invitations.redeem(&first.token, now), None, "a newer one takes its place");
        assert_eq!(invitations.redeem(&second.token, now + Invitations::GOOD_FOR), None, "too late");
        let third = invitations.invite(unit("A12"), now).unwrap();
        let last = now + Invitations::GOOD_FOR.saturating_sub(Duration::from_secs(1));
        assert_eq!(invitations.redeem(&third.token, last), Some(unit("A12")));
    }

    #[test]
    fn tokens_differ_and_only_so_many_are_open() {
        let (invitations, now) = (Invitations::new([7; 32]), Instant::now());
        let all: Vec<Invitation> =
            (0..100).map(|n| invitations.invite(unit(&format!("A{n}")), now).unwrap()).collect();
        let distinct: std::collections::BTreeSet<&str> = all.iter().map(|one| one.token.as_str()).collect();
        assert_eq!(distinct.len(), 100);
        let good = all.iter().filter(|one| invitations.redeem(&one.token, now).is_some()).count();
        assert_eq!(good, OPEN_MAX);
    }
}
