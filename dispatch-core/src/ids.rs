//! Names of things. Incidents and everything that happens to them carry a `UUIDv7` with its type in front
//! (`incident_0190…`), made by whoever sends the command; units, stations and hospitals carry the centre's own code.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;

/// A text that is not an id or code of the kind asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not a {kind}: {expected}")]
pub struct BadId {
    text: String,
    kind: &'static str,
    expected: &'static str,
}

macro_rules! uuid_ids {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        // The bytes of the UUID as one number, which compares in one step and in the same order.
        pub struct $name(u128);

        impl $name {
            /// The type in front of the id, without the underscore.
            pub const PREFIX: &'static str = $prefix;

            /// An id from a `UUIDv7` that the caller made.
            pub const fn new(uuid: Uuid) -> Self {
                Self(uuid.as_u128())
            }

            /// The bare UUID, for systems that take nothing else.
            pub const fn uuid(self) -> Uuid {
                Uuid::from_u128(self.0)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($prefix, "_{}"), self.uuid())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $name {
            type Err = BadId;
            fn from_str(text: &str) -> Result<Self, BadId> {
                text.strip_prefix(concat!($prefix, "_"))
                    .and_then(|uuid| Uuid::try_parse(uuid).ok())
                    .map(Self::new)
                    .ok_or_else(|| BadId {
                        text: text.chars().take(64).collect(),
                        kind: stringify!($name),
                        expected: concat!("expected ", $prefix, "_ and a UUID"),
                    })
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    )*};
}

uuid_ids! {
    /// One ring of the telephone, one text call, one call from another service.
    CallId = "call";
    /// Something that happened to somebody, however many called about it.
    IncidentId = "incident";
    /// One unit on one incident.
    AssignmentId = "assignment";
    /// One ranked list of units for one incident.
    ProposalId = "proposal";
    /// One thing that somebody must look at.
    EscalationId = "escalation";
    /// One closed stretch of road.
    ClosureId = "closure";
    /// Several incidents with many casualties, led as one.
    AccidentId = "accident";
    /// One past day to be lived again.
    PlanId = "plan";
    /// One file of a patient: an ECG, a photo.
    FileId = "file";
}

const CODE_BYTES_MAX: usize = 15;

/// A short code chosen by the centre, at most 15 bytes, no blanks. Copied around freely, so kept inline.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Code([u8; CODE_BYTES_MAX + 1]);

impl Ord for Code {
    /// As text, in one step.
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        u128::from_be_bytes(self.0).cmp(&u128::from_be_bytes(other.0))
    }
}

impl PartialOrd for Code {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Code {
    fn new(text: &str) -> Option<Self> {
        let fits = !text.is_empty()
            && text.len() <= CODE_BYTES_MAX
            && !text.chars().any(|c| c.is_whitespace() || c.is_control() || "/?#%\\\"'<>&".contains(c));
        fits.then(|| {
            let mut bytes = [0; CODE_BYTES_MAX + 1];
            bytes[..text.len()].copy_from_slice(text.as_bytes());
            Self(bytes)
        })
    }

    fn as_str(&self) -> &str {
        let end = self.0.iter().position(|&b| b == 0).unwrap_or(CODE_BYTES_MAX);
        std::str::from_utf8(&self.0[..end]).expect("a code is made from whole UTF-8 text")
    }
}

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Code);

        impl $name {
            /// The code as text.
            pub fn as_str(&self) -> &str {
                self.0.as_str()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl FromStr for $name {
            type Err = BadId;
            fn from_str(text: &str) -> Result<Self, BadId> {
                Code::new(text).map(Self).ok_or_else(|| BadId {
                    text: text.chars().take(64).collect(),
                    kind: stringify!($name),
                    expected: "expected a code of 1 to 15 bytes without blanks or / ? # % \\ \" ' < > &",
                })
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    )*};
}

codes! {
    /// A unit's call sign (`A12`): the same in its certificate, on the screens and in the journal.
    UnitId;
    /// A station's code (`S03`).
    StationId;
    /// A hospital's code (`H01`).
    HospitalId;
    /// A reason for sending another unit than the first proposed, as the centre's list names it (`closer`).
    OverrideCode;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_shows_its_type_and_refuses_another() {
        let id = IncidentId::new(Uuid::from_u128(0x0192_f000_0000_7000_8000_0000_0000_0001));
        assert_eq!(id.to_string(), "incident_0192f000-0000-7000-8000-000000000001");
        assert_eq!(id.to_string().parse::<IncidentId>().unwrap(), id);
        let error = id.to_string().parse::<CallId>().unwrap_err().to_string();
        assert!(error.contains("expected call_ and a UUID"), "{error}");
    }

    #[test]
    fn a_code_is_short_and_plain() {
        assert_eq!("A12".parse::<UnitId>().unwrap().as_str(), "A12");
        assert_eq!("城东".parse::<StationId>().unwrap().as_str(), "城东");
        for bad in ["", "A 12", "a/b", "0123456789abcdef", "x\0"] {
            assert!(bad.parse::<UnitId>().is_err(), "{bad:?}");
        }
    }
}
