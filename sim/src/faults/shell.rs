//! What a node wants done, done: the part that the server's shell has in production.

use std::sync::Arc;

use dispatch_core::leadership::{Ask, Input, Output, Position, Quarantined, Said, State};

use super::aside::Aside;
use super::site::{Process, Row};
use super::wire::Parcel;
use super::world::World;
use crate::check::Broken;

impl World {
    /// Carries a node's outputs out, in order. `bodies` are the events that came along with the input.
    pub(super) fn perform(&mut self, at: usize, out: Vec<Output>, bodies: &[Row]) -> Result<(), Broken> {
        for output in out {
            match output {
                Output::Ask { sent, ask } => self.ask_postgres(at, sent, ask),
                Output::DropConnection => {
                    if let Some(process) = &mut self.sites[at].process {
                        process.connection += 1;
                    }
                }
                Output::Say { message } => self.say(at, &message),
                Output::Store { after, .. } => self.store(at, after, bodies),
                Output::Quarantine { quarantined } => self.quarantine(at, quarantined)?,
                Output::RewriteTail => self.tell(at, Input::TailRewritten, &[])?,
                Output::Lead { epoch } => {
                    self.tally.leaderships += 1;
                    self.sites[at].led = self.sites[at].led.max(epoch);
                    if let Some(process) = &mut self.sites[at].process {
                        process.leads = Some(epoch);
                    }
                    self.check(|law, world| law.led(world, at, epoch))?;
                }
                Output::Acknowledge { up_to_seq, under } => self.acknowledge(at, up_to_seq, under)?,
                Output::State { state } => {
                    self.tally.hand_overs += u64::from(state == State::HandOver);
                    self.settle_hand_over(at)?;
                }
                Output::Stop { .. } => self.end_process(at),
                Output::Declined { .. } => {}
            }
        }
        Ok(())
    }

    fn ask_postgres(&mut self, from: usize, sent: dispatch_core::leadership::Moment, ask: Ask) {
        let Some(process) = &self.sites[from].process else { return };
        let connection = process.connection;
        let bodies = match ask {
            Ask::Append { expected_seq, up_to_seq, .. } if up_to_seq >= expected_seq => {
                self.sites[from].disk[expected_seq as usize - 1..up_to_seq as usize].to_vec()
            }
            // A renewal has no events: a leader that takes over renews before its journal is as long as the table.
            Ask::Append { .. } | Ask::Look { .. } | Ask::Take { .. } => Vec::new(),
        };
        if self.weather.to_postgres[from] <= self.elapsed_us {
            let arrives_us =
                self.elapsed_us + self.postgres.slow_us / 2 + self.chance.between(200.0, 3_000.0) as u64;
            self.wire.send(arrives_us, Parcel::ToPostgres { from, connection, sent, ask, bodies });
        }
    }

    fn say(&mut self, from: usize, message: &dispatch_core::leadership::Message) {
        let to = 1 - from;
        if self.weather.to_peer[to] > self.elapsed_us || (!self.calm && self.chance.yes(0.03)) {
            return;
        }
        let bodies = match &message.said {
            Said::Tail { after, runs, .. } => {
                let up_to = runs.last().map_or(after.seq, |run| run.last_seq);
                self.sites[from].disk[after.seq as usize..up_to as usize].to_vec()
            }
            _ => Vec::new(),
        };
        let copies = if self.chance.yes(0.05) { 2 } else { 1 };
        for _ in 0..copies {
            // Now and then one is overtaken by many others.
            let late_us = if self.chance.yes(0.04) { self.chance.between(0.0, 6_000_000.0) } else { 0.0 };
            let arrives_us = self.elapsed_us + (late_us + self.chance.between(200.0, 5_000.0)) as u64;
            self.wire
                .send(arrives_us, Parcel::ToPeer { to, message: message.clone(), bodies: bodies.clone() });
        }
    }

    /// Writes what came along and is not there yet.
    fn store(&mut self, at: usize, after: Position, bodies: &[Row]) {
        let sync_us = self.elapsed_us + self.chance.between(300.0, 9_000.0) as u64;
        let Some(process) = &mut self.sites[at].process else { return };
        let missing = bodies.iter().position(|row| process.rows.last().is_some_and(|last| last.id == row.id));
        assert_eq!(process.rows.len() as u64, after.seq, "invariant: stored at the journal's end");
        for row in &bodies[missing.map_or(0, |found| found + 1)..] {
            process.take_in(row.clone());
        }
        process.writing.push_back((sync_us, process.rows.len()));
    }

