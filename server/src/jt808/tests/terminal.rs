//! A terminal for the tests: it writes frames of 2019 from the standard's words, and reads what it is answered.

use std::collections::VecDeque;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::super::codec::{Deframer, Edition, Header, Phone, enclose};
use super::{Door, WITHIN};

pub(super) struct TestTerminal {
    stream: Option<TcpStream>,
    phone: Phone,
    serial: u16,
    deframer: Deframer,
    heard: VecDeque<(Header, Vec<u8>)>,
}

/// Seconds from now, as six bytes of Beijing's time.
pub(super) fn away(seconds: i64) -> [u8; 6] {
    let at = jiff::Timestamp::now().as_second() + seconds + 8 * 3_600;
    let text = jiff::Timestamp::from_second(at).unwrap().strftime("%y%m%d%H%M%S").to_string();
    let digits: Vec<u8> = text.bytes().map(|digit| digit - b'0').collect();
    [0, 1, 2, 3, 4, 5].map(|place| digits[2 * place] << 4 | digits[2 * place + 1])
}

/// The body of a position with a fix, in the north-east, at 36 km/h to the east, with a mileage.
pub(super) fn position(time: [u8; 6], longitude: f64, latitude: f64) -> Vec<u8> {
    let micro = |degrees: f64| ((degrees * 1e6).round() as u32).to_be_bytes();
    let mut body = [0, 0, 0, 0, 0, 0, 0, 3].to_vec();
    body.extend(micro(latitude));
    body.extend(micro(longitude));
    body.extend([0, 30, 1, 0x68, 0, 90]);
    body.extend(time);
    body.extend([0x01, 4, 0, 0, 0x30, 0x39]);
    body
}

impl TestTerminal {
    pub(super) async fn connect(door: &Door, phone: &str) -> Self {
        let stream = TcpStream::connect(door.address).await.unwrap();
        let phone = Phone::parse(phone).unwrap();
        Self {
            stream: Some(stream),
            phone,
            serial: 65_530,
            deframer: Deframer::default(),
            heard: VecDeque::new(),
        }
    }

    /// One that has shown its code.
    pub(super) async fn known(door: &Door, phone: &str, code: &[u8]) -> Self {
        let mut terminal = Self::connect(door, phone).await;
        assert_eq!(terminal.show(code).await, 0);
        terminal
    }

    pub(super) async fn raw(&mut self, bytes: &[u8]) {
        self.stream.as_mut().unwrap().write_all(bytes).await.unwrap();
    }

    pub(super) async fn say(&mut self, id: u16, body: &[u8]) {
        self.send(self.phone, id, None, body).await;
    }

    pub(super) async fn say_as(&mut self, phone: &str, id: u16, body: &[u8]) {
        self.send(Phone::parse(phone).unwrap(), id, None, body).await;
    }

    /// Positions kept while there was no network, in packets.
    pub(super) async fn say_batch(&mut self, positions: &[Vec<u8>]) {
        let mut body = (positions.len() as u16).to_be_bytes().to_vec();
        body.push(1);
        for position in positions {
            body.extend((position.len() as u16).to_be_bytes());
            body.extend(position);
        }
        let total = body.chunks(700).count() as u16;
        for (place, piece) in body.chunks(700).enumerate() {
            self.send(self.phone, 0x0704, Some((total, place as u16 + 1)), piece).await;
            while self.answer().await != (0x0704, 0) {}
        }
    }

    /// What became of it, and the code that it was given.
    pub(super) async fn register(&mut self, terminal_id: &str) -> (u8, Vec<u8>) {
        let mut body = vec![0, 42, 1, 0];
        for (text, width) in [("MAKER", 11), ("MODEL-8", 30), (terminal_id, 30)] {
            let mut field = text.as_bytes().to_vec();
            field.resize(width, 0);
            body.extend(field);
        }
        body.push(1);
        body.extend([0xb6, 0xf5]);
        body.extend(b"A12345");
        self.say(0x0100, &body).await;
        let body = self.next(0x8100).await.1;
        (body[2], body[3..].to_vec())
    }

    /// Shows a code; 0 is right.
    pub(super) async fn show(&mut self, code: &[u8]) -> u8 {
        self.show_and_leave(code).await;
        let (id, result) = self.answer().await;
        assert_eq!(id, 0x0102);
        result
    }

    pub(super) async fn show_and_leave(&mut self, code: &[u8]) {
        let mut body = vec![code.len() as u8];
        body.extend_from_slice(code);
        body.extend(b"123456789012345V1.0.0\0\0\0\0\0\0\0\0\0\0\0\0\0\0");
        self.say(0x0102, &body).await;
    }

    /// Says that it did what it was told.
    pub(super) async fn answer_to(&mut self, id: u16, serial: u16) {
        let mut body = serial.to_be_bytes().to_vec();
        body.extend(id.to_be_bytes());
        body.push(0);
        self.say(0x0001, &body).await;
    }

    /// The next general answer: to which kind, and what became of it.
    pub(super) async fn answer(&mut self) -> (u16, u8) {
        let body = self.next(0x8001).await.1;
        (u16::from_be_bytes([body[2], body[3]]), body[4])
    }

    /// The next text: its number and words.
    pub(super) async fn text(&mut self) -> (u16, String) {
        let (header, body) = self.next(0x8300).await;
        (header.serial, encoding_rs::GBK.decode(&body[2..]).0.into_owned())
    }

    /// Whether the centre ends the connection.
    pub(super) async fn is_ended(&mut self) -> bool {
        let mut bytes = [0; 1_024];
        let read = timeout(WITHIN, async {
            while let Ok(1..) = self.stream.as_mut().unwrap().read(&mut bytes).await {}
        });
        read.await.is_ok()
    }

    pub(super) fn hang_up(&mut self) {
        self.stream = None;
    }

    async fn send(&mut self, phone: Phone, id: u16, packet: Option<(u16, u16)>, body: &[u8]) {
        self.serial = self.serial.wrapping_add(1);
        let edition = Edition::Of2019 { version: 1 };
        let header = Header { id, edition, phone, serial: self.serial, packet };
        self.raw(&enclose(&header.write(body))).await;
    }

    /// The next message of a kind; those before it are passed over.
    async fn next(&mut self, id: u16) -> (Header, Vec<u8>) {
        let mut bytes = [0; 1_024];
        loop {
            while let Some((header, body)) = self.heard.pop_front() {
                if header.id == id {
                    assert_eq!((header.phone, header.edition), (self.phone, Edition::Of2019 { version: 1 }));
                    return (header, body);
                }
            }
            let stream = self.stream.as_mut().unwrap();
            let read = timeout(WITHIN, stream.read(&mut bytes)).await;
            let count = read.unwrap_or_else(|_| panic!("no {id:04x} within {WITHIN:?}")).unwrap();
            assert!(count > 0, "the connection ended before {id:04x}");
            for byte in &bytes[..count] {
                if let Some(frame) = self.deframer.push(*byte) {
                    let contents = frame.unwrap();
                    let (header, body) = Header::read(&contents).unwrap();
                    self.heard.push_back((header, body.to_vec()));
                }
            }
        }
    }
}
