//! The source tree as git sees it: the files somebody wrote, without what is built or fetched.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

/// The root of the repository.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("invariant: the crate lies one folder below the root")
        .into()
}

/// Every text file of the tree that git tracks or would track, as paths relative to the root, in order.
pub fn files() -> Result<Vec<PathBuf>> {
    let output = Command::new("git")
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .current_dir(root())
        .output()
        .context("git is needed to list the tree")?;
    if !output.status.success() {
        bail!("git ls-files failed: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    let mut files: Vec<PathBuf> = String::from_utf8(output.stdout)?
        .split('\0')
        .filter(|path| !path.is_empty())
        .map(PathBuf::from)
        .filter(|path| root().join(path).is_file())
        .collect();
    files.sort();
    files.dedup();
    Ok(files)
}

/// The files whose names end in one of `endings` and that a person wrote: generated ones are named `*.gen.*`.
pub fn written(endings: &[&str]) -> Result<Vec<PathBuf>> {
    Ok(files()?.into_iter().filter(|path| is_written(path, endings)).collect())
}

fn is_written(path: &Path, endings: &[&str]) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let generated = name.contains(".gen.") || name.ends_with("_pb2.py");
    !generated && endings.iter().any(|ending| name.ends_with(ending))
}

/// A file's text; a file that is not UTF-8 counts as having none.
pub fn text(path: &Path) -> Result<String> {
    let bytes =
        std::fs::read(root().join(path)).with_context(|| format!("cannot read {}", path.display()))?;
    Ok(String::from_utf8(bytes).unwrap_or_default())
}
