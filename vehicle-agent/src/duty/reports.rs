//! Reports: what happened on the vehicle, numbered, on disk, and sent until the centre answers.

use link::v1::{OrderHeld, Report, ReportAck, ReportOutcome, ReportSource, Stage, report};

use super::{Duty, HeldOrder, Notice};
use crate::clock::rfc3339;
use crate::spool::{Change, SpoolError};

impl Duty {
    /// Reports that the centre has not acknowledged, in order, after `after`; at most `count_max`.
    pub fn waiting_after(&self, after: Option<(u64, u64)>, count_max: usize) -> Vec<Report> {
        let from = after.map_or((0, 0), |(boot, seq)| (boot, seq + 1));
        self.waiting.range(from..).take(count_max).map(|(_, report)| report.clone()).collect()
    }

    /// How many reports wait for the centre.
    pub fn unsent(&self) -> usize {
        self.waiting.len()
    }

    /// Whether the centre has this report.
    pub fn is_sent(&self, key: (u64, u64)) -> bool {
        !self.waiting.contains_key(&key)
    }

    /// Orders that have not ended here, for the greeting.
    pub fn orders_held(&self) -> Vec<OrderHeld> {
        // What this vehicle opened itself is known to the centre once it has answered; before, its report tells more.
        let untold = |held: &&HeldOrder| {
            let opening = held.record.marks.first().and_then(|mark| mark.report);
            held.delivery.effect_id.is_empty() && opening.is_some_and(|key| !self.is_sent(key))
        };
        let open = self.orders.iter().filter(|held| held.record.end.is_none() && !untold(held));
        open.take(link::ORDERS_HELD_MAX)
            .map(|held| OrderHeld {
                assignment_id: held.order().assignment_id.clone(),
                epoch: held.delivery.epoch,
                stage: held.reached().unwrap_or(Stage::Unspecified).into(),
                incident_number: held.order().incident_number.clone(),
            })
            .collect()
    }

    /// The centre's answer to a report.
    pub fn report_acknowledged(&mut self, ack: &ReportAck) -> Result<(), SpoolError> {
        let key = (ack.boot, ack.seq);
        if !self.waiting.contains_key(&key) {
            return Ok(());
        }
        let mut change = Change { acknowledged: Some(key), ..Change::default() };
        let refused = ack.outcome() != ReportOutcome::Accepted;
        if refused {
            for held in &mut self.orders {
                let marks = held.record.marks.iter_mut();
                for mark in marks.filter(|mark| mark.report == Some(key)) {
                    mark.refused = Some(ack.text.clone());
                    change.order = None;
                }
                if held.record.end.as_ref().is_some_and(|end| end.report == Some(key)) {
                    held.record.end = None;
                }
                if held.record.marks.iter().any(|mark| mark.report == Some(key)) {
                    change.order = Some(held.row());
                }
            }
        }
        self.spool.apply(&change)?;
        self.waiting.remove(&key);
        if refused {
            self.notice(
                &format!("中心未接受: {}", ack.text),
                &format!("Not accepted by the centre: {}", ack.text),
            );
        }
        self.drop_ended()?;
        self.touch();
        Ok(())
    }

    /// Orders that ended here leave the vehicle once the centre knows everything about them.
    pub(super) fn drop_ended(&mut self) -> Result<(), SpoolError> {
        while let Some(index) = self.orders.iter().position(|held| {
            let told = held.record.marks.iter().filter_map(|mark| mark.report).all(|key| self.is_sent(key));
            held.record.end.as_ref().is_some_and(|end| {
                !end.kind.starts_with("recalled") && told && end.report.is_none_or(|key| self.is_sent(key))
            })
        }) {
            let leaving = self.orders[index].order().assignment_id.clone();
            self.spool.apply(&Change { removed_order: Some(leaving.clone()), ..Change::default() })?;
            self.orders.remove(index);
            self.forget_patients(&leaving);
        }
        Ok(())
    }

    /// A new report, numbered. It counts once `store` has written it.
    pub(super) fn new_report(
        &self,
        at_unix_ms: i64,
        source: ReportSource,
        content: report::Content,
    ) -> Report {
        Report {
            boot: self.spool.boot(),
            seq: self.report_seq + 1,
            happened_at_unix_ms: at_unix_ms,
            source: source.into(),
            position: self.receiver.last,
            content: Some(content),
        }
    }

    /// Writes a change with a new report in it.
    pub(super) fn store(&mut self, change: Change) -> Result<(), SpoolError> {
        self.spool.apply(&change)?;
        if let Some(report) = change.report {
            self.report_seq = report.seq;
            self.waiting.insert((report.boot, report.seq), report);
        }
        self.touch();
        Ok(())
    }

    /// Tells the crew something.
    pub(super) fn notice(&mut self, zh: &str, en: &str) {
        const NOTICES_MAX: usize = 20;
        let at = rfc3339(self.clock.now_unix_ms(std::time::Instant::now()));
        if self.notices.len() == NOTICES_MAX {
            self.notices.pop_front();
        }
        self.notices.push_back(Notice { at, zh: zh.to_owned(), en: en.to_owned() });
        self.touch();
    }
}
