//! Fixes in: the clock, the motion rule of every open order, and the position that is due to be sent or kept.

use std::time::{Duration, Instant};

use link::motion::{DRIVING_KMH, Evidence, Fix};
use link::v1::{Position, ReportSource, StageReport, Wgs84, report};
use tracing::{error, info};

use super::order::MarkSource;
use super::{Duty, LinkState};
use crate::clock::ClockSource;
use crate::gnss::Heard;
use crate::spool::{Change, SpoolError};

/// The receiver as the crew sees it.
#[derive(Clone, Debug, Default)]
pub struct Receiver {
    /// The last fix.
    pub last: Option<Position>,
    /// When it was heard.
    pub heard_wall: Option<Instant>,
    /// Whether the receiver has said since then that it sees no sky, or went away.
    pub lost: bool,
}

/// Positions sent lately, in case it turns out that nobody was listening.
const RECENT_MAX: usize = 64;
/// Half a second of slack: receivers are not exact.
const EARLY: Duration = Duration::from_millis(300);

impl Duty {
    /// What the receiver says.
    pub fn heard(&mut self, wall: Instant, heard: &Heard) {
        match heard {
            Heard::Fix(position) => self.take_fix(wall, *position),
            Heard::NoFix => {
                if !self.receiver.lost {
                    self.receiver.lost = true;
                    self.touch();
                }
            }
        }
    }

    /// Where the vehicle is, as far as known.
    pub fn last_place(&self) -> Option<Wgs84> {
        self.receiver.last.as_ref().map(|position| Wgs84 {
            longitude_deg: position.longitude_deg,
            latitude_deg: position.latitude_deg,
        })
    }

    fn take_fix(&mut self, wall: Instant, mut position: Position) {
        self.clock.discipline(ClockSource::Gnss, wall, position.fix_time_unix_ms);
        self.position_seq += 1;
        position.boot = self.spool.boot();
        position.seq = self.position_seq;
        position.moving = f64::from(position.speed_kmh) > DRIVING_KMH;
        position.on_task = self.on_task();
        let fix = Fix::from(&position);
        self.receiver = Receiver { last: Some(position), heard_wall: Some(wall), lost: false };
        self.watch_orders(&fix);
        self.touch();
        let interval = self.position_interval().saturating_sub(EARLY);
        if self.last_position_wall.is_some_and(|last| wall.duration_since(last) < interval) {
            return;
        }
        self.last_position_wall = Some(wall);
        if self.link == LinkState::Connected {
            if self.recent.len() == RECENT_MAX {
                self.recent.pop_front();
            }
            self.recent.push_back((wall, position));
            self.positions.send_replace(Some(position));
        } else if let Err(error) = self.spool.keep_positions(&[position]) {
            error!(%error, "a position is lost");
        }
    }

    fn position_interval(&self) -> Duration {
        let settings = &self.settings;
        let interval_ms = if self.on_task() {
            settings.position_interval_on_task_ms
        } else if self.crew.is_empty() {
            settings.position_interval_off_duty_ms
        } else {
            settings.position_interval_standby_ms
        };
        Duration::from_millis(u64::from(interval_ms))
    }

    fn watch_orders(&mut self, fix: &Fix) {
        let proved: Vec<(usize, Evidence)> = self
            .orders
            .iter_mut()
            .enumerate()
            .filter(|(_, held)| held.record.end.is_none())
            .filter_map(|(index, held)| Some((index, held.watch.observe(fix)?)))
            .collect();
        for (index, evidence) in proved {
            if let Err(error) = self.report_motion(index, evidence) {
                error!(%error, "evidence of motion is lost");
            }
        }
    }

    fn report_motion(&mut self, index: usize, evidence: Evidence) -> Result<(), SpoolError> {
        let assignment_id = self.orders[index].order().assignment_id.clone();
        info!(assignment_id, stage = ?evidence.stage, "proved by motion");
        let stage = StageReport { assignment_id, stage: evidence.stage.into() };
        let report =
            self.new_report(evidence.at_unix_ms, ReportSource::Motion, report::Content::Stage(stage));
        let held = &mut self.orders[index];
        held.mark(evidence.stage, evidence.at_unix_ms, MarkSource::Motion, Some((report.boot, report.seq)));
        let change = Change { report: Some(report), order: Some(held.row()), ..Change::default() };
        self.store(change)
    }

    /// The centre has not answered since `last_heard`: what was sent after that is kept, to be sent as history.
    pub fn link_went_silent(&mut self, last_heard: Instant) {
        self.set_link(LinkState::Connecting);
        let unheard: Vec<Position> = self
            .recent
            .drain(..)
            .filter(|(sent, _)| *sent > last_heard)
            .map(|(_, position)| position)
            .collect();
        if !unheard.is_empty()
            && let Err(error) = self.spool.keep_positions(&unheard)
        {
            error!(%error, "positions are lost");
        }
    }

    /// Positions of a dead zone to send as history, and the number to forget them by.
    pub fn history(&self, count_max: usize) -> Result<Option<(i64, Vec<Position>)>, SpoolError> {
        self.spool.oldest_positions(count_max)
    }

    /// The centre has that history.
    pub fn history_acknowledged(&mut self, upto: i64) -> Result<(), SpoolError> {
        self.spool.forget_positions(upto)?;
        self.touch();
        Ok(())
    }

    /// (waiting, dropped) positions of dead zones.
    pub fn positions_kept(&self) -> (u64, u64) {
        (self.spool.positions_waiting().unwrap_or(0), self.spool.positions_dropped())
    }
}
