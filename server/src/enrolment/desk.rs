//! Who gets a certificate: a token or a certificate in, a certificate or the reason why not out.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use link::enrolment::{Answer, Granted, Refused, RefusedCode, Request, answer};
use tracing::{error, info, warn};

use super::Invitations;
use crate::centre::CentreHandle;
use crate::vehicles::certificates::{self, CertificateError};
use crate::vehicles::{Denials, Identity};

/// What it takes to enrol vehicles.
#[derive(Debug, Clone)]
pub struct EnrolmentDesk {
    /// Knows the units.
    pub centre: CentreHandle,
    /// The open invitations.
    pub invitations: Arc<Invitations>,
    /// The certificates that were withdrawn.
    pub denials: Denials,
    /// Folder with the authority's certificate and key.
    pub authority: PathBuf,
}

impl EnrolmentDesk {
    /// Answers a request. `shown`: the certificate of the connection, verified but for its age. Blocking: it reads the authority's key.
    pub(super) fn answer(&self, request: &Request, shown: Option<&Identity>, now: Instant) -> Answer {
        let outcome = match self.grant(request, shown, now) {
            Ok(granted) => {
                let how = if request.token.is_empty() { "renewed" } else { "enrolled" };
                info!(unit = granted.unit, how, "a vehicle has a certificate");
                count(how);
                answer::Outcome::Granted(granted)
            }
            Err(refused) => {
                warn!(code = ?refused.code(), unit = shown.map(|shown| shown.unit.as_str()), "no certificate");
                count(refused.code().as_str_name());
                answer::Outcome::Refused(refused)
            }
        };
        Answer { outcome: Some(outcome) }
    }

    fn grant(&self, request: &Request, shown: Option<&Identity>, now: Instant) -> Result<Granted, Refused> {
        let unit = match (request.token.as_str(), shown) {
            ("", None) => {
                let text =
                    "show the token of an invitation, or a certificate that ran out less than 30 days ago";
                return Err(refused(RefusedCode::NoCertificate, text));
            }
            ("", Some(shown)) if self.denials.holds(shown) => {
                let text = "this certificate was withdrawn: ask the centre for an invitation";
                return Err(refused(RefusedCode::Denied, text));
            }
            ("", Some(shown)) => shown.unit.clone(),
            (token, _) => {
                let unit = self.invitations.redeem(token, now).ok_or_else(|| {
                    let text =
                        "the invitation is unknown, was used, or is older than 10 minutes: ask for another";
                    refused(RefusedCode::Token, text)
                })?;
                unit.to_string()
            }
        };
        let known = unit.parse().is_ok_and(|unit| self.centre.snapshot().record.unit(unit).is_some());
        if !known {
            return Err(refused(RefusedCode::UnknownUnit, "this centre has no such unit: register it first"));
        }
        let signed = certificates::sign_for_a_week(&self.authority, &unit, &request.request_pem);
        let (certificate_pem, authority_pem) = signed.map_err(|problem| match problem {
            CertificateError::Request(_) => refused(
                RefusedCode::Request,
                "the request cannot be read, or its writer does not have the key",
            ),
            problem @ (CertificateError::File { .. }
            | CertificateError::BadUnit(_)
            | CertificateError::Made(_)) => {
                error!(%problem, "no certificate can be signed");
                refused(RefusedCode::Unavailable, "the centre cannot sign now: its log says why")
            }
        })?;
        Ok(Granted { unit, certificate_pem, authority_pem })
    }
}

fn refused(code: RefusedCode, text: &str) -> Refused {
    Refused { code: code.into(), text: text.to_owned() }
}

fn count(outcome: &'static str) {
    metrics::counter!("jichi_enrolments_total", "outcome" => outcome).increment(1);
}
