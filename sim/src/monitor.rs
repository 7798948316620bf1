//! A monitor at a patient's side, by seed: it measures a patient whose state drifts, and tells a vehicle's program over HL7 v2 and MLLP,
//! as a monitor's gateway does.

use std::io::{BufReader, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::thread::sleep;
use std::time::Duration;

use anyhow::{Context, bail};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::chance::Chance;
use crate::ecg::{self, Heart};

/// What one monitor is to do.
#[derive(Debug, Clone)]
pub struct MonitorOptions {
    /// Where the vehicle's program listens.
    pub to: SocketAddr,
    /// The same seed gives the same patient.
    pub seed: u64,
    /// Seconds between two readings.
    pub every_s: f64,
    /// End after so many readings; never when `None`.
    pub readings: Option<u64>,
    /// The device's name.
    pub device: String,
    /// With every so many readings comes an ECG of twelve leads, the first with the first; none when 0.
    pub ecg_every: u64,
}

/// A patient as a monitor sees one.
#[derive(Debug)]
struct Patient {
    chance: Chance,
    /// Name, code, unit, value, how far it goes in one step, the least and the most it gets.
    signs: [Sign; 7],
}

#[derive(Debug, Clone, Copy)]
struct Sign {
    name: &'static str,
    loinc: &'static str,
    unit: &'static str,
    value: f64,
    step: f64,
    least: f64,
    most: f64,
}

const fn sign(
    name: &'static str,
    loinc: &'static str,
    unit: &'static str,
    (value, step): (f64, f64),
    (least, most): (f64, f64),
) -> Sign {
    Sign { name, loinc, unit, value, step, least, most }
}

impl Patient {
    fn new(seed: u64) -> Self {
        let signs = [
            sign("Heart rate", "8867-4", "/min", (96.0, 3.0), (40.0, 170.0)),
            sign("Systolic pressure", "8480-6", "mm[Hg]", (118.0, 4.0), (70.0, 210.0)),
            sign("Diastolic pressure", "8462-4", "mm[Hg]", (74.0, 3.0), (40.0, 120.0)),
            sign("Oxygen saturation", "59408-5", "%", (95.0, 0.7), (80.0, 100.0)),
            sign("Respiratory rate", "9279-1", "/min", (20.0, 1.0), (8.0, 40.0)),
            sign("Body temperature", "8310-5", "Cel", (36.8, 0.05), (35.0, 40.0)),
            sign("End-tidal CO2", "19889-5", "mm[Hg]", (36.0, 1.0), (15.0, 60.0)),
        ];
        Self { chance: Chance::of(seed, "monitor", 0), signs }
    }

    fn drift(&mut self) {
        for sign in &mut self.signs {
            let by = self.chance.between(-sign.step, sign.step);
            sign.value = (sign.value + by).clamp(sign.least, sign.most);
        }
    }

    fn message(&self, device: &str, control: u64, at: jiff::Timestamp) -> String {
        let stamp = at.strftime("%Y%m%d%H%M%S");
        let mut text =
            format!("MSH|^~\\&|{device}|SIM|||{stamp}||ORU^R01^ORU_R01|{control}|P|2.6\rPID|1\rOBR|1\r");
        for (number, sign) in (1..).zip(&self.signs) {
            let Sign { name, loinc, unit, value, .. } = sign;
            let line =
                format!("OBX|{number}|NM|{loinc}^{name}^LN||{value:.1}|{unit}|||||F|||{stamp}||||{device}\r");
            text.push_str(&line);
        }
        text
    }

    /// The line of a message that holds an ECG.
    fn ecg(&self, device: &str, seed: u64, at: jiff::Timestamp) -> String {
        let heart = Heart { rate_per_min: self.signs[0].value, st_inferior_mv: 0.25 };
        let data = STANDARD.encode(ecg::annotated(seed, heart, at));
        format!("OBX|8|ED|11524-6^EKG study^LN||{device}^text^xml^Base64^{data}||||||F|||||||{device}\r")
    }
}

/// Measures and tells until told enough.
pub fn run(options: &MonitorOptions) -> anyhow::Result<()> {
    let line = TcpStream::connect(options.to)
        .with_context(|| format!("{} does not answer: is `monitor` set in vehicle.toml?", options.to))?;
    line.set_read_timeout(Some(ANSWER_WITHIN))?;
    let mut answers = BufReader::new(line.try_clone()?);
    let (mut line, mut patient) = (line, Patient::new(options.seed));
    for control in 1.. {
        patient.drift();
        let now = jiff::Timestamp::now();
        let mut message = patient.message(&options.device, control, now);
        if (control - 1).checked_rem(options.ecg_every) == Some(0) {
            message.push_str(&patient.ecg(&options.device, options.seed + control, now));
        }
        line.write_all(format!("\x0b{message}\x1c\r").as_bytes())?;
        let answer = read_answer(&mut answers).context("no answer to a reading")?;
        if !answer.contains("MSA|AA|") {
            bail!("reading {control} was not taken: {}", answer.replace('\r', " / "));
        }
        if options.readings == Some(control) {
            break;
        }
        sleep(Duration::from_secs_f64(options.every_s));
    }
    Ok(())
}

fn read_answer(from: &mut impl Read) -> std::io::Result<String> {
    let (mut bytes, mut byte) = (Vec::new(), [0_u8]);
    while !bytes.ends_with(&[0x1c, 0x0d]) {
        from.read_exact(&mut byte)?;
        bytes.push(byte[0]);
        if bytes.len() > ANSWER_BYTES_MAX {
            return Err(ErrorKind::InvalidData.into());
        }
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

const ANSWER_WITHIN: Duration = Duration::from_secs(10);
const ANSWER_BYTES_MAX: usize = 64 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_gives_the_same_patient_again() {
        let course = |seed| {
            let mut patient = Patient::new(seed);
            let mut told = Vec::new();
            for control in 0..50 {
                patient.drift();
                told.push(patient.message("M1", control, jiff::Timestamp::UNIX_EPOCH));
            }
            told
        };
        assert_eq!(course(7), course(7));
        assert_ne!(course(7), course(8));
        assert!(course(7).iter().all(|message| message.matches("\rOBX|").count() == 7));
    }
}
