//! A record put back from its own written form, which is also what its digest is made of: there is no second form of the truth. What is
//! not written is derived here, as `apply` keeps it.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer};

use crate::escalation::{About, Escalation, EscalationKey};
use crate::record::{Record, Shelf};

impl Record {
    /// The written form, to be put back by [`Record::restored`].
    ///
    /// # Panics
    /// Never: every part of a record can be written as JSON.
    pub fn written(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("invariant: every part of a record can be written as JSON")
    }

    /// Puts a record back. It is equal to the one that was written.
    pub fn restored(written: &[u8]) -> Result<Self, serde_json::Error> {
        let mut record: Self = serde_json::from_slice(written)?;
        record.policy = record.rules.policy.parse().unwrap_or_default();
        for (id, it) in &record.incidents {
            if it.short_since.is_some() {
                record.waiting.insert(*id, ());
            }
            if it.proposal_wanted_since.is_some() {
                record.wanting.insert(*id, ());
            }
            if let Some(unit) = it.reserved {
                record.reserved.insert(*id, unit);
            }
        }
        Ok(record)
    }

    /// Everything in the record that can have a deadline.
    pub(crate) fn everything(&self) -> Vec<About> {
        let mut all: Vec<About> = self.calls.keys().copied().map(About::Call).collect();
        all.extend(self.incidents.keys().copied().map(About::Incident));
        all.extend(self.assignments.keys().copied().map(About::Assignment));
        all.extend(self.units.keys().copied().map(About::Unit));
        all
    }
}

/// Escalations are written without their keys, which stand in them.
pub(super) fn escalations<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<BTreeMap<EscalationKey, Escalation>, D::Error> {
    let list = Vec::<Escalation>::deserialize(deserializer)?;
    Ok(list.into_iter().map(|escalation| (escalation.key, escalation)).collect())
}

/// A shelf of keys alone is written as a list of them.
pub(super) fn keys<'de, K: Ord + Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Shelf<K, ()>, D::Error> {
    let list = Vec::<K>::deserialize(deserializer)?;
    Ok(list.into_iter().map(|key| (key, ())).collect())
}
