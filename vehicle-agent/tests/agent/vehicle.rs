//! One vehicle as a process: its certificates, its folder, its receiver, its power switch.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on ends here")]

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, KeyUsagePurpose,
    PKCS_ECDSA_P256_SHA256, SanType,
};
use serde_json::Value;
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::process::{Child, Command};
use tokio::time::timeout;

use crate::terminal::{get_state, post};

const WITHIN: Duration = Duration::from_secs(30);

pub(crate) struct Vehicle {
    unit: String,
    folder: PathBuf,
    process: Option<Child>,
    receiver: TcpListener,
    feed: Option<TcpStream>,
    clock_s: u32,
    terminal: u16,
    enrolment: Option<u16>,
    /// Where it hears monitors.
    pub(crate) monitor: u16,
}

impl Vehicle {
    pub(crate) async fn new(unit: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("jichi-agent-{}", uuid::Uuid::now_v7()));
        std::fs::create_dir_all(&folder).unwrap();
        make_certificates(&folder, unit);
        let receiver = TcpListener::bind("127.0.0.1:0").await.unwrap();
        Self {
            unit: unit.into(),
            folder,
            process: None,
            receiver,
            feed: None,
            clock_s: 0,
            terminal: 0,
            enrolment: None,
            monitor: free_port(),
        }
    }

    pub(crate) fn certificates(&self) -> PathBuf {
        self.folder.clone()
    }

    pub(crate) fn terminal(&self) -> u16 {
        self.terminal
    }

    /// From the next start on it renews its certificate at this port.
    pub(crate) fn renew_at(&mut self, port: u16) {
        self.enrolment = Some(port);
    }

    /// Power on. Returns when the terminal answers and the receiver is plugged in.
    pub(crate) async fn start(&mut self, centre: u16) {
        self.terminal = free_port();
        let enrolment =
            self.enrolment.map_or(String::new(), |port| format!("enrolment = [\"127.0.0.1:{port}\"]\n"));
        let config = format!(
            "unit = \"{}\"\ncentre = \"127.0.0.1:{centre}\"\ncertificates = \".\"\nspool = \"spool.sqlite\"\n\
             gnss = \"tcp://{}\"\nterminal = \"127.0.0.1:{}\"\nmonitor = \"mllp://127.0.0.1:{}\"\n{enrolment}",
            self.unit,
            self.receiver.local_addr().unwrap(),
            self.terminal,
            self.monitor
        );
        let file = self.folder.join("vehicle.toml");
        std::fs::write(&file, config).unwrap();
        let log = std::fs::File::options().create(true).append(true).open(self.folder.join("log")).unwrap();
        let process = Command::new(env!("CARGO_BIN_EXE_vehicle-agent"))
            .arg("--config")
            .arg(&file)
            .stdin(Stdio::null())
            .stderr(log)
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        self.process = Some(process);
        let (feed, _) = timeout(WITHIN, self.receiver.accept()).await.unwrap().unwrap();
        self.feed = Some(feed);
        timeout(WITHIN, async {
            while TcpStream::connect(("127.0.0.1", self.terminal)).await.is_err() {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        })
        .await
        .unwrap();
    }

    /// Fixes a second apart: (km/h, degrees east), written at once.
    pub(crate) async fn feed(&mut self, fixes: &[(f64, f64)]) {
        let mut lines = String::new();
        for (speed_kmh, longitude_deg) in fixes {
            self.clock_s += 1;
            lines += &rmc(self.clock_s, *speed_kmh, *longitude_deg);
        }
        self.feed.as_mut().unwrap().write_all(lines.as_bytes()).await.unwrap();
    }

    /// As `feed`, once a second of real time has passed since the start: positions are sent once a second.
    pub(crate) async fn feed_slowly(&mut self, fixes: &[(f64, f64)]) {
        tokio::time::sleep(Duration::from_millis(1_100)).await;
        self.feed(fixes).await;
    }

    /// The receiver's clock goes on by so many seconds, and says so.
    pub(crate) fn later(&mut self, seconds: u32) {
        self.clock_s += seconds;
        let line = rmc(self.clock_s, 0.0, 120.502);
        self.feed.as_mut().unwrap().try_write(line.as_bytes()).unwrap();
    }

    /// Waits until the terminal shows something.
    pub(crate) async fn until(&self, shown: impl Fn(&Value) -> bool) {
        let start = Instant::now();
        loop {
            let state = get_state(self.terminal).await;
            if shown(&state) {
                return;
            }
            let log = std::fs::read_to_string(self.folder.join("log")).unwrap();
            assert!(start.elapsed() < WITHIN, "{state:#}\n{log}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Waits until the program has said something in its log.
    pub(crate) async fn until_log(&self, words: &str) {
        let start = Instant::now();
        loop {
            let log = std::fs::read_to_string(self.folder.join("log")).unwrap();
            if log.contains(words) {
                return;
            }
            assert!(start.elapsed() < WITHIN, "nothing of {words:?} in:\n{log}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Presses until it is taken: two steps need five seconds between them.
    pub(crate) async fn until_taken(&self, path: &str, body: &Value) {
        let start = Instant::now();
        loop {
            let (status, said) = post(self.terminal, path, body).await;
            if status == 200 {
                return;
            }
            assert!(start.elapsed() < WITHIN, "{status}: {said}");
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }

    /// The power fails.
    pub(crate) async fn kill(&mut self) {
        let mut process = self.process.take().unwrap();
        process.kill().await.unwrap();
    }

    /// Told to stop, it stops with success.
    pub(crate) async fn stop(&mut self) {
        let mut process = self.process.take().unwrap();
        let pid = process.id().unwrap().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().await.unwrap().success());
        assert!(timeout(WITHIN, process.wait()).await.unwrap().unwrap().success());
    }
}

impl Drop for Vehicle {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("{}", std::fs::read_to_string(self.folder.join("log")).unwrap_or_default());
        }
        drop(std::fs::remove_dir_all(&self.folder));
    }
}

fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

fn rmc(clock_s: u32, speed_kmh: f64, longitude_deg: f64) -> String {
    let minutes = longitude_deg.fract() * 60.0;
    let knots = speed_kmh / 1.852;
    let body = format!(
        "GNRMC,13{:02}{:02}.00,A,3015.0000,N,{:03}{minutes:07.4},E,{knots:.1},090.0,211126,,,A",
        clock_s / 60,
        clock_s % 60,
        longitude_deg.trunc(),
    );
    let sum = body.bytes().fold(0_u8, |sum, byte| sum ^ byte);
    format!("${body}*{sum:02X}\r\n")
}

fn make_certificates(folder: &Path, unit: &str) {
    let key = || KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap();
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    let authority = CertifiedIssuer::self_signed(params, key()).unwrap();
    std::fs::write(folder.join("authority.key"), authority.key().serialize_pem()).unwrap();
    std::fs::write(folder.join("authority.pem"), authority.pem()).unwrap();
    let uri = format!("{}{unit}", link::UNIT_URI_PREFIX);
    for (name, san) in [
        ("centre", SanType::DnsName("jichi-centre".try_into().unwrap())),
        ("unit", SanType::URI(uri.as_str().try_into().unwrap())),
    ] {
        let mut params = CertificateParams::default();
        params.subject_alt_names = vec![san];
        let key = key();
        let certificate = params.signed_by(&key, &authority).unwrap();
        std::fs::write(folder.join(format!("{name}.pem")), certificate.pem()).unwrap();
        std::fs::write(folder.join(format!("{name}.key")), key.serialize_pem()).unwrap();
    }
}
