//! HL7's minimal lower layer: a message between two marks on a TCP connection, and an answer for each. The monitor, or its gateway, connects
//! to us. Three bytes of framing with a bound on what lies between them: the codecs at hand keep whatever comes until a mark does.

use std::time::Duration;

use hl7_parser::Message;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tracing::{debug, info, warn};

use super::Reading;
use super::oru;

const BEGIN: u8 = 0x0b;
const END: [u8; 2] = [0x1c, 0x0d];
/// A reading has some kilobytes, an ECG with it a megabyte.
const MESSAGE_BYTES_MAX: usize = 4 * 1024 * 1024;
/// Monitors that may be connected at once.
const CONNECTIONS_MAX: usize = 8;
/// A monitor says something every second or minute; longer than this it is unplugged.
const SILENT_AFTER: Duration = Duration::from_mins(5);
const RETRY_AFTER: Duration = Duration::from_secs(5);

/// Listens for ever.
pub(super) async fn listen(address: &str, heard: impl FnMut(Reading) -> bool + Clone + Send + 'static) {
    let listener = loop {
        match TcpListener::bind(address).await {
            Ok(listener) => break listener,
            Err(error) => warn!(%address, %error, "monitors cannot be listened to; trying again"),
        }
        sleep(RETRY_AFTER).await;
    };
    info!(%address, "monitors are listened to");
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, from)) if connections.len() < CONNECTIONS_MAX => {
                    info!(%from, "monitor connected");
                    let heard = heard.clone();
                    connections.spawn(async move {
                        let reason = serve(stream, heard).await;
                        info!(%from, reason, "monitor gone");
                    });
                }
                Ok((_, from)) => warn!(%from, "too many monitors: at most {CONNECTIONS_MAX} at once"),
                Err(error) => {
                    warn!(%error, "a monitor could not be let in");
                    sleep(RETRY_AFTER).await;
                }
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn serve(mut stream: TcpStream, mut heard: impl FnMut(Reading) -> bool) -> String {
    let (mut inbox, mut chunk) = (Inbox::default(), [0_u8; 16 * 1024]);
    loop {
        while let Some(message) = inbox.next_message() {
            let told = answer(&message, &mut heard);
            if let Err(error) = stream.write_all(&framed(&told)).await {
                return error.to_string();
            }
        }
        if inbox.bytes.len() > MESSAGE_BYTES_MAX {
            return format!("a message of more than {MESSAGE_BYTES_MAX} bytes");
        }
        match timeout(SILENT_AFTER, stream.read(&mut chunk)).await {
            Err(_) => return format!("silent for {} s", SILENT_AFTER.as_secs()),
            Ok(Ok(0)) => return "closed".into(),
            Ok(Ok(count)) => inbox.bytes.extend_from_slice(&chunk[..count]),
            Ok(Err(error)) => return error.to_string(),
        }
    }
}

/// What came and was not looked at.
#[derive(Default)]
struct Inbox {
    bytes: Vec<u8>,
    /// Up to here there is no end of a message.
    searched: usize,
}

impl Inbox {
    /// Takes the next whole message out; what stands before its mark is passed over.
    fn next_message(&mut self) -> Option<Vec<u8>> {
        let Some(begin) = self.bytes.iter().position(|byte| *byte == BEGIN) else {
            self.bytes.clear();
            return None;
        };
        if begin > 0 {
            self.bytes.drain(..begin);
            self.searched = 0;
        }
        let Some(end) = self.bytes[self.searched..].windows(END.len()).position(|two| two == END) else {
            self.searched = self.bytes.len().saturating_sub(1);
            return None;
        };
        let end = self.searched + end;
        let message = self.bytes[1..end].to_vec();
        self.bytes.drain(..end + END.len());
        self.searched = 0;
        Some(message)
    }
}