    /// What has been synced is durable, and the node is told, once for each epoch.
    pub(super) fn finish_writing(&mut self, at: usize) -> Result<(), Broken> {
        let elapsed_us = self.elapsed_us;
        loop {
            let site = &mut self.sites[at];
            let Some(process) = &mut site.process else { return Ok(()) };
            let Some((_, up_to)) =
                process.writing.front().copied().filter(|(sync_us, _)| *sync_us <= elapsed_us)
            else {
                break;
            };
            process.writing.pop_front();
            let from = site.disk.len();
            site.disk.extend_from_slice(&process.rows[from..up_to]);
            let mut heads: Vec<Position> = Vec::new();
            for (number, row) in site.disk.iter().enumerate().skip(from) {
                let head = Position { seq: number as u64 + 1, epoch: row.epoch };
                match heads.last_mut() {
                    Some(last) if last.epoch == row.epoch => *last = head,
                    _ => heads.push(head),
                }
            }
            for head in heads {
                self.tell(at, Input::Durable { head }, &[])?;
            }
        }
        self.settle_hand_over(at)
    }

    /// A leader that hands over has nothing more to write.
    fn settle_hand_over(&mut self, at: usize) -> Result<(), Broken> {
        let quiet = |process: &Process| process.node.state() == State::HandOver && process.writing.is_empty();
        if self.sites[at].process.as_ref().is_some_and(quiet) {
            return self.tell(at, Input::Settled, &[]);
        }
        Ok(())
    }

    fn quarantine(&mut self, at: usize, quarantined: Quarantined) -> Result<(), Broken> {
        self.tally.quarantined += 1;
        let site = &mut self.sites[at];
        let moved = site.disk.split_off(quarantined.after_seq as usize);
        let (what, since_us) = (quarantined, self.elapsed_us);
        site.quarantine.push(Aside { what, rows: moved, since_us, brought_in: false });
        if let Some(process) = &mut site.process {
            process.rebuild(&site.disk);
        }
        self.check(|law, world| law.moved_aside(world, at))
    }

    fn acknowledge(&mut self, at: usize, up_to_seq: u64, under: State) -> Result<(), Broken> {
        let Some(process) = &mut self.sites[at].process else { return Ok(()) };
        let from = process.acknowledged;
        process.acknowledged = process.acknowledged.max(up_to_seq);
        let rows: Vec<(u64, Row)> =
            (from + 1..=up_to_seq).map(|seq| (seq, process.rows[seq as usize - 1].clone())).collect();
        for (seq, row) in rows {
            self.check(|law, world| law.acknowledged(world, at, seq, &row, under))?;
            if under == State::Island {
                self.tally.island += 1;
            } else {
                self.tally.acknowledged += 1;
                self.tally.by_follower += u64::from(under == State::Journal);
                self.ledger.told.insert(seq, row);
            }
        }
        Ok(())
    }

    /// Every effect behind an acknowledged event goes out, until its delivery is on record.
    pub(super) fn send_effects(&mut self, at: usize) -> Result<(), Broken> {
        let Some(process) = self.sites[at].process.as_ref().filter(|process| process.decides()) else {
            return Ok(());
        };
        let orders = process.node.orders(self.sites[at].moment(self.elapsed_us));
        let confirmed = match orders {
            dispatch_core::leadership::Orders::Freely => true,
            dispatch_core::leadership::Orders::AfterConfirmation => self.chance.yes(0.01),
            dispatch_core::leadership::Orders::No => false,
        };
        let Some(epoch) = process.leads.filter(|_| confirmed) else { return Ok(()) };
        let acknowledged = process.acknowledged;
        let owed = process.centre.record().outbox().values().filter(|effect| effect.id.seq <= acknowledged);
        let owed: Vec<_> = owed.cloned().collect();
        for effect in owed {
            if self.chance.yes(0.1) && self.weather.vehicles[at] <= self.elapsed_us {
                self.check(|law, world| law.effect_sent(world, at, &effect))?;
                let arrives_us = self.elapsed_us + self.chance.between(10_000.0, 900_000.0) as u64;
                self.wire.send(arrives_us, Parcel::ToVehicle { from: at, epoch, effect });
            }
        }
        Ok(())
    }
}

/// Whether two rows are the same event.
pub(super) fn same(one: &Row, other: &Row) -> bool {
    one.id == other.id && Arc::ptr_eq(&one.event, &other.event)
}
