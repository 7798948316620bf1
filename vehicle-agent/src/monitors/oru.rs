//! HL7 v2: what an observation message (ORU^R01) says of vital signs, and the answer that it gets. The values are known by their LOINC
//! codes, and by the codes of IEEE 11073 that monitors' gateways use (`MDC_…`); what has neither is passed over.

use hl7_parser::Message;
use hl7_parser::message::Segment;
use link::v1::{Vitals, VitalsQuality, VitalsSource};
use thiserror::Error;

use super::{Reading, encapsulated};

/// A message that nothing can be made of.
#[derive(Debug, Error, PartialEq, Eq)]
pub(super) enum BadMessage {
    /// No HL7 v2, or it has no MSH.
    #[error("not an HL7 v2 message: {0}")]
    Unreadable(String),
    /// Of another kind.
    #[error("a message {0}; only ORU^R01 is taken here")]
    OtherKind(String),
    /// It measured nothing that is known here.
    #[error("no value that is known here")]
    NoValue,
}

/// What a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sign {
    HeartRate,
    Systolic,
    Diastolic,
    Spo2,
    Respiration,
    Temperature,
    Etco2,
    Glucose,
}

/// LOINC first, then the names and numbers of IEEE 11073-10101.
const CODES: [(Sign, &[&str]); 8] = [
    (
        Sign::HeartRate,
        &["8867-4", "8889-8", "MDC_ECG_HEART_RATE", "147842", "MDC_PULS_OXIM_PULS_RATE", "149530"],
    ),
    (Sign::Systolic, &["8480-6", "MDC_PRESS_BLD_NONINV_SYS", "150021", "MDC_PRESS_CUFF_SYS", "150301"]),
    (Sign::Diastolic, &["8462-4", "MDC_PRESS_BLD_NONINV_DIA", "150022", "MDC_PRESS_CUFF_DIA", "150302"]),
    (Sign::Spo2, &["59408-5", "2708-6", "MDC_PULS_OXIM_SAT_O2", "150456"]),
    (Sign::Respiration, &["9279-1", "MDC_RESP_RATE", "151562", "MDC_TTHOR_RESP_RATE", "151578"]),
    (Sign::Temperature, &["8310-5", "MDC_TEMP", "150344", "MDC_TEMP_BODY", "150364"]),
    (Sign::Etco2, &["19889-5", "MDC_CONC_AWAY_CO2_ET", "151708", "MDC_AWAY_CO2_ET", "151868"]),
    (Sign::Glucose, &["15074-8", "2339-0", "MDC_CONC_GLU_GEN", "160184"]),
];

/// A message of a monitor: what it measured.
pub(super) fn reading(message: &Message<'_>) -> Result<Reading, BadMessage> {
    let msh = message.segment("MSH").ok_or_else(|| BadMessage::Unreadable("it has no MSH".into()))?;
    let kind = msh.field(9).map_or("", hl7_parser::message::Field::raw_value);
    if !kind.starts_with("ORU^R01") {
        return Err(BadMessage::OtherKind(kind.chars().take(20).collect()));
    }
    let device = device(message, msh);
    let mut vitals =
        Vitals { source: VitalsSource::Monitor.into(), device: device.clone(), ..Vitals::default() };
    let (mut known, mut files) = (false, Vec::new());
    for segment in message.segments().filter(|segment| segment.name == "OBX") {
        known |= take(segment, &mut vitals);
        files.extend(encapsulated::file(segment));
    }
    if !known && files.is_empty() {
        return Err(BadMessage::NoValue);
    }
    Ok(Reading { device, vitals: known.then_some(vitals), files })
}

/// One line of the message. `true`: its value was taken.
fn take(obx: &Segment<'_>, vitals: &mut Vitals) -> bool {
    let text = |field: usize| obx.field(field).map_or("", |field| field.raw_value()).trim();
    let Some(sign) = sign_of(text(3)) else { return false };
    let Ok(value) = text(5).parse::<f32>() else { return false };
    let Some(value) = in_our_unit(sign, value, text(6).split('^').next().unwrap_or_default()) else {
        return false;
    };
    let mut with = vitals.clone();
    with.set(sign, value);
    // What no patient has is the device's fault: the others of the message are good.
    let taken = link::patient::check_vitals(&with).is_ok();
    if taken {
        *vitals = with;
        // OBX-8 names what the device thinks of the value; OBX-11 whether it stands.
        if text(8).split('~').any(|flag| matches!(flag, "QUES" | "INV" | "LEADSOFF")) || text(11) == "X" {
            vitals.quality = VitalsQuality::Doubtful.into();
        }
    }
    taken
}

/// By any of the names in the field: `8867-4^Heart rate^LN`, `147842^MDC_ECG_HEART_RATE^MDC^8867-4^^LN`.
fn sign_of(observed: &str) -> Option<Sign> {
    let is = |codes: &[&str]| observed.split(['^', '~']).any(|part| codes.contains(&part));
    CODES.iter().find(|(_, codes)| is(codes)).map(|(sign, _)| *sign)
}

