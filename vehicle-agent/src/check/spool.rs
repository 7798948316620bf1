//! The spool: its folder can be written, has room, and the file, if there is one, is sound. It is not opened for work:
//! that would count as a start of the agent.

use std::path::Path;

use rusqlite::{Connection, OpenFlags};
use rustix::fs::statvfs;

use super::finding::{About, Finding};
use super::words::words;

const MIB: u64 = 1024 * 1024;
/// A day without the centre needs a few MiB; less than this means that something else fills the disk.
const FREE_MIB_MIN: u64 = 50;

/// Looks at the file that the configuration names.
pub(super) fn look(path: &Path) -> Finding {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if let Err(error) = try_writing(folder) {
        let problem = format!("{}: {error}", folder.display());
        let remedy = words(
            "建立该目录, 属主为运行代理的用户; 请以该用户运行本检查",
            "make the folder, owned by the agent's user; run this check as that user",
        );
        return Finding::bad(About::Spool, words(problem.clone(), problem), remedy);
    }
    let free_mib = match statvfs(folder) {
        Ok(disk) => disk.f_bavail * disk.f_frsize / MIB,
        Err(_) => u64::MAX,
    };
    if free_mib < FREE_MIB_MIN {
        let problem = words(format!("仅剩 {free_mib} MiB"), format!("only {free_mib} MiB are left"));
        return Finding::bad(About::Spool, problem, words("清理磁盘", "make room on this disk"));
    }
    match reports_waiting(path) {
        Ok(waiting) => Finding::good(
            About::Spool,
            words(
                format!("可写, 剩余 {free_mib} MiB, {waiting} 条报告待发"),
                format!("can be written, {free_mib} MiB free, {waiting} reports wait for the centre"),
            ),
        ),
        Err(error) => {
            let problem = format!("{}: {error}", path.display());
            let remedy = words(
                "启动代理即可: 损坏的文件会移到一旁并另建; 保留 .damaged 文件交给中心",
                "start the agent: it sets a damaged file aside and makes another; keep the .damaged file for the centre",
            );
            Finding::bad(About::Spool, words(problem.clone(), problem), remedy)
        }
    }
}

fn try_writing(folder: &Path) -> std::io::Result<()> {
    let trial = folder.join(format!(".check-{}", uuid::Uuid::now_v7()));
    std::fs::write(&trial, "this file may be removed")?;
    std::fs::remove_file(&trial)
}

fn reports_waiting(path: &Path) -> rusqlite::Result<u64> {
    if !path.exists() {
        return Ok(0);
    }
    let db = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let sound: String = db.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    if sound != "ok" {
        let damage = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_CORRUPT);
        return Err(rusqlite::Error::SqliteFailure(damage, Some(sound)));
    }
    let waiting: i64 = db.query_row("SELECT count(*) FROM reports", [], |row| row.get(0))?;
    Ok(waiting as u64)
}

#[cfg(test)]
mod tests {
    use super::super::finding::Verdict;
    use super::*;
    use crate::spool::{Change, Spool};

    fn told(path: &Path) -> String {
        match look(path).verdict {
            Verdict::Good(shown) => format!("good: {}", shown.en),
            Verdict::Bad { problem, .. } => problem.en,
        }
    }

    #[test]
    fn a_sound_spool_is_looked_at_and_left_alone() {
        let folder = std::env::temp_dir().join(format!("jichi-check-{}", uuid::Uuid::now_v7()));
        let path = folder.join("spool.sqlite");
        assert!(told(&path).contains("No such file"), "no folder");
        std::fs::create_dir_all(&folder).unwrap();
        assert!(told(&path).ends_with(" 0 reports wait for the centre"), "{}", told(&path));
        let mut spool = Spool::open(&path, 1000).unwrap();
        let boot = spool.boot();
        let report = link::v1::Report { boot, seq: 1, ..Default::default() };
        spool.apply(&Change { report: Some(report), ..Change::default() }).unwrap();
        assert!(told(&path).ends_with(" 1 reports wait for the centre"), "beside an agent at work");
        drop(spool);
        assert!(told(&path).starts_with("good: "), "{}", told(&path));
        assert_eq!(Spool::open(&path, 1000).unwrap().boot(), boot + 1, "a look is no start");
        std::fs::write(&path, "this is no database, and long enough to be looked at".repeat(50)).unwrap();
        assert!(told(&path).contains("not a database"), "{}", told(&path));
        assert!(told(Path::new("/proc/spool.sqlite")).starts_with("/proc: "), "a folder nobody can write");
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
