//! What the crew does at the terminal. Nothing here asks the centre.

use std::time::Instant;

use link::v1::{AbortReport, RefuseReport, ReportSource, Stage, StageReport, report};
use thiserror::Error;

use super::Duty;
use super::order::{End, HeldOrder, MarkSource};
use super::words::stage_word;
use crate::spool::{Change, SpoolError};

/// Two steps of one order within this many seconds are a slip of the finger.
pub const DOUBLE_PRESS_GUARD_S: i64 = 5;

/// Why the terminal did not take something.
#[derive(Debug, Error)]
pub enum NotTaken {
    /// No order of that assignment here.
    #[error("no order {0:?} is held here")]
    UnknownAssignment(String),
    /// No such message.
    #[error("no message {0:?} is held here")]
    UnknownMessage(String),
    /// The finger slipped.
    #[error("another step was pressed less than {DOUBLE_PRESS_GUARD_S} s ago")]
    DoublePress,
    /// It is recorded already.
    #[error("{0} is recorded already, or a later step is")]
    StagePassed(&'static str),
    /// Not at this stage.
    #[error("the order does not allow this now")]
    NotNow,
    /// It is over.
    #[error("the order has ended")]
    OrderEnded,
    /// That person is on the vehicle already.
    #[error("{0} is signed on already")]
    AlreadySignedOn(String),
    /// That person is not on the vehicle.
    #[error("{0} is not signed on")]
    NotSignedOn(String),
    /// No seat is left.
    #[error("{max} people are signed on; no more fit", max = super::crew::CREW_MAX)]
    CrewFull,
    /// The request makes no sense.
    #[error("{0}")]
    BadRequest(String),
    /// The disk said no.
    #[error(transparent)]
    Spool(#[from] SpoolError),
}

impl Duty {
    /// The crew's step button. Returns the time recorded.
    pub fn press(&mut self, wall: Instant, assignment: &str, stage: Stage) -> Result<i64, NotTaken> {
        let now = self.clock.now_unix_ms(wall);
        if !self.settings.steps.iter().any(|step| step.stage() == stage) {
            return Err(NotTaken::BadRequest(format!("{:?} is no step of this centre", stage_word(stage))));
        }
        let held = find(&self.orders, assignment)?;
        let pressed = held.record.marks.iter().rev().find(|mark| mark.source == MarkSource::Crew);
        if let Some(last) = pressed
            && now - last.at_unix_ms < DOUBLE_PRESS_GUARD_S * 1000
        {
            return if last.stage == stage_word(stage) {
                Ok(last.at_unix_ms)
            } else {
                Err(NotTaken::DoublePress)
            };
        }
        if held.record.end.is_some() {
            return Err(NotTaken::OrderEnded);
        }
        if held.reached().is_some_and(|reached| reached >= stage) {
            return Err(NotTaken::StagePassed(stage_word(stage)));
        }
        let content =
            report::Content::Stage(StageReport { assignment_id: assignment.to_owned(), stage: stage.into() });
        let end = (stage == Stage::Available).then_some(("available", String::new()));
        self.report_on(assignment, now, content, Some(stage), end)?;
        Ok(now)
    }

    /// The crew cannot take the order.
    pub fn refuse(&mut self, wall: Instant, assignment: &str, reason: &str) -> Result<i64, NotTaken> {
        let held = find(&self.orders, assignment)?;
        if held.record.end.is_some() {
            return Err(NotTaken::OrderEnded);
        }
        if !held.may_refuse() {
            return Err(NotTaken::NotNow);
        }
        let now = self.clock.now_unix_ms(wall);
        let content = report::Content::Refuse(RefuseReport {
            assignment_id: assignment.to_owned(),
            reason: reason.to_owned(),
        });
        self.report_on(assignment, now, content, None, Some(("refused", reason.to_owned())))?;
        Ok(now)
    }

    /// The crew ends the order, for one of the reasons offered.
    pub fn abort(
        &mut self,
        wall: Instant,
        assignment: &str,
        word: &str,
        text: &str,
    ) -> Result<i64, NotTaken> {
        let held = find(&self.orders, assignment)?;
        if held.record.end.is_some() {
            return Err(NotTaken::OrderEnded);
        }
        let Some(abort) = held.abort_reasons().find(|abort| abort.word == word) else {
            let known = super::words::ABORTS.iter().any(|abort| abort.word == word);
            let unknown = || NotTaken::BadRequest(format!("{word:?} is no reason to abort"));
            return Err(if known { NotTaken::NotNow } else { unknown() });
        };
        let now = self.clock.now_unix_ms(wall);
        let content = report::Content::Abort(AbortReport {
            assignment_id: assignment.to_owned(),
            reason: abort.reason.into(),
            text: text.to_owned(),
        });
        let reason = if text.is_empty() { abort.zh.to_owned() } else { format!("{}: {text}", abort.zh) };
        self.report_on(assignment, now, content, None, Some(("aborted", reason)))?;
        Ok(now)
    }

    /// Takes a recalled order off the screen.
    pub fn dismiss(&mut self, assignment: &str) -> Result<(), NotTaken> {
        let held = find(&self.orders, assignment)?;
        if !held.record.end.as_ref().is_some_and(|end| end.kind.starts_with("recalled")) {
            return Err(NotTaken::NotNow);
        }
        let change = Change { removed_order: Some(assignment.to_owned()), ..Change::default() };
        self.spool.apply(&change)?;
        self.orders.retain(|held| held.order().assignment_id != assignment);
        self.forget_patients(assignment);
        self.touch();
        Ok(())
    }

    /// One report of the crew on one order, on disk with what it does to the order.
    fn report_on(
        &mut self,
        assignment: &str,
        now: i64,
        content: report::Content,
        stage: Option<Stage>,
        end: Option<(&str, String)>,
    ) -> Result<(), NotTaken> {
        let report = self.new_report(now, ReportSource::CrewButton, content);
        let key = (report.boot, report.seq);
        let index = self
            .orders
            .iter()
            .position(|held| held.order().assignment_id == assignment)
            .ok_or_else(|| NotTaken::UnknownAssignment(assignment.to_owned()))?;
        let held = &mut self.orders[index];
        let before = held.record.clone();
        if let Some(stage) = stage {
            held.mark(stage, now, MarkSource::Crew, Some(key));
        }
        held.record.end = end.map(|(kind, reason)| End {
            kind: kind.to_owned(),
            reason,
            at_unix_ms: now,
            report: Some(key),
        });
        let change = Change { report: Some(report), order: Some(held.row()), ..Change::default() };
        if let Err(error) = self.store(change) {
            self.orders[index].record = before;
            return Err(error.into());
        }
        if let Some(stage) = stage {
            self.orders[index].watch.press(stage);
        }
        Ok(())
    }
}

fn find<'a>(orders: &'a [HeldOrder], assignment: &str) -> Result<&'a HeldOrder, NotTaken> {
    orders
        .iter()
        .find(|held| held.order().assignment_id == assignment)
        .ok_or_else(|| NotTaken::UnknownAssignment(assignment.to_owned()))
}
