//! The crew is flagged down while it stands by: it opens a task of its own, which goes on at once, wherever the vehicle is.

use std::time::Instant;

use link::v1::{Delivery, Level, Order, ReportSource, RoadsideReport, Stage, delivery, report};

use super::order::{HeldOrder, MarkSource};
use super::{Duty, NotTaken};
use crate::spool::Change;

const COMPLAINT_CHARS_MAX: usize = 200;
const NOTES_CHARS_MAX: usize = 500;

impl Duty {
    /// Opens a task where the vehicle stands, with the crew on scene. Only while there is no other. Returns the time recorded and the
    /// assignment.
    pub fn open_roadside(
        &mut self,
        wall: Instant,
        complaint: &str,
        notes: &str,
    ) -> Result<(i64, String), NotTaken> {
        let complaint = complaint.trim();
        if complaint.is_empty() || complaint.chars().count() > COMPLAINT_CHARS_MAX {
            return Err(NotTaken::BadRequest(format!(
                "complaint: write 1 to {COMPLAINT_CHARS_MAX} characters"
            )));
        }
        if notes.chars().count() > NOTES_CHARS_MAX {
            return Err(NotTaken::BadRequest(format!("notes: write at most {NOTES_CHARS_MAX} characters")));
        }
        if self.crew.is_empty() || self.orders.iter().any(|held| held.record.end.is_none()) {
            return Err(NotTaken::NotNow);
        }
        let now = self.clock.now_unix_ms(wall);
        let assignment = format!("assignment_{}", uuid::Uuid::now_v7());
        let (complaint, notes) = (complaint.to_owned(), notes.to_owned());
        let told = RoadsideReport {
            assignment_id: assignment.clone(),
            complaint: complaint.clone(),
            notes: notes.clone(),
            level: Level::Unspecified.into(),
        };
        let report = self.new_report(now, ReportSource::CrewButton, report::Content::Roadside(told));
        let mut held =
            HeldOrder::new(self.made_here(&assignment, complaint, notes, now), now, self.last_place());
        held.mark(Stage::OnScene, now, MarkSource::Crew, Some((report.boot, report.seq)));
        self.store(Change { report: Some(report), order: Some(held.row()), ..Change::default() })?;
        held.watch.press(Stage::OnScene);
        self.orders.push(held);
        self.touch();
        Ok((now, assignment))
    }

    /// The order as the centre would have sent it, without its number. It has no effect id: nobody sent it.
    fn made_here(&self, assignment: &str, complaint: String, notes: String, now: i64) -> Delivery {
        let order = Order {
            assignment_id: assignment.to_owned(),
            complaint,
            notes,
            address: "路遇 · roadside".into(),
            location: self.last_place(),
            ordered_at_unix_ms: now,
            ..Order::default()
        };
        Delivery {
            effect_id: String::new(),
            epoch: self.highest_epoch(),
            content: Some(delivery::Content::Order(order)),
        }
    }
}
