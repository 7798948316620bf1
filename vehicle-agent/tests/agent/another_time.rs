//! A computer that lives in another time than the satellites: the centre's certificate is judged by theirs.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on ends here")]

use std::path::Path;

use rcgen::{CertificateParams, Issuer, KeyPair, SanType, date_time_ymd};

use crate::EPOCH;
use crate::centre::Centre;
use crate::vehicle::Vehicle;

/// A certificate of the centre that is good on the day of the test's receiver alone, and over by the clock of whatever computer this is.
fn give_the_centre_one_day(folder: &Path) {
    let read = |name: &str| std::fs::read_to_string(folder.join(name)).unwrap();
    let key = |name: &str| KeyPair::from_pem(&read(name)).unwrap();
    let authority = Issuer::from_ca_cert_pem(&read("authority.pem"), key("authority.key")).unwrap();
    let mut params = CertificateParams::default();
    params.subject_alt_names = vec![SanType::DnsName("jichi-centre".try_into().unwrap())];
    params.not_before = date_time_ymd(2026, 11, 21);
    params.not_after = date_time_ymd(2026, 11, 22);
    let certificate = params.signed_by(&key("centre.key"), &authority).unwrap();
    std::fs::write(folder.join("centre.pem"), certificate.pem()).unwrap();
}

#[tokio::test]
async fn the_centres_certificate_is_judged_by_the_satellites_time() {
    let mut vehicle = Vehicle::new("A12").await;
    let folder = vehicle.certificates();
    give_the_centre_one_day(&folder);
    let mut centre = Centre::open(&folder, 0).await;
    vehicle.start(centre.port()).await;
    let by_the_computer = async { vehicle.until_log("certificate expired").await };
    tokio::select! {
        () = by_the_computer => {}
        _ = centre.welcome(EPOCH) => panic!("a certificate that has run out is believed"),
    }
    vehicle.feed(&[(0.0, 120.5)]).await;
    centre.welcome(EPOCH).await;
    vehicle.until(|state| state["link"]["state"] == "connected" && state["clock"]["source"] == "gnss").await;
    vehicle.stop().await;
}
