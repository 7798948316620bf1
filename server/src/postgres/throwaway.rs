//! A PostgreSQL of one test's or benchmark's own, from the machine's binaries: a fresh cluster in a temporary folder, on
//! a free port of the loopback, gone when it is dropped.

use std::net::TcpListener;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A running cluster.
#[derive(Debug)]
pub(crate) struct Throwaway {
    binaries: PathBuf,
    folder: PathBuf,
    port: u16,
    /// PostgreSQL refuses to run as root: whom it runs as then.
    user: Option<(u32, u32)>,
    server: Option<Child>,
}

impl Throwaway {
    /// A fresh cluster, started. `None`, said on stderr, where the machine has no PostgreSQL.
    pub(crate) fn start(name: &str) -> Option<Self> {
        let Some(binaries) = binaries() else {
            eprintln!("NOT RUN: no PostgreSQL server on this machine (apt-get install postgresql)");
            return None;
        };
        let folder = std::env::temp_dir().join(format!("jichi-pg-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).expect("a temporary folder");
        let user = (id("-u", None) == Some(0)).then(|| {
            let user = id("-u", Some("postgres")).expect("the user postgres");
            let group = id("-g", Some("postgres")).expect("the group of postgres");
            std::os::unix::fs::chown(&folder, Some(user), Some(group)).expect("root may chown");
            (user, group)
        });
        let port = TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr()).expect("a free port").port();
        let mut it = Self { binaries, folder, port, user, server: None };
        let made = it
            .command("initdb")
            .args(["--username=jichi", "--auth=trust", "--encoding=UTF8", "--no-sync", "-D"])
            .arg(it.folder.join("data"))
            .stdout(Stdio::null())
            .status();
        assert!(made.expect("initdb runs").success(), "initdb failed");
        it.run();
        Some(it)
    }

    /// How a client connects.
    pub(crate) fn url(&self) -> String {
        format!("postgresql://jichi@127.0.0.1:{}/postgres", self.port)
    }

    /// Ends the server as a power cut does.
    pub(crate) fn kill(&mut self) {
        if let Some(mut server) = self.server.take() {
            let _ = server.kill();
            let _ = server.wait();
        }
    }

    /// Starts the server, again after [`Self::kill`].
    pub(crate) fn run(&mut self) {
        let begun = Instant::now();
        loop {
            let log = std::fs::File::create(self.folder.join("log")).expect("a log file");
            let mut command = self.command("postgres");
            command.arg("-D").arg(self.folder.join("data")).arg("-k").arg(&self.folder);
            command.args(["-h", "127.0.0.1", "-p", &self.port.to_string()]).stderr(log);
            let mut server = command.spawn().expect("postgres starts");
            while server.try_wait().expect("a child").is_none() {
                if std::net::TcpStream::connect(("127.0.0.1", self.port)).is_ok() && self.answers() {
                    self.server = Some(server);
                    return;
                }
                assert!(begun.elapsed() < START_MAX, "PostgreSQL does not start");
                std::thread::sleep(Duration::from_millis(20));
            }
            // The processes of a killed server take a moment to go; until then a new one refuses to start.
            assert!(begun.elapsed() < START_MAX, "PostgreSQL does not start");
        }
    }

    fn answers(&self) -> bool {
        let ready =
            self.command("pg_isready").args(["-q", "-h", "127.0.0.1", "-p", &self.port.to_string()]).status();
        ready.is_ok_and(|status| status.success())
    }

    fn command(&self, binary: &str) -> Command {
        let mut command = Command::new(self.binaries.join(binary));
        command.current_dir(&self.folder).stdin(Stdio::null());
        if let Some((user, group)) = self.user {
            command.uid(user).gid(group);
        }
        command
    }
}

impl Drop for Throwaway {
    fn drop(&mut self) {
        self.kill();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// Where the newest PostgreSQL of the machine is.
fn binaries() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").ok()?;
    let mut found: Vec<(u32, PathBuf)> = versions
        .filter_map(|entry| {
            let entry = entry.ok()?;
            let version = entry.file_name().to_str()?.parse().ok()?;
            let folder = entry.path().join("bin");
            Path::new(&folder).join("initdb").is_file().then_some((version, folder))
        })
        .collect();
    found.sort();
    found.pop().map(|(_, folder)| folder)
}

fn id(what: &str, user: Option<&str>) -> Option<u32> {
    let said = Command::new("id").arg(what).args(user).output().ok()?;
    String::from_utf8(said.stdout).ok()?.trim().parse().ok()
}

const START_MAX: Duration = Duration::from_secs(30);
