//! The Debian package, made by `./x package` and installed with the real dpkg into a folder: an update keeps what is the
//! vehicle's own, and the new version opens the old spool.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on ends here")]

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::json;
use tokio::net::TcpStream;
use tokio::time::{Duration, timeout};

use crate::terminal::{get_state, post};
use crate::vehicle::Vehicle;

const WITHIN: Duration = Duration::from_secs(30);

/// Makes the package of a version with a folder of its own.
fn package(out: &Path, version: &str) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let made = Command::new("bash")
        .arg(root.join("x"))
        .args(["package", "vehicle-agent", "--version", version, "--binary"])
        .args([Path::new(env!("CARGO_BIN_EXE_vehicle-agent")), Path::new("--out"), out])
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    String::from_utf8(made.stdout).unwrap().trim().into()
}

/// The real dpkg on another root. Scripts run outside of it and are told where it is; nothing of this system changes.
fn dpkg(root: &Path, arguments: &[&str]) -> String {
    std::fs::create_dir_all(root.join("var/lib/dpkg/updates")).unwrap();
    std::fs::create_dir_all(root.join("var/lib/dpkg/info")).unwrap();
    for file in ["status", "available"] {
        std::fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(root.join("var/lib/dpkg").join(file))
            .unwrap();
    }
    // Files of a package are root's. Who is not, is in a namespace of its own.
    let is_root = rustix::process::getuid().is_root();
    let path = format!("{}:/usr/sbin:/sbin", std::env::var("PATH").unwrap_or_default());
    let told = Command::new(if is_root { "env" } else { "unshare" })
        .args(if is_root { ["dpkg"].as_slice() } else { ["--map-root-user", "dpkg"].as_slice() })
        .env("PATH", path)
        .arg(format!("--root={}", root.display()))
        .arg(format!("--log={}", root.join("dpkg.log").display()))
        .args(["--force-script-chrootless", "--force-not-root", "--force-depends", "--no-triggers"])
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&told.stdout).into_owned() + &String::from_utf8_lossy(&told.stderr);
    assert!(told.status.success(), "dpkg {arguments:?}: {text}");
    text
}

struct Installed {
    root: PathBuf,
    port: u16,
    process: tokio::process::Child,
}

impl Installed {
    /// Starts the installed program with the installed configuration, whose paths are moved below the root.
    async fn start(root: &Path) -> Self {
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let text = std::fs::read_to_string(root.join("etc/jichi/vehicle.toml")).unwrap();
        let text = text
            .replace("/var/lib/jichi", &root.join("var/lib/jichi").display().to_string())
            .replace("127.0.0.1:8201", &format!("127.0.0.1:{port}"));
        let file = root.join("moved.toml");
        std::fs::write(&file, text).unwrap();
        let process = tokio::process::Command::new(root.join("usr/bin/vehicle-agent"))
            .arg("--config")
            .arg(&file)
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        timeout(WITHIN, async {
            while TcpStream::connect(("127.0.0.1", port)).await.is_err() {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        })
        .await
        .unwrap();
        Self { root: root.to_owned(), port, process }
    }

    async fn kill(mut self) -> PathBuf {
        self.process.kill().await.unwrap();
        self.root
    }
}

#[tokio::test]
async fn an_update_keeps_configuration_certificates_and_spool() {
    let vehicle = Vehicle::new("A12").await;
    let folder = vehicle.certificates();
    let root = folder.join("root");
    let (old, new) = (package(&folder, "0.0.1"), package(&folder, "0.0.2"));
    dpkg(&root, &["-i", old.to_str().unwrap()]);

    // What a technician does: the configuration, a log level, the certificates.
    let config = root.join("etc/jichi/vehicle.toml");
    let mine = std::fs::read_to_string(&config)
        .unwrap()
        .replace("\"A00\"", "\"A12\"")
        .replace("10.0.0.", "127.0.0.");
    std::fs::write(&config, &mine).unwrap();
    let level = root.join("etc/default/jichi-vehicle-agent");
    std::fs::write(&level, "RUST_LOG=debug\nVEHICLE_AGENT_OPTIONS=\n").unwrap();
    let certificates = root.join("var/lib/jichi/certificates");
    for name in ["authority.pem", "unit.pem", "unit.key"] {
        std::fs::copy(folder.join(name), certificates.join(name)).unwrap();
    }
    let key = std::fs::read(certificates.join("unit.key")).unwrap();
    let agent = Installed::start(&root).await;
    let person = json!({ "name": "李强", "role": "driver" });
    assert_eq!(post(agent.port, "/api/crew/sign-on", &person).await.0, 200);
    let root = agent.kill().await;

    let told = dpkg(&root, &["-i", new.to_str().unwrap()]);
    assert!(told.contains("(0.0.2) over (0.0.1)"), "{told}");
    assert_eq!(std::fs::read_to_string(&config).unwrap(), mine);
    assert!(std::fs::read_to_string(&level).unwrap().starts_with("RUST_LOG=debug"));
    assert_eq!(std::fs::read(certificates.join("unit.key")).unwrap(), key);
    let agent = Installed::start(&root).await;
    let state = get_state(agent.port).await;
    assert_eq!(state["crew"][0]["name"], "李强", "{state}");
    assert_eq!(state["link"]["unsent"], 1, "what the centre has not heard is still to be told: {state}");
    let root = agent.kill().await;

    dpkg(&root, &["-r", "jichi-vehicle-agent"]);
    assert!(
        !root.join("usr/bin/vehicle-agent").exists()
            && config.exists()
            && certificates.join("unit.key").exists()
    );
    dpkg(&root, &["-P", "jichi-vehicle-agent"]);
    assert!(!config.exists() && !root.join("var/lib/jichi").exists(), "purged, the key goes, too");
}
