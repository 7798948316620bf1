//! A vehicle that says exactly what a test tells it to.

use std::path::Path;
use std::sync::Arc;

use link::v1::{
    Delivery, DeliveryAck, DeliveryOutcome, FromCentre, FromVehicle, Hello, Ping, Position, PositionHistory,
    RefusedCode, Report, ReportAck, StreamClass, Welcome, from_centre, from_vehicle,
};
use link::{FrameReader, decode, encode_frame};
use prost::Message;
use quinn::crypto::rustls::QuicClientConfig;
use quinn::{ClientConfig, Connection, ConnectionError, Endpoint, RecvStream, SendStream};
use rustls::RootCertStore;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::time::timeout;

use super::WITHIN;
use super::centre::Door;

pub(super) struct TestVehicle {
    pub(super) welcome: Welcome,
    connection: Connection,
    duty: Line,
    _endpoint: Endpoint,
}

/// One stream.
pub(super) struct Line {
    send: SendStream,
    receive: RecvStream,
    frames: FrameReader,
}

impl Line {
    async fn open(connection: &Connection, class: StreamClass, age: (u64, u64)) -> Option<Self> {
        let (send, receive) = connection.open_bi().await.ok()?;
        let mut line = Self { send, receive, frames: FrameReader::default() };
        let hello = Hello {
            stream_class: class.into(),
            protocol_version: 1,
            boot: age.0,
            connection: age.1,
            ..Hello::default()
        };
        let hello = FromVehicle { body: Some(from_vehicle::Body::Hello(hello)) };
        line.send.write_all(&encode_frame(&hello).unwrap()).await.ok()?;
        Some(line)
    }

    pub(super) async fn say(&mut self, body: from_vehicle::Body) {
        let frame = encode_frame(&FromVehicle { body: Some(body) }).unwrap();
        self.send.write_all(&frame).await.unwrap();
    }

    pub(super) async fn hear(&mut self) -> from_centre::Body {
        timeout(WITHIN, self.try_hear()).await.expect("the centre says something").expect("the link is open")
    }

    /// Whether the centre has finished it.
    pub(super) async fn has_ended(&mut self) -> bool {
        timeout(WITHIN, self.try_hear()).await.expect("the centre finishes the stream").is_none()
    }

    async fn try_hear(&mut self) -> Option<from_centre::Body> {
        loop {
            if let Some(body) = self.frames.next_frame().unwrap() {
                return decode::<FromCentre>(&body).unwrap().body;
            }
            let chunk = self.receive.read_chunk(usize::MAX, true).await.ok()??;
            self.frames.push(&chunk.bytes);
        }
    }
}

/// How a vehicle was turned away.
#[derive(Debug)]
pub(super) enum Turned {
    Refused(RefusedCode),
    Away,
}

impl std::fmt::Debug for TestVehicle {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("TestVehicle").field("welcome", &self.welcome).finish_non_exhaustive()
    }
}

impl TestVehicle {
    pub(super) async fn link(door: &Door, unit: &str, age: (u64, u64)) -> Result<Self, Turned> {
        Self::link_with(door, &door.certificates(unit), age).await
    }

    pub(super) async fn link_with(door: &Door, certificates: &Path, age: (u64, u64)) -> Result<Self, Turned> {
        timeout(WITHIN, Self::open(door, certificates, age)).await.expect("an answer of any kind")
    }

    async fn open(door: &Door, certificates: &Path, age: (u64, u64)) -> Result<Self, Turned> {
        let endpoint = Endpoint::client(([127, 0, 0, 1], 0).into()).unwrap();
        let connecting =
            endpoint.connect_with(client_config(certificates), door.address, "jichi-centre").unwrap();
        let connection = connecting.await.map_err(|_| Turned::Away)?;
        let duty = Line::open(&connection, StreamClass::Duty, age).await.ok_or(Turned::Away)?;
        let mut vehicle = Self { welcome: Welcome::default(), connection, duty, _endpoint: endpoint };
        match vehicle.duty.try_hear().await.ok_or(Turned::Away)? {
            from_centre::Body::Welcome(welcome) => vehicle.welcome = welcome,
            from_centre::Body::Refused(refused) => return Err(Turned::Refused(refused.code())),
            other => panic!("not a greeting: {other:?}"),
        }
        Ok(vehicle)
    }

