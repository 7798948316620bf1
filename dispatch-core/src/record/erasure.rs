//! How an erasure changes what is in the record: the same that a record shows which was built after the keys were gone.

use std::sync::Arc;

use crate::erasure::{ERASED, Subject, blot, of_call, of_note, of_sketch};
use crate::record::Record;

impl Record {
    pub(super) fn erase(&mut self, subjects: &[Subject]) {
        for subject in subjects {
            match subject {
                Subject::Call(id) => {
                    if let Some(call) = self.call_mut(*id) {
                        of_call(call, &mut blot(ERASED));
                    }
                }
                Subject::Incident(id) => {
                    if let Some(it) = self.incident_mut(*id) {
                        of_sketch(Arc::make_mut(&mut it.sketch), &mut blot(ERASED));
                        it.version += 1;
                    }
                }
                Subject::Accident(id) => {
                    if let Some(it) = self.accidents.get_mut(id).map(Arc::make_mut) {
                        for note in it.casualties.iter_mut().filter_map(|casualty| casualty.note.as_mut()) {
                            of_note(note, &mut blot(ERASED));
                        }
                        it.version += 1;
                    }
                }
            }
        }
    }
}
