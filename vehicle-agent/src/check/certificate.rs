//! The certificate: there, this unit's, in its term, with its key, and an authority to believe.

use std::path::Path;

use jiff::Timestamp;
use rcgen::KeyPair;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use x509_parser::extensions::GeneralName;
use x509_parser::parse_x509_certificate;
use x509_parser::prelude::X509Certificate;

use super::finding::{About, Finding};
use super::words::{Words, words};
use crate::clock::CertificateTime;
use crate::connection::client_config;

const DAY_S: i64 = 86_400;
/// A vehicle renews at half of its term: with so little left something keeps it from that.
const LEFT_S_MIN: i64 = DAY_S;

/// Looks at a folder of certificates for a unit.
pub(super) fn look(folder: &Path, unit: &str, now: Timestamp) -> Finding {
    match sound(folder, unit, now) {
        Ok(shown) => Finding::good(About::Certificate, shown),
        Err((problem, remedy)) => Finding::bad(About::Certificate, problem, remedy),
    }
}

fn sound(folder: &Path, unit: &str, now: Timestamp) -> Result<Words, (Words, Words)> {
    let again = || {
        words(
            "重新登记 (--enrol) 或请中心签发后放入该目录",
            "enrol again (--enrol), or have the centre issue it and put it into that folder",
        )
    };
    let same = |text: String| words(text.clone(), text);
    for name in ["authority.pem", "unit.pem", "unit.key"] {
        let file = folder.join(name);
        if let Err(error) = std::fs::read(&file) {
            return Err((same(format!("{}: {error}", file.display())), again()));
        }
    }
    let der = CertificateDer::from_pem_file(folder.join("unit.pem"))
        .map_err(|error| (same(format!("unit.pem: {error}")), again()))?;
    let (_, certificate) =
        parse_x509_certificate(&der).map_err(|error| (same(format!("unit.pem: {error}")), again()))?;
    let named = unit_of(&certificate);
    if named.as_deref() != Some(unit) {
        let named = named.as_deref().unwrap_or("–");
        let problem = words(
            format!("证书属于 {named}, 配置写的是 {unit}"),
            format!("it is {named}'s, and the configuration says {unit}"),
        );
        return Err((problem, again()));
    }
    let key = std::fs::read_to_string(folder.join("unit.key")).unwrap_or_default();
    let key = KeyPair::from_pem(&key).map_err(|error| (same(format!("unit.key: {error}")), again()))?;
    if *key.public_key_raw() != *certificate.public_key().subject_public_key.data {
        return Err((words("unit.key 与证书不匹配", "unit.key is not this certificate's key"), again()));
    }
    // The authority's file, and whether all of it makes a link.
    client_config(folder, &CertificateTime::default()).map_err(|error| (same(error.to_string()), again()))?;
    in_term(&certificate, unit, now)
}

fn in_term(certificate: &X509Certificate<'_>, unit: &str, now: Timestamp) -> Result<Words, (Words, Words)> {
    let (from, to) =
        (certificate.validity().not_before.timestamp(), certificate.validity().not_after.timestamp());
    let day =
        |unix_s: i64| Timestamp::from_second(unix_s).map_or_else(|_| String::new(), |time| time.to_string());
    let left_s = to - now.as_second();
    if now.as_second() < from {
        let problem = words(
            format!("{} 起才有效, 本机时间 {now}", day(from)),
            format!("it is good from {} on, and here it is {now}", day(from)),
        );
        return Err((problem, words("先校准本机时钟", "set this computer's clock first")));
    }
    if left_s < LEFT_S_MIN {
        let problem = if left_s < 0 {
            words(format!("已于 {} 过期", day(to)), format!("it ran out at {}", day(to)))
        } else {
            words(
                format!("将于 {} 过期, 且未自动续期", day(to)),
                format!("it runs out at {} and was not renewed", day(to)),
            )
        };
        let remedy = words(
            "检查 enrolment 地址可达 (过期 30 天内可自动续期), 否则重新登记",
            "see that the enrolment door can be reached (renewal works until 30 days after the end), else enrol again",
        );
        return Err((problem, remedy));
    }
    let days = left_s / DAY_S;
    Ok(words(
        format!("{unit}, 与密钥匹配, {} 到期 (还有 {days} 天)", day(to)),
        format!("{unit}, goes with its key, good until {} ({days} days)", day(to)),
    ))
}

