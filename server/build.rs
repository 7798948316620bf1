//! Makes sure that there is a console to carry: without one, a page that says how to build it. The server always builds. And takes the
//! core's fingerprint: a snapshot is believed only by the core that made it.

use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

fn main() {
    let dist = Path::new(env!("CARGO_MANIFEST_DIR")).join("../console/dist");
    let index = dist.join("index.html");
    if !index.exists() {
        let page = "<!doctype html><meta charset=\"utf-8\"><title>疾驰 Jichi</title>\
                    <p>界面尚未构建，请运行 The screens are not built yet: run <code>./x dev</code></p>\n";
        let made = std::fs::create_dir_all(&dist).and_then(|()| std::fs::write(&index, page));
        made.expect("the folder console/dist must be writable");
    }
    println!("cargo::rerun-if-changed=build.rs");
    let core = Path::new(env!("CARGO_MANIFEST_DIR")).join("../dispatch-core/src");
    println!("cargo::rerun-if-changed={}", core.display());
    println!("cargo::rustc-env=JICHI_CORE_FINGERPRINT={:016x}", fingerprint(&core));
    // Only a release carries the files in itself; otherwise they are read from the folder as they are.
    if std::env::var("PROFILE").is_ok_and(|profile| profile == "release") {
        println!("cargo::rerun-if-changed={}", dist.display());
    }
}

/// Of every file in a folder and below it, with its name.
fn fingerprint(folder: &Path) -> u64 {
    let mut files = BTreeSet::new();
    gather(folder, &mut files);
    let mut hasher = DefaultHasher::new();
    // Another version of the program is another core, for all that a snapshot may know.
    std::env::var_os("CARGO_FEATURE_NEXT").is_some().hash(&mut hasher);
    for file in files {
        file.strip_prefix(folder).expect("it lies in the folder").hash(&mut hasher);
        std::fs::read(&file).expect("the core's source can be read").hash(&mut hasher);
    }
    hasher.finish()
}

fn gather(folder: &Path, files: &mut BTreeSet<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("the core's source is beside the server's") {
        let path = entry.expect("the core's source can be listed").path();
        if path.is_dir() {
            gather(&path, files);
        } else {
            files.insert(path);
        }
    }
}
