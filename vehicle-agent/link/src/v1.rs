//! The messages of version 1, generated from `proto/jichi/link/v1/`. They never change.

#![allow(missing_docs, reason = "the generated code carries the comments of the .proto file")]

use std::fmt;

#[allow(clippy::pedantic, clippy::large_enum_variant, reason = "generated")]
mod generated {
    include!(concat!(env!("OUT_DIR"), "/jichi.link.v1.rs"));
}

pub use generated::*;

impl fmt::Debug for Order {
    /// Without the caller's number and what was said of the patient.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Order")
            .field("assignment_id", &self.assignment_id)
            .field("incident_number", &self.incident_number)
            .field("level", &self.level())
            .field("ordered_at_unix_ms", &self.ordered_at_unix_ms)
            .field("test", &self.test)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for CrewSignOn {
    /// Without the person's name.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("CrewSignOn").field("role", &self.role()).finish_non_exhaustive()
    }
}

impl fmt::Debug for CrewSignOff {
    /// Without the person's name.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("CrewSignOff").field("role", &self.role()).finish_non_exhaustive()
    }
}

impl fmt::Debug for Findings {
    /// Without the patient's name and what was found.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Findings").field("severity", &self.severity()).finish_non_exhaustive()
    }
}

impl fmt::Debug for FilePart {
    /// Without the piece itself.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = formatter.debug_struct("FilePart");
        shown.field("file_id", &self.file_id).field("offset", &self.offset).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_callers_number_is_not_printed() {
        let order = Order {
            caller_phone: "13800000000".into(),
            patient: "58 岁 男".into(),
            notes: "秘密".into(),
            ..Order::default()
        };
        let delivery = Delivery { content: Some(delivery::Content::Order(order)), ..Delivery::default() };
        let printed = format!("{delivery:?}");
        assert!(
            !printed.contains("138") && !printed.contains("58 岁") && !printed.contains("秘密"),
            "{printed}"
        );
    }

    #[test]
    fn what_was_found_of_a_patient_is_not_printed() {
        let findings = Findings { name: "张伟".into(), history: "秘密".into(), ..Findings::default() };
        let content = Some(patient_report::Content::Findings(findings));
        let printed = format!("{:?}", PatientReport { content, ..PatientReport::default() });
        assert!(!printed.contains("张") && !printed.contains("秘密"), "{printed}");
    }
}