fn answer(bytes: &[u8], heard: &mut impl FnMut(Reading) -> bool) -> String {
    let now = jiff::Timestamp::now();
    let text = String::from_utf8_lossy(bytes);
    // Some gateways end lines as text files do.
    let message = match Message::parse_with_lenient_newlines(text.trim_end(), true) {
        Ok(message) => message,
        Err(error) => {
            debug!(%error, "a monitor's message cannot be read");
            return oru::answer(None, "AR", "not an HL7 v2 message", now);
        }
    };
    match oru::reading(&message) {
        Ok(reading) => {
            let (code, text) = if heard(reading) { ("AA", "") } else { ("AE", "cannot be kept now") };
            oru::answer(Some(&message), code, text, now)
        }
        Err(problem) => {
            debug!(%problem, "a monitor's message is of no use");
            oru::answer(Some(&message), "AR", &problem.to_string(), now)
        }
    }
}

fn framed(message: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(message.len() + 1 + END.len());
    bytes.push(BEGIN);
    bytes.extend_from_slice(message.as_bytes());
    bytes.extend_from_slice(&END);
    bytes
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const MESSAGE: &str = "MSH|^~\\&|G|A||| ||ORU^R01|7|P|2.6\rOBX|1|NM|8867-4^HR^LN||80|/min|||||F";

    #[test]
    fn messages_are_cut_out_of_any_pieces() {
        let mut stream = b"noise".to_vec();
        stream.extend(framed("one"));
        stream.extend(framed("two"));
        for cut in 1..7 {
            let (mut inbox, mut got) = (Inbox::default(), Vec::new());
            for piece in stream.chunks(cut) {
                inbox.bytes.extend_from_slice(piece);
                while let Some(message) = inbox.next_message() {
                    got.push(String::from_utf8(message).unwrap());
                }
            }
            assert_eq!((got, inbox.bytes.len()), (vec!["one".to_owned(), "two".to_owned()], 0), "cut {cut}");
        }
    }

    #[test]
    fn each_message_is_answered_by_what_became_of_it() {
        let mut readings = Vec::new();
        let mut answered = |text: &str, keeps: bool| {
            let told = answer(text.as_bytes(), &mut |reading| {
                readings.push(reading);
                keeps
            });
            told.split("MSA|").nth(1).unwrap().split('|').next().unwrap().to_owned()
        };
        assert_eq!(answered(MESSAGE, true), "AA");
        assert_eq!(answered(&MESSAGE.replace('\r', "\r\n"), true), "AA");
        assert_eq!(answered(MESSAGE, false), "AE");
        assert_eq!(answered("hello", true), "AR");
        assert_eq!(answered(&MESSAGE.replace("ORU^R01", "ADT^A04"), true), "AR");
        assert_eq!(readings.len(), 3);
        assert_eq!(readings[0].vitals.as_ref().unwrap().heart_rate_per_min, Some(80));
    }

    proptest! {
        /// Whatever a device on the vehicle's network sends: bounded, answered or passed over.
        #[test]
        fn any_bytes_end_in_an_answer(
            noise in prop::collection::vec(any::<u8>(), 0..300),
            fields in prop::collection::vec("[ -~]{0,12}", 0..20),
            value in prop::sample::select(vec!["NM|8867-4||", "ED|11524-6||G^text^xml^Base64^", "ED|||^^"]),
        ) {
            let mut stream = noise.clone();
            stream.extend(framed(&String::from_utf8_lossy(&noise)));
            let told = format!("MSH|^~\\&|G|A||| ||ORU^R01|7|P|2.6\rOBX|1|{value}{}", fields.join("|"));
            stream.extend(framed(&told));
            let mut inbox = Inbox { bytes: stream, searched: 0 };
            let mut answers = 0;
            while let Some(message) = inbox.next_message() {
                let answer = answer(&message, &mut |_| true);
                prop_assert!(answer.starts_with("MSH|") && answer.contains("\rMSA|A"));
                answers += 1;
            }
            prop_assert!(answers >= 1);
        }
    }
}
