//! A certificate past half of its term is renewed at the enrolment door, and shown from the next connection on.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on ends here")]

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use link::enrolment::{ALPN, Answer, Granted, REQUEST_BYTES_MAX, Request, answer};
use prost::Message;
use quinn::crypto::rustls::QuicServerConfig;
use quinn::{Endpoint, ServerConfig};
use rcgen::{CertificateParams, CertificateSigningRequestParams, Issuer, KeyPair, SanType};
use rustls::RootCertStore;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use tokio::time::timeout;

use crate::EPOCH;
use crate::centre::Centre;
use crate::vehicle::Vehicle;

const WITHIN: Duration = Duration::from_secs(30);
const DAY_S: u64 = 86_400;

#[tokio::test]
async fn a_certificate_past_half_of_its_term_is_renewed_and_the_next_connection_shows_it() {
    let mut vehicle = Vehicle::new("A12").await;
    let folder = vehicle.certificates();
    let own_key = KeyPair::from_pem(&std::fs::read_to_string(folder.join("unit.key")).unwrap()).unwrap();
    let old = params(4).signed_by(&own_key, &issuer(&folder)).unwrap();
    std::fs::write(folder.join("unit.pem"), old.pem()).unwrap();
    let mut centre = Centre::open(&folder, 0).await;
    let door = door(&folder);
    vehicle.renew_at(door.local_addr().unwrap().port());
    vehicle.start(centre.port()).await;
    centre.welcome(EPOCH).await;

    let (request, shown) = timeout(WITHIN, renew(&door, &folder)).await.unwrap();
    assert!(request.token.is_empty(), "it has a certificate to show");
    assert_eq!(&shown, old.der());
    let kept = timeout(WITHIN, async {
        loop {
            let now = CertificateDer::from_pem_file(folder.join("unit.pem")).unwrap();
            if now != *old.der() {
                break now;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    });
    let kept = kept.await.unwrap();
    let key_now = KeyPair::from_pem(&std::fs::read_to_string(folder.join("unit.key")).unwrap()).unwrap();
    assert_eq!(key_now.public_key_raw(), own_key.public_key_raw(), "the key stays");
    // The connection that stands is not disturbed; the next one shows the new certificate.
    centre.hang_up();
    centre.welcome(EPOCH).await;
    assert_eq!(centre.certificate(), kept);
    vehicle.stop().await;
}

/// A certificate of seven days that was issued so many days ago.
fn params(days_ago: u64) -> CertificateParams {
    let now_s = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let moment = |unix_s: u64| rcgen::date_time_ymd(1970, 1, 1) + Duration::from_secs(unix_s);
    let mut params = CertificateParams::default();
    params.subject_alt_names = vec![SanType::URI("jichi:unit:A12".try_into().unwrap())];
    params.not_before = moment(now_s - days_ago * DAY_S);
    params.not_after = moment(now_s + (7 - days_ago) * DAY_S);
    params
}

fn issuer(folder: &Path) -> Issuer<'static, KeyPair> {
    let read = |name: &str| std::fs::read_to_string(folder.join(name)).unwrap();
    let key = KeyPair::from_pem(&read("authority.key")).unwrap();
    Issuer::from_ca_cert_pem(&read("authority.pem"), key).unwrap()
}

fn door(folder: &Path) -> Endpoint {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let certificate = |name: &str| CertificateDer::from_pem_file(folder.join(name)).unwrap();
    let mut roots = RootCertStore::empty();
    roots.add(certificate("authority.pem")).unwrap();
    let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider));
    let mut tls = rustls::ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])
        .unwrap()
        .with_client_cert_verifier(verifier.build().unwrap())
        .with_single_cert(
            vec![certificate("centre.pem")],
            PrivateKeyDer::from_pem_file(folder.join("centre.key")).unwrap(),
        )
        .unwrap();
    tls.alpn_protocols = vec![ALPN.to_vec()];
    let config = ServerConfig::with_crypto(Arc::new(QuicServerConfig::try_from(tls).unwrap()));
    Endpoint::server(config, ([127, 0, 0, 1], 0).into()).unwrap()
}

/// Renews once: what was asked, and which certificate was shown.
async fn renew(door: &Endpoint, folder: &Path) -> (Request, CertificateDer<'static>) {
    let connection = door.accept().await.unwrap().await.unwrap();
    let shown = connection.peer_identity().unwrap().downcast::<Vec<CertificateDer<'static>>>().unwrap();
    let (mut send, mut receive) = connection.accept_bi().await.unwrap();
    let bytes = receive.read_to_end(REQUEST_BYTES_MAX).await.unwrap();
    let request = Request::decode(bytes.as_slice()).unwrap();
    let mut asked = CertificateSigningRequestParams::from_pem(&request.request_pem).unwrap();
    asked.params = params(0);
    let granted = Granted {
        unit: "A12".into(),
        certificate_pem: asked.signed_by(&issuer(folder)).unwrap().pem(),
        authority_pem: std::fs::read_to_string(folder.join("authority.pem")).unwrap(),
    };
    let answer = Answer { outcome: Some(answer::Outcome::Granted(granted)) };
    send.write_all(&answer.encode_to_vec()).await.unwrap();
    send.finish().unwrap();
    connection.closed().await;
    (request, shown[0].clone())
}