    /// Opens a further stream and greets on it.
    pub(super) async fn further(&self, class: StreamClass, age: (u64, u64)) -> Line {
        Line::open(&self.connection, class, age).await.expect("a further stream opens")
    }

    pub(super) async fn hear(&mut self) -> from_centre::Body {
        self.duty.hear().await
    }

    pub(super) async fn delivery(&mut self) -> Delivery {
        let from_centre::Body::Delivery(delivery) = self.hear().await else { panic!("not a delivery") };
        delivery
    }

    pub(super) async fn report_ack(&mut self) -> ReportAck {
        let from_centre::Body::ReportAck(ack) = self.hear().await else { panic!("not an acknowledgement") };
        ack
    }

    pub(super) async fn acknowledge(&mut self, effect: &str, outcome: DeliveryOutcome) {
        let ack = DeliveryAck { effect_id: effect.into(), outcome: outcome.into(), ..DeliveryAck::default() };
        self.say(from_vehicle::Body::DeliveryAck(ack)).await;
    }

    pub(super) async fn report(&mut self, report: Report) {
        self.say(from_vehicle::Body::Report(report)).await;
    }

    pub(super) async fn ping(&mut self, nonce: u64) {
        self.say(from_vehicle::Body::Ping(Ping { nonce })).await;
    }

    pub(super) async fn history(&mut self, batch: u64, count: usize) {
        let positions = vec![Position::default(); count];
        self.say(from_vehicle::Body::PositionHistory(PositionHistory { batch, positions })).await;
    }

    pub(super) fn position(&self, seq: u64) {
        let position =
            Position { boot: 3, seq, longitude_deg: 120.5, latitude_deg: 30.25, ..Position::default() };
        self.raw_datagram(&position.encode_to_vec());
    }

    pub(super) fn raw_datagram(&self, bytes: &[u8]) {
        self.connection.send_datagram(bytes.to_vec().into()).unwrap();
    }

    /// Bytes as they are. A connection that is being closed meanwhile is no failure of this.
    pub(super) async fn raw(&mut self, bytes: &[u8]) {
        drop(self.duty.send.write_all(bytes).await);
    }

    pub(super) async fn say(&mut self, body: from_vehicle::Body) {
        self.duty.say(body).await;
    }

    pub(super) fn is_open(&self) -> bool {
        self.connection.close_reason().is_none()
    }

    pub(super) fn leave(&self) {
        self.connection.close(0_u32.into(), b"done");
    }

    /// Waits for the centre to close, and returns its code.
    pub(super) async fn closed(&self) -> Option<u32> {
        match timeout(WITHIN, self.connection.closed()).await.expect("the centre closes") {
            ConnectionError::ApplicationClosed(close) => u32::try_from(close.error_code.into_inner()).ok(),
            _ => None,
        }
    }
}

fn client_config(certificates: &Path) -> ClientConfig {
    let chain = |name: &str| -> Vec<CertificateDer<'static>> {
        CertificateDer::pem_file_iter(certificates.join(name)).unwrap().map(Result::unwrap).collect()
    };
    let mut roots = RootCertStore::empty();
    for certificate in chain("authority.pem") {
        roots.add(certificate).unwrap();
    }
    let key = PrivateKeyDer::from_pem_file(certificates.join("unit.key")).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut tls = rustls::ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])
        .unwrap()
        .with_root_certificates(roots)
        .with_client_auth_cert(chain("unit.pem"), key)
        .unwrap();
    tls.alpn_protocols = vec![link::ALPN.to_vec()];
    ClientConfig::new(Arc::new(QuicClientConfig::try_from(tls).unwrap()))
}
