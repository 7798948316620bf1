//! Makes sure that there is a page to build in: without a built console the terminal says so.

use std::fs;
use std::path::Path;

const PAGE: &str = "<!doctype html><meta charset=\"utf-8\"><title>Jichi</title>\
<p>车载终端页面尚未构建: 请先构建 console。The terminal's page is not built: build the console first.</p>\n";

fn main() -> std::io::Result<()> {
    let dist = Path::new("../console/dist");
    println!("cargo:rerun-if-changed=../console/dist");
    let page = dist.join("vehicle.html");
    if !page.exists() {
        fs::create_dir_all(dist)?;
        fs::write(page, PAGE)?;
    }
    Ok(())
}
