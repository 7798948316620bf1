//! The core's ids and times for what the city only numbers.

use dispatch_core::UtcTime;
use dispatch_core::ids::IncidentId;
use uuid::Uuid;

/// The core's time: the reference's day 0 is the first of January 2000.
pub(super) fn utc(ns: u64) -> UtcTime {
    UtcTime::from_micros(EPOCH_US + ((ns + 500) / 1000) as i64)
}

/// An id that says what it is of and which.
pub(super) fn numbered(kind: u128, number: u64) -> Uuid {
    Uuid::from_u128(kind << 96 | VERSION_AND_VARIANT | u128::from(number & NUMBER_MASK))
}

/// The call that an incident came from.
pub(super) fn call_of(incident: IncidentId) -> u32 {
    (incident.uuid().as_u128() & u128::from(u32::MAX)) as u32
}

/// Ids of calls.
pub(super) const CALLS: u128 = 1;
/// Ids of incidents.
pub(super) const INCIDENTS: u128 = 2;
/// Ids of proposals.
pub(super) const PROPOSALS: u128 = 3;
const VERSION_AND_VARIANT: u128 = 0x0000_7000_8000_0000_0000_0000;
const NUMBER_MASK: u64 = (1 << 56) - 1;
const EPOCH_US: i64 = 946_684_800_000_000;
