//! What an ambulance and the centre say to each other: the messages of version 1, how they are framed on a stream,
//! the rule of epochs, how a vehicle looks for its centre, the motion rule that decides what a vehicle's movement proves, what may be said of a patient, and how a vehicle comes by its certificate.
//! Pure: bytes and times come in as arguments; there is no I/O and no clock. Frozen by version: a change to
//! `proto/` that alters the bytes of an existing message is a new version.

pub mod attempts;
mod close;
pub mod enrolment;
mod epoch;
pub mod file;
mod frame;
mod limits;
pub mod motion;
pub mod patient;
pub mod scores;
mod steps;
pub mod v1;

pub use close::CloseCode;
pub use epoch::{EpochGuard, LowerEpoch};
pub use frame::{FrameError, FrameReader, decode, encode_frame};
pub use limits::{
    ALPN, BACKFILL_POSITIONS_MAX, DATAGRAM_BUFFER_BYTES_MAX, DATAGRAM_BYTES_MAX, EFFECT_ID_BYTES_MAX,
    FRAME_BYTES_MAX, HOSPITALS_MAX, IDLE_MS_MAX, KEEP_ALIVE, ORDERS_HELD_MAX, PROTOCOL_VERSION,
    ROUTE_POINTS_MAX, STREAM_WINDOW_BYTES, UNIT_URI_PREFIX, unit_of_uri,
};
pub use steps::{default_settings, default_steps, next_step};
