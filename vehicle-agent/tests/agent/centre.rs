//! A centre of the fewest words: says what the test tells it to, answers nothing by itself but pings.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on ends here")]

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use link::v1::{
    Delivery, DeliveryAck, Epoch, FromCentre, FromVehicle, Hello, PatientAck, PatientReport, Pong, Position,
    PositionHistoryAck, Report, ReportAck, ReportOutcome, StreamClass, Welcome, from_centre, from_vehicle,
};
use link::{FrameReader, decode, encode_frame};
use quinn::crypto::rustls::QuicServerConfig;
use quinn::{Connection, Endpoint, RecvStream, SendStream, ServerConfig};
use rustls::RootCertStore;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use tokio::time::timeout;

const WITHIN: Duration = Duration::from_secs(30);

pub(crate) struct Centre {
    endpoint: Endpoint,
    linked: Option<Linked>,
    /// Connections that were replaced; kept open, so that they are silent and not gone.
    silent: Vec<Linked>,
}

struct Linked {
    connection: Connection,
    send: SendStream,
    receive: RecvStream,
    frames: FrameReader,
}

impl Centre {
    pub(crate) async fn open(certificates: &Path, port: u16) -> Self {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let chain = |name: &str| -> Vec<CertificateDer<'static>> {
            CertificateDer::pem_file_iter(certificates.join(name)).unwrap().map(Result::unwrap).collect()
        };
        let mut roots = RootCertStore::empty();
        roots.add(chain("authority.pem").remove(0)).unwrap();
        let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider))
            .build()
            .unwrap();
        let mut tls = rustls::ServerConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&rustls::version::TLS13])
            .unwrap()
            .with_client_cert_verifier(verifier)
            .with_single_cert(
                chain("centre.pem"),
                PrivateKeyDer::from_pem_file(certificates.join("centre.key")).unwrap(),
            )
            .unwrap();
        tls.alpn_protocols = vec![link::ALPN.to_vec()];
        let config = ServerConfig::with_crypto(Arc::new(QuicServerConfig::try_from(tls).unwrap()));
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        // The port of a centre that just ended may take a moment to be free.
        let endpoint = timeout(WITHIN, async {
            loop {
                match Endpoint::server(config.clone(), address) {
                    Ok(endpoint) => break endpoint,
                    Err(_) => tokio::task::yield_now().await,
                }
            }
        })
        .await
        .unwrap();
        Self { endpoint, linked: None, silent: Vec::new() }
    }

    pub(crate) fn port(&self) -> u16 {
        self.endpoint.local_addr().unwrap().port()
    }

    /// Lets the vehicle in.
    pub(crate) async fn welcome(&mut self, epoch: Epoch) -> Hello {
        timeout(WITHIN, self.accept(epoch)).await.unwrap()
    }

    /// Lets it in once more and leaves the old connection open and silent.
    pub(crate) async fn welcome_another(&mut self, epoch: Epoch) -> Hello {
        self.silent.extend(self.linked.take());
        self.accept(epoch).await
    }

    /// Hears a fresh connection's greeting, answers `report` on the old one, silent until then, and lets the fresh one in after that.
    pub(crate) async fn welcome_another_late(&mut self, epoch: Epoch, report: &Report) -> Hello {
        let old = self.linked.take().unwrap();
        let hello = self.meet().await;
        let fresh = self.linked.replace(old).unwrap();
        self.acknowledge(report).await;
        let left = timeout(Duration::from_secs(1), fresh.connection.closed()).await;
        assert!(left.is_err(), "the vehicle left a connection on which it had greeted: {left:?}");
        self.silent.extend(self.linked.replace(fresh));
        self.let_in(epoch).await;
        hello
    }

    async fn accept(&mut self, epoch: Epoch) -> Hello {
        let hello = self.meet().await;
        self.let_in(epoch).await;
        hello
    }

    async fn meet(&mut self) -> Hello {
        loop {
            // An attempt that the vehicle gave up is not the one we wait for.
            let handshake = timeout(Duration::from_secs(2), self.endpoint.accept().await.unwrap());
            let Ok(Ok(connection)) = handshake.await else { continue };
            let Ok((send, receive)) = connection.accept_bi().await else { continue };
            self.linked = Some(Linked { connection, send, receive, frames: FrameReader::default() });
            let from_vehicle::Body::Hello(hello) = self.hear().await else { panic!("no hello") };
            return hello;
        }
    }

    async fn let_in(&mut self, epoch: Epoch) {
        let welcome = Welcome {
            epoch: Some(epoch),
            centre_time_unix_ms: 1_795_262_400_000,
            protocol_version: 1,
            unit: "A12".into(),
            unit_label: "A12 城东站".into(),
            settings: None,
        };
        self.say(from_centre::Body::Welcome(welcome)).await;
    }

    /// Lets the vehicle open its stream of patients beside the duty stream.
    pub(crate) async fn welcome_patients(&mut self) -> Patients {
        let mut line = self.meet_patients().await;
        line.say(from_centre::Body::Welcome(Welcome { unit: "A12".into(), ..Welcome::default() })).await;
        Patients(line)
    }

    /// The same, and the answer takes its time, as through a tunnel that the connection outlives.
    pub(crate) async fn welcome_patients_after(&mut self, answer_takes: Duration) -> Patients {
        let mut line = self.meet_patients().await;
        // Meanwhile it answers pings.
        let said = timeout(answer_takes, self.next()).await;
        assert!(said.is_err(), "the vehicle says more than it was asked: {said:?}");
        line.say(from_centre::Body::Welcome(Welcome { unit: "A12".into(), ..Welcome::default() })).await;
        Patients(line)
    }

    async fn meet_patients(&mut self) -> Linked {
        let connection = self.linked.as_ref().unwrap().connection.clone();
        let (send, receive) = timeout(WITHIN, connection.accept_bi()).await.unwrap().unwrap();
        let mut line = Linked { connection, send, receive, frames: FrameReader::default() };
        let from_vehicle::Body::Hello(hello) = line.hear().await else { panic!("no hello") };
        assert_eq!(hello.stream_class(), StreamClass::Patient);
        line
    }

    /// What the vehicle that is let in shows.
    pub(crate) fn certificate(&self) -> CertificateDer<'static> {
        let identity = self.linked.as_ref().unwrap().connection.peer_identity().unwrap();
        identity.downcast::<Vec<CertificateDer<'static>>>().unwrap().remove(0)
    }

    /// Ends the connection.
    pub(crate) fn hang_up(&mut self) {
        self.linked.take().unwrap().connection.close(6_u32.into(), b"unavailable");
    }

    pub(crate) async fn deliver(&mut self, delivery: Delivery) {
        self.say(from_centre::Body::Delivery(delivery)).await;
    }

    pub(crate) async fn delivery_ack(&mut self) -> DeliveryAck {
        match self.next().await {
            from_vehicle::Body::DeliveryAck(ack) => ack,
            other => panic!("not an acknowledgement: {other:?}"),
        }
    }

    pub(crate) async fn report(&mut self) -> Report {
        match self.next().await {
            from_vehicle::Body::Report(report) => report,
            other => panic!("not a report: {other:?}"),
        }
    }

    pub(crate) async fn acknowledge(&mut self, report: &Report) {
        let (boot, seq) = (report.boot, report.seq);
        let ack = ReportAck { boot, seq, outcome: ReportOutcome::Accepted.into(), text: String::new() };
        self.say(from_centre::Body::ReportAck(ack)).await;
    }

    pub(crate) async fn history(&mut self) -> Vec<Position> {
        match self.next().await {
            from_vehicle::Body::PositionHistory(history) => {
                let ack = PositionHistoryAck { batch: history.batch };
                self.say(from_centre::Body::PositionHistoryAck(ack)).await;
                history.positions
            }
            other => panic!("not history: {other:?}"),
        }
    }

    pub(crate) async fn position(&mut self) -> Position {
        let connection = &self.linked.as_ref().unwrap().connection;
        decode(&timeout(WITHIN, connection.read_datagram()).await.unwrap().unwrap()).unwrap()
    }

    /// The next thing said that is not a ping.
    async fn next(&mut self) -> from_vehicle::Body {
        loop {
            match timeout(WITHIN, self.hear()).await.expect("the vehicle says nothing") {
                from_vehicle::Body::Ping(ping) => {
                    let answer = Pong { nonce: ping.nonce, centre_time_unix_ms: 0 };
                    self.say(from_centre::Body::Pong(answer)).await;
                }
                other => return other,
            }
        }
    }

    async fn hear(&mut self) -> from_vehicle::Body {
        self.linked.as_mut().unwrap().hear().await
    }

    async fn say(&mut self, body: from_centre::Body) {
        self.linked.as_mut().unwrap().say(body).await;
    }
}

