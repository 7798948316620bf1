//! Files in an HL7 v2 message: an OBX of the type ED (encapsulated data) holds `source ^ type ^ subtype ^ encoding ^ data`.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hl7_parser::message::Segment;
use tracing::warn;

use super::MonitorFile;

/// The file in a line of a message, if there is one that is known here.
pub(super) fn file(obx: &Segment<'_>) -> Option<MonitorFile> {
    let text = |field: usize| obx.field(field).map_or("", |field| field.raw_value()).trim();
    if text(2) != "ED" {
        return None;
    }
    let mut parts = text(5).splitn(5, '^').skip(1);
    let (_kind, subtype, encoding) = (parts.next()?, parts.next()?, parts.next()?);
    let media_type = media_type(subtype)?;
    if !encoding.eq_ignore_ascii_case("base64") {
        warn!(encoding, "a monitor's file is written in a way unknown here");
        return None;
    }
    let mut data = parts.next()?.as_bytes().to_vec();
    data.retain(|byte| !byte.is_ascii_whitespace());
    match STANDARD.decode(data) {
        Ok(content) if !content.is_empty() => Some(MonitorFile { media_type, content }),
        Ok(_) => None,
        Err(error) => {
            warn!(%error, "a monitor's file cannot be read");
            None
        }
    }
}

fn media_type(subtype: &str) -> Option<&'static str> {
    match subtype.to_ascii_lowercase().as_str() {
        "xml" | "aecg" | "hl7-aecg" => Some("application/xml"),
        "pdf" => Some("application/pdf"),
        "dicom" => Some("application/dicom"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use hl7_parser::Message;

    use super::*;

    fn of(value: &str) -> Option<MonitorFile> {
        let text =
            format!("MSH|^~\\&|G|A||| ||ORU^R01|7|P|2.6\rOBX|1|ED|11524-6^EKG study^LN||{value}||||||F");
        let message = Message::parse(&text).unwrap();
        file(message.segment("OBX").unwrap())
    }

    #[test]
    fn only_what_is_known_and_whole_is_taken() {
        let pdf = of("G^application^PDF^Base64^JVBERi0=").unwrap();
        assert_eq!((pdf.media_type, pdf.content.as_slice()), ("application/pdf", b"%PDF-".as_slice()));
        for bad in [
            "",
            "G^application^PDF",
            "G^application^PDF^Base64^",
            "G^application^PDF^Base64^%%%",
            "G^application^PDF^Hex^25",
            "G^text^html^Base64^PGI+",
        ] {
            assert_eq!(of(bad), None, "{bad}");
        }
    }
}
