//! How a vehicle comes by its certificate, and by the next one, over a door of its own: the vehicles' door goes on asking everybody for a certificate that
//! is good. Here somebody without one may come in with an invitation's one-time token, and somebody whose certificate ran out lately may renew it;
//! nothing else is said. Certificates are good for seven days, and the vehicle renews at half of that.
//!
//! **Invariant:** of what a vehicle sends only its public key enters a certificate; which unit it is for comes from the token or from the certificate.

mod desk;
mod door;
mod invitations;
mod verifier;

#[cfg(test)]
mod tests;

pub use desk::EnrolmentDesk;
pub use door::{Door, describe_metrics};
pub use invitations::{Invitations, NoToken};