impl Linked {
    async fn hear(&mut self) -> from_vehicle::Body {
        loop {
            if let Some(body) = self.frames.next_frame().unwrap() {
                return decode::<FromVehicle>(&body).unwrap().body.unwrap();
            }
            let chunk = self.receive.read_chunk(usize::MAX, true).await.unwrap().expect("the stream ended");
            self.frames.push(&chunk.bytes);
        }
    }

    async fn say(&mut self, body: from_centre::Body) {
        let frame = encode_frame(&FromCentre { body: Some(body) }).unwrap();
        self.send.write_all(&frame).await.unwrap();
    }
}

/// The stream of patients.
pub(crate) struct Patients(Linked);

impl Patients {
    /// The next report, unanswered.
    pub(crate) async fn report(&mut self) -> PatientReport {
        match timeout(WITHIN, self.0.hear()).await.expect("the vehicle says nothing of its patients") {
            from_vehicle::Body::PatientReport(report) => report,
            other => panic!("not of a patient: {other:?}"),
        }
    }

    pub(crate) async fn answer(&mut self, report: &PatientReport, outcome: ReportOutcome) {
        let (boot, seq) = (report.boot, report.seq);
        let ack = PatientAck { boot, seq, outcome: outcome.into(), text: String::new() };
        self.0.say(from_centre::Body::PatientAck(ack)).await;
    }
}

impl Drop for Centre {
    fn drop(&mut self) {
        self.endpoint.close(0_u32.into(), b"");
    }
}
