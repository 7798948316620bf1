//! The enrolment door over real QUIC on loopback, in front of a real centre.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use link::enrolment::{ALPN, ANSWER_BYTES_MAX, Answer, Granted, RefusedCode, Request, answer};
use prost::Message;
use quinn::crypto::rustls::QuicClientConfig;
use quinn::{ClientConfig, Endpoint};
use rcgen::{CertificateParams, KeyPair};
use rustls::RootCertStore;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use sha2::{Digest, Sha256};
use tokio::time::timeout;

use super::{Door, EnrolmentDesk, Invitations};
use crate::centre::Submission;
use crate::clock::Clock;
use crate::running::RunningCentre;
use crate::testing::{TempFolder, at_desk, start, two_units};
use crate::vehicles::certificates::{AUTHORITY_PEM, ensure_authority, issue_between};
use crate::vehicles::{Denials, DenyList, pem_certificates};

const WITHIN: Duration = Duration::from_secs(20);
const DAY_S: i64 = 86_400;

struct Centre {
    running: Option<RunningCentre>,
    invitations: Arc<Invitations>,
    denials: Denials,
    address: SocketAddr,
    folder: TempFolder,
}

impl Centre {
    async fn open() -> Self {
        let folder = TempFolder::new("enrolment");
        ensure_authority(folder.path()).unwrap();
        let running = start(folder.path(), Clock::real());
        for action in two_units() {
            running.handle().submit(Submission::new(at_desk(action))).await.unwrap();
        }
        let authority = pem_certificates(&folder.path().join(AUTHORITY_PEM)).unwrap();
        let invitations = Arc::new(Invitations::new(Sha256::digest(&authority[0]).into()));
        let denials = Denials::default();
        let desk = EnrolmentDesk {
            centre: running.handle().clone(),
            invitations: Arc::clone(&invitations),
            denials: denials.clone(),
            authority: folder.path().to_owned(),
        };
        let door = Door::open(([127, 0, 0, 1], 0).into(), desk).unwrap();
        let address = door.listens_at().unwrap();
        tokio::spawn(door.run(std::future::pending()));
        Self { running: Some(running), invitations, denials, address, folder }
    }

    fn invite(&self, unit: &str) -> String {
        self.invitations.invite(unit.parse().unwrap(), std::time::Instant::now()).unwrap().token
    }

    /// A certificate of a unit that is valid between two moments, in days from now.
    fn certificate(&self, unit: &str, key: &KeyPair, days: (i64, i64)) -> String {
        let now = jiff::Timestamp::now().as_second();
        issue_between(self.folder.path(), unit, key, now + days.0 * DAY_S, now + days.1 * DAY_S).unwrap()
    }

    /// `None`: there was no answer, because the handshake failed.
    async fn ask(&self, token: &str, request_pem: &str, shown: Option<(&str, &KeyPair)>) -> Option<Answer> {
        let endpoint = Endpoint::client(([127, 0, 0, 1], 0).into()).unwrap();
        let client = client(self.folder.path(), shown);
        let request = Request { token: token.to_owned(), request_pem: request_pem.to_owned() };
        let asked = timeout(WITHIN, async {
            let connection =
                endpoint.connect_with(client, self.address, "jichi-centre").unwrap().await.ok()?;
            let (mut send, mut receive) = connection.open_bi().await.ok()?;
            send.write_all(&request.encode_to_vec()).await.ok()?;
            send.finish().ok()?;
            let bytes = receive.read_to_end(ANSWER_BYTES_MAX).await.ok()?;
            Some(Answer::decode(bytes.as_slice()).unwrap())
        });
        asked.await.expect("an answer of any kind")
    }

    async fn granted(&self, token: &str, key: &KeyPair, shown: Option<(&str, &KeyPair)>) -> Granted {
        match self.ask(token, &request(key), shown).await.and_then(|answer| answer.outcome) {
            Some(answer::Outcome::Granted(granted)) => granted,
            other => panic!("{other:?}"),
        }
    }

    async fn refused(&self, token: &str, request_pem: &str, shown: Option<(&str, &KeyPair)>) -> RefusedCode {
        match self.ask(token, request_pem, shown).await.and_then(|answer| answer.outcome) {
            Some(answer::Outcome::Refused(refused)) => refused.code(),
            other => panic!("{other:?}"),
        }
    }
}

impl Drop for Centre {
    fn drop(&mut self) {
        if let Some(running) = self.running.take() {
            running.stop();
        }
    }
}

