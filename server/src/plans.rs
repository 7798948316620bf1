//! Plans: past days lived again on a thread of their own, one at a time, beside dispatching. What came of them is kept until newer
//! ones take its place; a restart forgets them all.

use std::collections::VecDeque;
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crossbeam_channel::{Receiver, Sender, bounded};
use dispatch_core::UtcTime;
use dispatch_core::actor::Actor;
use dispatch_core::ids::PlanId;
use dispatch_core::replay::{BadPlan, Comparison, Past, Plan, Wanted, compare};
use thiserror::Error;

use crate::centre::{CentreHandle, IdempotencyKey, RequestDigest};
use crate::journal::JournalError;

/// One plan, and what came of it so far.
#[derive(Debug, Clone)]
pub(crate) struct Planned {
    pub(crate) id: PlanId,
    /// The day, `2026-11-21`.
    pub(crate) day: String,
    pub(crate) plan: Plan,
    pub(crate) by: Actor,
    /// When it was asked for, UTC.
    pub(crate) asked_at: UtcTime,
    pub(crate) state: PlanState,
    key: Option<(IdempotencyKey, RequestDigest)>,
}

/// Where a plan stands.
#[derive(Debug, Clone)]
pub(crate) enum PlanState {
    /// Others are before it.
    Waiting,
    /// It is being lived: share of the work that is done, 0 to 1.
    Running(f64),
    /// It was lived.
    Done(Arc<Comparison>),
    /// It could not be.
    Failed(Arc<PlanFailure>),
}

/// Why a plan came to nothing.
#[derive(Debug, Error)]
pub(crate) enum PlanFailure {
    /// It makes no sense on that day.
    #[error(transparent)]
    Bad(#[from] BadPlan),
    /// The day could not be read.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// A mistake in the program.
    #[error("something is wrong in the centre: its log says what")]
    Broken,
}

/// What somebody asks for.
#[derive(Debug)]
pub(crate) struct PlanWish {
    pub(crate) day: String,
    pub(crate) plan: Plan,
    pub(crate) by: Actor,
    pub(crate) key: Option<(IdempotencyKey, RequestDigest)>,
}

/// Why a plan is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PlanRefusal {
    /// As many wait as may wait.
    Full,
    /// The key was used for another request.
    KeyReused,
}

/// The plans, and the thread that lives them.
pub(crate) struct Planner {
    shared: Arc<Shared>,
    wishes: Sender<PlanId>,
}

struct Shared {
    centre: CentreHandle,
    kept: Mutex<VecDeque<Planned>>,
    stopping: AtomicBool,
}

impl Planner {
    /// Starts the thread.
    pub(crate) fn start(centre: CentreHandle) -> std::io::Result<Self> {
        let (wishes, waiting) = bounded(PLANS_WAITING_MAX);
        let (kept, stopping) = (Mutex::default(), AtomicBool::new(false));
        let shared = Arc::new(Shared { centre, kept, stopping });
        let worker = Arc::clone(&shared);
        std::thread::Builder::new().name("plans".to_owned()).spawn(move || worker.work(&waiting))?;
        Ok(Self { shared, wishes })
    }

    /// Takes a plan. The same request under the same key is the same plan.
    pub(crate) fn take(&self, wish: PlanWish) -> Result<Planned, PlanRefusal> {
        let mut kept = self.shared.kept();
        if let Some((key, digest)) = &wish.key
            && let Some(known) = kept.iter().find(|it| it.key.as_ref().is_some_and(|(other, _)| other == key))
        {
            let same = known.key.as_ref().is_some_and(|(_, other)| other == digest);
            return if same { Ok(known.clone()) } else { Err(PlanRefusal::KeyReused) };
        }
        let planned = Planned {
            id: PlanId::new(uuid::Uuid::now_v7()),
            day: wish.day,
            plan: wish.plan,
            by: wish.by,
            asked_at: self.shared.centre.clock().now(),
            state: PlanState::Waiting,
            key: wish.key,
        };
        self.wishes.try_send(planned.id).map_err(|_| PlanRefusal::Full)?;
        kept.push_back(planned.clone());
        while kept.len() > PLANS_KEPT_MAX {
            kept.pop_front();
        }
        Ok(planned)
    }

    /// One plan; `None` when it never was or was forgotten.
    pub(crate) fn find(&self, id: PlanId) -> Option<Planned> {
        self.shared.kept().iter().find(|planned| planned.id == id).cloned()
    }

    /// Ends what is being lived; nothing more is begun.
    pub(crate) fn stop(&self) {
        self.shared.stopping.store(true, Ordering::Relaxed);
    }

    /// Every plan that is kept, the newest first.
    pub(crate) fn list(&self) -> Vec<Planned> {
        self.shared.kept().iter().rev().cloned().collect()
    }
}

impl Drop for Planner {
    /// The thread ends by itself, within moments: nobody waits for it.
    fn drop(&mut self) {
        self.stop();
    }
}

impl Shared {
    fn kept(&self) -> MutexGuard<'_, VecDeque<Planned>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn work(&self, waiting: &Receiver<PlanId>) {
        while let Ok(id) = waiting.recv() {
            if self.is_stopping() {
                return;
            }
            let asked = self.kept().iter().find(|planned| planned.id == id).cloned();
            let Some(asked) = asked else { continue };
            self.put(id, PlanState::Running(0.0));
            // A mistake here must not end the thread: other plans wait.
            let lived = catch_unwind(AssertUnwindSafe(|| self.live(&asked)));
            let lived = lived.unwrap_or_else(|_| {
                metrics::counter!("jichi_centre_panics_total", "thread" => "plans").increment(1);
                Err(PlanFailure::Broken)
            });
            self.put(
                id,
                match lived {
                    Ok(comparison) => PlanState::Done(Arc::new(comparison)),
                    Err(failure) => PlanState::Failed(Arc::new(failure)),
                },
            );
        }
    }

    fn put(&self, id: PlanId, state: PlanState) {
        if let Some(planned) = self.kept().iter_mut().find(|planned| planned.id == id) {
            planned.state = state;
        }
    }

    fn live(&self, asked: &Planned) -> Result<Comparison, PlanFailure> {
        let mut past = Past::of_day(&asked.day).map_err(BadPlan::from)?;
        self.read(&mut past)?;
        let roads = self.centre.roads();
        let map = roads.as_ref().map(|roads| roads.map.as_ref());
        let mut said = 0;
        let comparison = compare(&past, &asked.plan, map, &mut |progress| {
            let hundredth = progress.done * 100 / progress.total.max(1);
            if hundredth > said {
                said = hundredth;
                self.put(asked.id, PlanState::Running(hundredth as f64 / 100.0));
            }
            if self.is_stopping() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })?;
        Ok(comparison)
    }

    fn read(&self, past: &mut Past) -> Result<(), PlanFailure> {
        let reader = self.centre.journal();
        let mut after = 0;
        loop {
            if self.is_stopping() {
                return Err(BadPlan::Stopped.into());
            }
            let page = reader.page(after, PAGE_MAX)?;
            for journalled in &page {
                after = journalled.seq;
                if past.take(&journalled.event) == Wanted::Enough {
                    return Ok(());
                }
            }
            if page.len() < PAGE_MAX {
                return Ok(());
            }
        }
    }

    fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Relaxed)
    }
}

/// Plans that may wait; one is lived at a time.
const PLANS_WAITING_MAX: usize = 8;
/// Plans that are kept with what came of them, those that wait among them.
const PLANS_KEPT_MAX: usize = 32;
/// Events read at a time.
const PAGE_MAX: usize = 2000;
