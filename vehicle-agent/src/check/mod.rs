//! `vehicle-agent check`: what a technician wants to know beside the vehicle, one line a thing, with what to do about it.
//! It reads and asks; it changes nothing, and an agent that is at work is not disturbed.

mod centre;
mod certificate;
mod clock;
mod finding;
mod receiver;
mod spool;
mod terminal;
mod words;

use std::path::Path;
use std::time::Duration;

use jiff::Timestamp;

pub use finding::{About, Finding, Verdict};
pub use words::{Language, Marks, Words};

use crate::clock::CertificateTime;
use crate::config::Config;
use words::words;

/// How long each thing outside may take to answer.
const WITHIN: Duration = Duration::from_secs(5);

/// Looks at everything that the configuration names. Without a configuration there is nothing else to look at.
pub async fn check(path: &Path) -> Vec<Finding> {
    let config = match Config::read_before_enrolment(path) {
        Ok(config) => config,
        Err(error) => {
            let remedy = words(
                "改正该文件; vehicle-agent --help 有完整示例; 其余各项未检查",
                "put the file right; vehicle-agent --help has a whole example; the rest was not looked at",
            );
            return vec![Finding::bad(About::Config, words(error.to_string(), error.to_string()), remedy)];
        }
    };
    let shown = format!("{} ({})", path.display(), config.unit);
    let mut findings = vec![Finding::good(About::Config, words(shown.clone(), shown))];
    findings.push(certificate::look(&config.certificates, &config.unit, Timestamp::now()));
    findings.push(spool::look(&config.spool));
    let (finding, running) = terminal::look(config.terminal, &config.unit, WITHIN).await;
    findings.push(finding);
    let (finding, satellite_time) =
        receiver::look(config.receiver().as_ref(), running.as_ref(), WITHIN).await;
    findings.push(finding);
    findings.push(clock::look(Timestamp::now().as_millisecond(), satellite_time));
    findings.extend(centre::look(&config, &CertificateTime::told(satellite_time), WITHIN).await);
    findings
}
