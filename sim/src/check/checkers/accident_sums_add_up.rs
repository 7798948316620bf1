//! The sum of casualties, units and beds of an accident always adds up, and nobody waits where nobody will be sent.

use std::collections::BTreeMap;

use dispatch_core::Fact;
use dispatch_core::accident::{Accident, AccidentChange, AccidentTable, COLOURS};
use dispatch_core::ids::AccidentId;

use super::{Checker, View};

/// See the file. It counts for itself what the journal says was found.
#[derive(Debug, Default)]
pub struct AccidentSumsAddUp {
    found: BTreeMap<AccidentId, usize>,
}

impl Checker for AccidentSumsAddUp {
    fn name(&self) -> &'static str {
        "accident_sums_add_up"
    }

    fn event(&mut self, view: &View<'_>) -> Result<(), String> {
        let Some(Fact::AccidentChanged { accident, change }) = view.journal.last().map(|event| &event.fact)
        else {
            return Ok(());
        };
        let found = self.found.entry(*accident).or_default();
        match change.as_ref() {
            AccidentChange::Found { count, .. } => *found += usize::from(*count),
            AccidentChange::Struck { casualties } => *found -= casualties.len(),
            _ => {}
        }
        Ok(())
    }

    fn moment(&mut self, view: &View<'_>) -> Result<(), String> {
        let record = view.centre.record();
        for it in record.accidents().values() {
            let table = AccidentTable::of(record, it);
            let found = self.found.get(&it.id).copied().unwrap_or(0);
            adds_up(it, &table, found).map_err(|how| format!("accident {}: {how}", it.number))?;
            let forgotten = it.casualties.iter().find(|casualty| {
                let open = view.reference.incidents.get(&casualty.scene).is_some_and(|row| row.open);
                it.is_open() && casualty.is_waiting() && !open
            });
            if let Some(casualty) = forgotten {
                return Err(format!(
                    "accident {}: casualty {} waits where nobody is sent",
                    it.number, casualty.tag
                ));
            }
        }
        Ok(())
    }

    fn restarted(&mut self, view: &View<'_>) -> Result<(), String> {
        // What was not durable never was.
        self.found.clear();
        for number in 0..view.journal.len() {
            self.event(&View { journal: &view.journal[..=number], ..*view })?;
        }
        Ok(())
    }
}

fn adds_up(it: &Accident, table: &AccidentTable, found: usize) -> Result<(), String> {
    let counted: usize = table.colours.iter().map(|row| row.found).sum();
    if (counted, it.casualties.len()) != (found, found) {
        return Err(format!("{counted} in the table, {} entries, {found} were found", it.casualties.len()));
    }
    for row in &table.colours {
        let parts = row.without_bed + row.with_bed + row.aboard + row.at_hospital + row.released;
        if parts != row.found {
            return Err(format!("{:?}: {parts} in places, {} found", row.colour, row.found));
        }
    }
    for row in &table.hospitals {
        for colour in COLOURS {
            let (offered, given, free) = (row.offered.of(colour), row.given.of(colour), row.free.of(colour));
            if offered != given + free {
                return Err(format!(
                    "{} {colour:?}: {offered} offered, {given} given, {free} free",
                    row.hospital
                ));
            }
        }
    }
    let kept: usize = table.hospitals.iter().map(|row| row.given.total()).sum();
    let holding = it.casualties.iter().filter(|casualty| casualty.bed.is_some()).count();
    if kept != holding {
        return Err(format!("{kept} beds are given, {holding} casualties have one"));
    }
    match table.scenes.iter().find(|row| row.sent != row.on_way + row.on_scene + row.conveyed) {
        Some(row) => Err(format!("the units of {} do not add up: {row:?}", row.incident)),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::checkers::broken::Broken;

    #[test]
    fn a_casualty_who_is_in_the_table_and_was_never_found_is_found_out() {
        let mut history = Broken::with_one_incident();
        let mut checker = AccidentSumsAddUp::default();
        history.declare_an_accident();
        assert_eq!(history.judge(&mut checker), Ok(()));
        history.count_two_and_forget_the_event();
        assert!(history.judge(&mut checker).unwrap_err().contains("2 in the table"));
    }
}
