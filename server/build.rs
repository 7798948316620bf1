//! Makes sure that there is a console to carry: without one, a page that says how to build it. The server always builds.

use std::path::Path;

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
    // Only a release carries the files in itself; otherwise they are read from the folder as they are.
    if std::env::var("PROFILE").is_ok_and(|profile| profile == "release") {
        println!("cargo::rerun-if-changed={}", dist.display());
    }
}
