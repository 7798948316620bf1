//! Who is on the vehicle: signed on and off one by one, kept through a restart, reported to the centre.

use std::time::Instant;

use link::v1::{CrewRole, CrewSignOff, CrewSignOn, ReportSource, report};
use serde::{Deserialize, Serialize};

use super::words::{role_of, role_word};
use super::{Duty, NotTaken};
use crate::spool::Change;

/// People that fit in an ambulance.
pub(super) const CREW_MAX: usize = 8;
const NAME_CHARS_MAX: usize = 40;

/// One person on the vehicle.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CrewMember {
    /// The person's name.
    pub name: String,
    /// The interface's word for the role.
    pub role: String,
    /// As the centre numbers its people; may be empty.
    #[serde(default)]
    pub staff_number: String,
    /// UTC.
    pub since_unix_ms: i64,
}

impl Duty {
    /// Somebody comes on. Returns the time recorded.
    pub fn sign_on(
        &mut self,
        wall: Instant,
        name: &str,
        role: &str,
        staff_number: &str,
    ) -> Result<i64, NotTaken> {
        let (name, role) = person(name, role)?;
        if self.crew.iter().any(|member| member.name == name) {
            return Err(NotTaken::AlreadySignedOn(name));
        }
        if self.crew.len() >= CREW_MAX {
            return Err(NotTaken::CrewFull);
        }
        let now = self.clock.now_unix_ms(wall);
        let mut crew = self.crew.clone();
        crew.push(CrewMember {
            name: name.clone(),
            role: role_word(role).to_owned(),
            staff_number: staff_number.to_owned(),
            since_unix_ms: now,
        });
        let sign_on = CrewSignOn { name, role: role.into(), staff_number: staff_number.to_owned() };
        self.change_crew(now, crew, report::Content::CrewSignOn(sign_on))
    }

    /// Somebody leaves. Returns the time recorded.
    pub fn sign_off(&mut self, wall: Instant, name: &str) -> Result<i64, NotTaken> {
        let name = name.trim();
        let Some(index) = self.crew.iter().position(|member| member.name == name) else {
            return Err(NotTaken::NotSignedOn(name.to_owned()));
        };
        let now = self.clock.now_unix_ms(wall);
        let mut crew = self.crew.clone();
        let leaving = crew.remove(index);
        let role = role_of(&leaving.role).unwrap_or(CrewRole::Unspecified);
        let sign_off =
            CrewSignOff { name: leaving.name, role: role.into(), staff_number: leaving.staff_number };
        self.change_crew(now, crew, report::Content::CrewSignOff(sign_off))
    }

    fn change_crew(
        &mut self,
        now: i64,
        crew: Vec<CrewMember>,
        content: report::Content,
    ) -> Result<i64, NotTaken> {
        let report = self.new_report(now, ReportSource::CrewButton, content);
        let json = serde_json::to_string(&crew).expect("invariant: a crew is plain JSON");
        self.store(Change { report: Some(report), crew: Some(json), ..Change::default() })?;
        self.crew = crew;
        self.touch();
        Ok(now)
    }
}

fn person(name: &str, role: &str) -> Result<(String, CrewRole), NotTaken> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > NAME_CHARS_MAX {
        return Err(NotTaken::BadRequest(format!("name: write 1 to {NAME_CHARS_MAX} characters")));
    }
    let role = role_of(role).ok_or_else(|| {
        NotTaken::BadRequest(format!("role {role:?}: write driver, doctor, nurse or stretcher"))
    })?;
    Ok((name.to_owned(), role))
}
