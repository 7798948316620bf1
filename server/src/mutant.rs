//! Faults put in on purpose, to see that the tests which look for losses find them. They exist only in builds with the feature `mutants`,
//! which nobody runs a centre with, and there only the one that `JICHI_MUTANT` names.

use std::sync::OnceLock;

/// A fault that can be put in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mutant {
    /// Whoever asks is answered before the journal is synced.
    AcknowledgeEarly,
    /// PostgreSQL takes appends of a node whose lease another one has.
    NoFence,
    /// A grant never ends.
    EndlessGrant,
    /// What a vehicle had not confirmed is forgotten when it connects.
    LostOutbox,
}

impl Mutant {
    const fn name(self) -> &'static str {
        match self {
            Self::AcknowledgeEarly => "acknowledge-early",
            Self::NoFence => "no-fence",
            Self::EndlessGrant => "endless-grant",
            Self::LostOutbox => "lost-outbox",
        }
    }

    /// Whether this process has the fault.
    pub(crate) fn lives(self) -> bool {
        static NAMED: OnceLock<Option<String>> = OnceLock::new();
        cfg!(feature = "mutants")
            && NAMED.get_or_init(|| std::env::var("JICHI_MUTANT").ok()).as_deref() == Some(self.name())
    }
}