fn client(authority: &Path, shown: Option<(&str, &KeyPair)>) -> ClientConfig {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(authority.join(AUTHORITY_PEM)).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let tls = rustls::ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])
        .unwrap()
        .with_root_certificates(roots);
    let mut tls = match shown {
        None => tls.with_no_client_auth(),
        Some((pem, key)) => {
            let chain = vec![CertificateDer::from_pem_slice(pem.as_bytes()).unwrap()];
            let key = PrivateKeyDer::from_pem_slice(key.serialize_pem().as_bytes()).unwrap();
            tls.with_client_auth_cert(chain, key).unwrap()
        }
    };
    tls.alpn_protocols = vec![ALPN.to_vec()];
    ClientConfig::new(Arc::new(QuicClientConfig::try_from(tls).unwrap()))
}

fn key() -> KeyPair {
    KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256).unwrap()
}

fn request(key: &KeyPair) -> String {
    CertificateParams::default().serialize_request(key).unwrap().pem().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_is_worth_one_certificate_of_seven_days() {
    let centre = Centre::open().await;
    let (vehicle, thief) = (key(), key());
    let token = centre.invite("A01");
    let granted = centre.granted(&token, &vehicle, None).await;
    assert_eq!(granted.unit, "A01");
    let der = CertificateDer::from_pem_slice(granted.certificate_pem.as_bytes()).unwrap();
    let (_, certificate) = x509_parser::parse_x509_certificate(&der).unwrap();
    assert_eq!(certificate.public_key().subject_public_key.data.as_ref(), vehicle.public_key_raw());
    let valid = certificate.validity();
    assert_eq!(valid.not_after.timestamp() - valid.not_before.timestamp(), 7 * DAY_S);
    assert!((valid.not_before.timestamp() - jiff::Timestamp::now().as_second()).abs() < 60);
    assert_eq!(centre.refused(&token, &request(&thief), None).await, RefusedCode::Token, "it was used");
    for nothing in ["0", "00112233445566778899aabbccddeeff"] {
        assert_eq!(centre.refused(nothing, &request(&thief), None).await, RefusedCode::Token);
    }
    assert_eq!(centre.refused("", &request(&thief), None).await, RefusedCode::NoCertificate);
    let token = centre.invite("A02");
    assert_eq!(centre.refused(&token, "no request", None).await, RefusedCode::Request);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_is_renewed_until_thirty_days_after_it_ran_out() {
    let centre = Centre::open().await;
    let vehicle = key();
    for days in [(-1, 6), (-6, 1), (-17, -10), (-36, -29)] {
        let shown = centre.certificate("A01", &vehicle, days);
        let granted = centre.granted("", &vehicle, Some((&shown, &vehicle))).await;
        assert_eq!(granted.unit, "A01", "{days:?}");
    }
    let too_late = centre.certificate("A01", &vehicle, (-38, -31));
    assert_eq!(centre.ask("", &request(&vehicle), Some((&too_late, &vehicle))).await, None);
    // Another authority's certificate, good by itself, is no better for being late.
    let elsewhere = Centre::open().await;
    for days in [(-1, 6), (-17, -10)] {
        let forged = elsewhere.certificate("A01", &vehicle, days);
        assert_eq!(centre.ask("", &request(&vehicle), Some((&forged, &vehicle))).await, None, "{days:?}");
    }
    let stranger = centre.certificate("Z99", &vehicle, (-1, 6));
    let refused = centre.refused("", &request(&vehicle), Some((&stranger, &vehicle))).await;
    assert_eq!(refused, RefusedCode::UnknownUnit);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_withdrawn_certificate_is_not_renewed_and_an_invitation_replaces_it() {
    let centre = Centre::open().await;
    let vehicle = key();
    let stolen = centre.certificate("A01", &vehicle, (-1, 6));
    let before = jiff::Timestamp::now();
    let row = format!("[[denied]]\nunit = 'A01'\nissued_before = '{before}'\nreason = '平板被盗'");
    centre.denials.replace(DenyList::parse(Path::new("denied.toml"), &row).unwrap());
    assert_eq!(centre.refused("", &request(&vehicle), Some((&stolen, &vehicle))).await, RefusedCode::Denied);
    let token = centre.invite("A01");
    let fresh = key();
    let granted = centre.granted(&token, &fresh, None).await;
    let again = centre.granted("", &fresh, Some((&granted.certificate_pem, &fresh))).await;
    assert_eq!(again.unit, "A01");
}
