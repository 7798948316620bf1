//! The contents of patients' files (ECGs, photos): beside the journal, in a file of their own and on a thread of their own, so that nothing
//! that is large is ever in an order's way. Each is sealed with the key that its card in the journal holds; where the card has lost its
//! key the contents are gone. Where there is PostgreSQL a file counts as kept once it is there, too (`postgres/patient_files`).

mod backup;
mod sealing;
mod store;
#[cfg(test)]
pub(crate) mod tests;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use dispatch_core::ids::{FileId, IncidentId};
use dispatch_core::patient::FileCard;
use thiserror::Error;
use tokio::sync::{mpsc, oneshot, watch};

use crate::config::PostgresConfig;
pub(crate) use backup::{back_up, beside, restore};
pub(crate) use sealing::new_key;
use store::Store;
pub(crate) use store::{Progress, SealedFile};

/// Why a file cannot be taken or read now.
#[derive(Debug, Error)]
pub(crate) enum FileError {
    /// The database says no.
    #[error("files: {0}")]
    Database(#[from] rusqlite::Error),
    /// Room is left for the journal alone.
    #[error("files: less than {} MiB are free on the disk; what is there goes to the journal", store::FREE_BYTES_MIN >> 20)]
    DiskFull,
    /// The folder or the file cannot be used.
    #[error("files: {path}: {source}")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The centre stops.
    #[error("files: the centre is stopping")]
    Stopping,
}

/// The way to the files. Cheap to clone; the thread ends when the last one is dropped, and may be cut at any time: each job is a
/// transaction.
#[derive(Debug, Clone)]
pub(crate) struct Files {
    jobs: mpsc::Sender<Job>,
    /// Counts what became whole or kept.
    news: Arc<watch::Sender<u64>>,
    /// Where copies go, if anywhere.
    copies: Arc<OnceLock<PostgresConfig>>,
}

type Job = Box<dyn FnOnce(&mut Store) + Send>;

impl Files {
    /// Opens the files in `folder` and starts their thread. What keeps them from opening keeps nobody from dispatching: it is asked again
    /// with each job, and said.
    pub(crate) fn start(folder: &Path) -> std::io::Result<Self> {
        let (jobs, mut waiting) = mpsc::channel::<Job>(JOBS_MAX);
        let mut store = Store::new(folder);
        std::thread::Builder::new().name("files".to_owned()).spawn(move || {
            while let Some(job) = waiting.blocking_recv() {
                if catch_unwind(AssertUnwindSafe(|| job(&mut store))).is_err() {
                    metrics::counter!("jichi_centre_panics_total", "thread" => "files").increment(1);
                    tracing::error!("a job of the files panicked; the next one begins anew");
                    store.reopen();
                }
            }
        })?;
        let news = Arc::new(watch::Sender::new(0));
        Ok(Self { jobs, news, copies: Arc::default() })
    }

    /// From now on a file is kept only when it is in PostgreSQL, too.
    pub(crate) fn copy_to(&self, config: PostgresConfig) {
        if self.copies.set(config.clone()).is_ok() {
            tokio::spawn(crate::postgres::patient_files::keep_copied(self.clone(), config));
        }
    }

    /// A vehicle has a file: how much of it is here.
    pub(crate) async fn offered(&self, card: &FileCard, under: IncidentId) -> Result<Progress, FileError> {
        let card = card.clone();
        let progress = self.ask(move |store| store.offered(&card, under)).await?;
        Ok(self.judged(progress))
    }

    /// A piece of it.
    pub(crate) async fn take(
        &self,
        card: &FileCard,
        offset: u32,
        content: Vec<u8>,
    ) -> Result<Progress, FileError> {
        let card = card.clone();
        let progress = self.ask(move |store| store.take(&card, offset, &content)).await?;
        if progress == Progress::Whole {
            self.tell();
        }
        Ok(self.judged(progress))
    }

    /// Whether it is where it lasts.
    pub(crate) async fn is_kept(&self, file: FileId) -> Result<bool, FileError> {
        let progress = self.ask(move |store| store.progress(file)).await?;
        Ok(progress.is_some_and(|progress| self.judged(progress) == Progress::Kept))
    }

    /// The contents, as they came; `None`: they are not here yet, or were erased.
    pub(crate) async fn read(
        &self,
        card: &FileCard,
        under: IncidentId,
    ) -> Result<Option<Vec<u8>>, FileError> {
        let wanted = card.clone();
        if let Some(contents) = self.ask(move |store| store.read(&wanted)).await? {
            return Ok(Some(contents));
        }
        // Another node may have taken it in.
        let Some(config) = self.copies.get() else { return Ok(None) };
        let Some(sealed) = crate::postgres::patient_files::fetch(config, card.id).await else {
            return Ok(None);
        };
        let (card, under) = (card.clone(), under);
        self.ask(move |store| {
            store.adopt(&card, under, &sealed)?;
            store.read(&card)
        })
        .await
    }

    /// Throws away what belongs to these, here and in PostgreSQL. Their keys are gone already: what is left of them anywhere opens no more.
    pub(crate) async fn erase(&self, incidents: Vec<IncidentId>) {
        let here = incidents.clone();
        if let Err(error) = self.ask(move |store| store.erase(&here)).await {
            tracing::warn!("files whose keys were erased stay on disk, unreadable: {error}");
        }
        if let Some(config) = self.copies.get()
            && let Err(trouble) = crate::postgres::patient_files::erase(config, &incidents).await
        {
            tracing::warn!("files whose keys were erased stay in PostgreSQL, unreadable: {trouble}");
        }
    }

    /// A whole file that PostgreSQL has not.
    pub(crate) async fn next_uncopied(&self) -> Result<Option<SealedFile>, FileError> {
        self.ask(Store::next_uncopied).await
    }

    /// PostgreSQL has it.
    pub(crate) async fn copied(&self, file: FileId) -> Result<(), FileError> {
        self.ask(move |store| store.copied(file)).await?;
        self.tell();
        Ok(())
    }

    /// Changes when something became whole or kept.
    pub(crate) fn news(&self) -> watch::Receiver<u64> {
        self.news.subscribe()
    }

    /// Where nothing is copied, whole is kept.
    fn judged(&self, progress: Progress) -> Progress {
        if progress == Progress::Whole && self.copies.get().is_none() { Progress::Kept } else { progress }
    }

    fn tell(&self) {
        self.news.send_modify(|count| *count += 1);
    }

    async fn ask<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Store) -> Result<T, FileError> + Send + 'static,
    ) -> Result<T, FileError> {
        let (reply, answer) = oneshot::channel();
        let job = Box::new(move |store: &mut Store| drop(reply.send(job(store))));
        self.jobs.send(job).await.map_err(|_| FileError::Stopping)?;
        answer.await.map_err(|_| FileError::Stopping)?
    }
}

/// Jobs that wait for the thread; whoever brings more waits for room.
const JOBS_MAX: usize = 64;