/// Brought to the unit of the link. `None`: a unit that is unknown here, so that nothing is guessed.
fn in_our_unit(sign: Sign, value: f32, unit: &str) -> Option<f32> {
    const MMHG_PER_KPA: f32 = 7.500_62;
    const MG_DL_PER_MMOL_L: f32 = 18.016;
    let plain = |known: &[&str]| (unit.is_empty() || known.contains(&unit)).then_some(value);
    match sign {
        Sign::HeartRate | Sign::Respiration => plain(&[
            "/min",
            "{beats}/min",
            "{breaths}/min",
            "bpm",
            "1/min",
            "MDC_DIM_BEAT_PER_MIN",
            "MDC_DIM_RESP_PER_MIN",
            "264864",
            "264928",
        ]),
        Sign::Spo2 => plain(&["%", "MDC_DIM_PERCENT", "262688"]),
        Sign::Systolic | Sign::Diastolic | Sign::Etco2 => match unit {
            "kPa" | "kPa(a)" | "MDC_DIM_KILO_PASCAL" | "265987" => Some(value * MMHG_PER_KPA),
            _ => plain(&["mm[Hg]", "mmHg", "mm(hg)", "MDC_DIM_MMHG", "266016"]),
        },
        Sign::Temperature => match unit {
            "[degF]" | "degF" | "MDC_DIM_FAHR" | "266560" => Some((value - 32.0) / 1.8),
            _ => plain(&["Cel", "cel", "degC", "MDC_DIM_DEGC", "268192"]),
        },
        Sign::Glucose => match unit {
            "mg/dL" | "mg/dl" | "MDC_DIM_MILLI_G_PER_DL" | "264274" => Some(value / MG_DL_PER_MMOL_L),
            _ => plain(&["mmol/L", "mmol/l", "MDC_DIM_MILLI_MOLE_PER_L", "266866"]),
        },
    }
}

/// The device by its own name (OBX-18), or the program that sends (MSH-3).
fn device(message: &Message<'_>, msh: &Segment<'_>) -> String {
    let first = |text: &str| text.split(['^', '~', '&']).next().unwrap_or_default().trim().to_owned();
    let named = message
        .segments()
        .filter(|segment| segment.name == "OBX")
        .filter_map(|segment| segment.field(18))
        .map(|field| first(field.raw_value()))
        .find(|name| !name.is_empty());
    let name =
        named.unwrap_or_else(|| msh.field(3).map(|field| first(field.raw_value())).unwrap_or_default());
    name.chars().filter(|c| !c.is_control()).take(link::patient::PATIENT_NAME_CHARS_MAX).collect()
}

trait Set {
    fn set(&mut self, sign: Sign, value: f32);
}

impl Set for Vitals {
    fn set(&mut self, sign: Sign, value: f32) {
        // Below zero there is nothing to count; the check that follows refuses what is too large.
        let whole = if (0.0..1_000.0).contains(&value) { value.round() as u32 } else { u32::MAX };
        match sign {
            Sign::HeartRate => self.heart_rate_per_min = Some(whole),
            Sign::Systolic => self.systolic_mmhg = Some(whole),
            Sign::Diastolic => self.diastolic_mmhg = Some(whole),
            Sign::Spo2 => self.spo2_percent = Some(whole),
            Sign::Respiration => self.respiration_per_min = Some(whole),
            Sign::Temperature => self.temperature_c = Some(value),
            Sign::Etco2 => self.etco2_mmhg = Some(whole),
            Sign::Glucose => self.glucose_mmol_l = Some(value),
        }
    }
}

/// The answer to a message: taken (`AA`), not of use here (`AR`), or to be sent again (`AE`).
pub(super) fn answer(message: Option<&Message<'_>>, code: &str, text: &str, now: jiff::Timestamp) -> String {
    let msh = message.and_then(|message| message.segment("MSH"));
    let field = |number: usize| {
        let raw = msh.and_then(|msh| msh.field(number)).map_or("", |field| field.raw_value());
        raw.chars().take(ANSWERED_CHARS_MAX).collect::<String>()
    };
    let stamp = now.strftime("%Y%m%d%H%M%S");
    let (sender, place, control, version) = (field(3), field(4), field(10), field(12));
    let version = if version.is_empty() { "2.6" } else { version.as_str() };
    let text: String = text.chars().filter(|c| !"|^~\\&\r\n".contains(*c)).collect();
    format!(
        "MSH|^~\\&|JICHI|VEHICLE|{sender}|{place}|{stamp}||ACK^R01|{control}|P|{version}||||||UNICODE UTF-8\rMSA|{code}|{control}|{text}\r"
    )
}

const ANSWERED_CHARS_MAX: usize = 80;

#[cfg(test)]
mod tests {
    use super::*;