fn unit_of(certificate: &X509Certificate<'_>) -> Option<String> {
    let names = certificate.subject_alternative_name().ok()??;
    names.value.general_names.iter().find_map(|name| match name {
        GeneralName::URI(uri) => link::unit_of_uri(uri).map(str::to_owned),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use rcgen::{CertificateParams, CertifiedIssuer, SanType};

    use super::super::finding::Verdict;
    use super::*;

    struct Folder(PathBuf);

    impl Folder {
        fn new() -> Self {
            let path = std::env::temp_dir().join(format!("jichi-check-{}", uuid::Uuid::now_v7()));
            std::fs::create_dir_all(&path).unwrap();
            let authority =
                CertifiedIssuer::self_signed(CertificateParams::default(), KeyPair::generate().unwrap())
                    .unwrap();
            let mut params = CertificateParams::default();
            params.subject_alt_names = vec![SanType::URI("jichi:unit:A12".try_into().unwrap())];
            params.not_before = rcgen::date_time_ymd(2026, 11, 1);
            params.not_after = rcgen::date_time_ymd(2026, 11, 8);
            let key = KeyPair::generate().unwrap();
            let certificate = params.signed_by(&key, &authority).unwrap();
            std::fs::write(path.join("authority.pem"), authority.pem()).unwrap();
            std::fs::write(path.join("unit.pem"), certificate.pem()).unwrap();
            std::fs::write(path.join("unit.key"), key.serialize_pem()).unwrap();
            Self(path)
        }

        fn problem(&self, unit: &str, now: &str) -> String {
            match look(&self.0, unit, now.parse().unwrap()).verdict {
                Verdict::Good(shown) => format!("good: {}", shown.en),
                Verdict::Bad { problem, .. } => problem.en,
            }
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            drop(std::fs::remove_dir_all(&self.0));
        }
    }

    const THEN: &str = "2026-11-03T00:00:00Z";

    #[test]
    fn a_good_one_says_whose_it_is_and_until_when() {
        let shown = Folder::new().problem("A12", THEN);
        assert_eq!(shown, "good: A12, goes with its key, good until 2026-11-08T00:00:00Z (5 days)");
    }

    #[test]
    fn each_thing_that_can_be_wrong_is_named() {
        let folder = Folder::new();
        assert_eq!(folder.problem("B7", THEN), "it is A12's, and the configuration says B7");
        assert!(folder.problem("A12", "2026-10-31T00:00:00Z").starts_with("it is good from 2026-11-01"));
        assert!(folder.problem("A12", "2026-11-07T12:00:00Z").starts_with("it runs out at 2026-11-08"));
        assert!(folder.problem("A12", "2026-11-09T00:00:00Z").starts_with("it ran out at 2026-11-08"));
        let key = std::fs::read(folder.0.join("unit.key")).unwrap();
        std::fs::write(folder.0.join("unit.key"), KeyPair::generate().unwrap().serialize_pem()).unwrap();
        assert_eq!(folder.problem("A12", THEN), "unit.key is not this certificate's key");
        std::fs::write(folder.0.join("unit.key"), "no key").unwrap();
        assert!(folder.problem("A12", THEN).starts_with("unit.key: "));
        std::fs::write(folder.0.join("unit.key"), key).unwrap();
        std::fs::write(folder.0.join("authority.pem"), "nothing").unwrap();
        assert!(folder.problem("A12", THEN).contains("authority.pem"));
        std::fs::write(folder.0.join("unit.pem"), "nothing").unwrap();
        assert!(folder.problem("A12", THEN).starts_with("unit.pem: "));
        std::fs::remove_file(folder.0.join("unit.key")).unwrap();
        assert!(folder.problem("A12", THEN).contains("unit.key: No such file"));
    }
}
