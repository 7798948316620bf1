//! Why a case cannot be read: one line that names the file and says what to do about it.

/// A case folder, or a file of it, that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}: {problem}")]
pub struct CaseError {
    file: String,
    problem: String,
}

impl CaseError {
    /// A problem with a file, or a folder.
    pub fn new(file: impl Into<String>, problem: impl Into<String>) -> Self {
        Self { file: file.into(), problem: problem.into() }
    }
}