    fn read(lines: &[&str]) -> Result<Reading, BadMessage> {
        let text = lines.join("\r");
        reading(&Message::parse(&text).unwrap())
    }

    const MSH: &str = "MSH|^~\\&|GATEWAY|A12|JICHI||20261121130417||ORU^R01^ORU_R01|77|P|2.6";

    #[test]
    fn values_are_known_by_either_code_and_brought_to_our_units() {
        let read = read(&[
            MSH,
            "PID|1||||张^伟",
            "OBX|1|NM|147842^MDC_ECG_HEART_RATE^MDC|1.1|112|264864^MDC_DIM_BEAT_PER_MIN^MDC|||||F|||||||M-7^MON",
            "OBX|2|NM|8480-6^Systolic^LN||13.3|kPa|||||F",
            "OBX|3|NM|8462-4^Diastolic^LN||80|mm[Hg]|||||F",
            "OBX|4|NM|59408-5^SpO2^LN||93|%|||||F",
            "OBX|5|NM|8310-5^Temp^LN||98.6|[degF]|||||F",
            "OBX|6|NM|2339-0^Glucose^LN||99|mg/dL|||||F",
            "OBX|7|NM|9279-1^Resp^LN||18|/min|||||F",
            "OBX|8|NM|19889-5^EtCO2^LN||38|mmHg|||||F",
            "OBX|9|NM|0000-0^Something^LN||7||||||F",
        ])
        .unwrap();
        assert_eq!(read.device, "M-7");
        let it = read.vitals.unwrap();
        assert_eq!(
            (it.heart_rate_per_min, it.systolic_mmhg, it.diastolic_mmhg),
            (Some(112), Some(100), Some(80))
        );
        assert_eq!((it.spo2_percent, it.respiration_per_min, it.etco2_mmhg), (Some(93), Some(18), Some(38)));
        assert!(
            (it.temperature_c.unwrap() - 37.0).abs() < 0.01
                && (it.glucose_mmol_l.unwrap() - 5.495).abs() < 0.01
        );
        assert_eq!((it.source(), it.quality()), (VitalsSource::Monitor, VitalsQuality::Unspecified));
    }

    #[test]
    fn a_bad_value_is_left_out_and_a_doubtful_one_marked() {
        let it = read(&[
            MSH,
            "OBX|1|NM|8867-4^HR^LN||80|/min||QUES|||F",
            "OBX|2|NM|59408-5^SpO2^LN||127|%|||||F",
            "OBX|3|NM|8310-5^Temp^LN||37|furlong|||||F",
            "OBX|4|NM|8480-6^Systolic^LN||---|mm[Hg]|||||F",
            "OBX|5|NM|9279-1^Resp^LN||-4|/min|||||F",
        ])
        .unwrap()
        .vitals
        .unwrap();
        let values = (
            it.heart_rate_per_min,
            it.spo2_percent,
            it.temperature_c,
            it.systolic_mmhg,
            it.respiration_per_min,
        );
        assert_eq!(values, (Some(80), None, None, None, None));
        assert_eq!(it.quality(), VitalsQuality::Doubtful);
    }

    #[test]
    fn an_ecg_comes_along_or_alone() {
        let ecg =
            "OBX|1|ED|11524-6^EKG study^LN||GATEWAY^text^xml^Base64^PEFubm90YXRlZEVDRy8+||||||F|||||||M-7";
        let read_one = read(&[MSH, ecg]).unwrap();
        assert_eq!((read_one.vitals, read_one.device.as_str()), (None, "M-7"));
        assert_eq!(read_one.files[0].media_type, "application/xml");
        assert_eq!(read_one.files[0].content, b"<AnnotatedECG/>");
        let both = read(&[MSH, ecg, "OBX|2|NM|8867-4^HR^LN||80|/min|||||F"]).unwrap();
        assert_eq!((both.vitals.unwrap().heart_rate_per_min, both.files.len()), (Some(80), 1));
    }

    #[test]
    fn what_is_no_reading_is_said_in_words() {
        assert_eq!(read(&[MSH, "OBX|1|NM|8867-4||x|/min"]), Err(BadMessage::NoValue));
        let admit = "MSH|^~\\&|A|B|C||20261121||ADT^A04|77|P|2.6";
        assert_eq!(read(&[admit]), Err(BadMessage::OtherKind("ADT^A04".into())));
    }

    #[test]
    fn an_answer_names_the_message() {
        let message = Message::parse(MSH).unwrap();
        let now = "2026-11-21T13:04:17Z".parse().unwrap();
        let told = answer(Some(&message), "AA", "", now);
        assert!(
            told.starts_with("MSH|^~\\&|JICHI|VEHICLE|GATEWAY|A12|20261121130417||ACK^R01|77|P|2.6"),
            "{told}"
        );
        assert!(told.ends_with("\rMSA|AA|77|\r"), "{told}");
        assert!(answer(None, "AR", "a|b", now).ends_with("\rMSA|AR||ab\r"));
    }
}
