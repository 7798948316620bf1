//! Bringing in what a node wrote while it was cut off: the leader fetches it from where it waits, parts it into matters, and puts each
//! on record like any command. Asked twice, it does nothing twice: every matter has its key.

use std::collections::BTreeMap;
use std::ops::AddAssign;
use std::time::{Duration, Instant};

use dispatch_core::actor::Actor;
use dispatch_core::aside::AsideMatter;
use dispatch_core::leadership::{Quarantined, Run};
use dispatch_core::{Action, Command, Event, Fact};
use sha2::{Digest, Sha256};
use thiserror::Error;
use tokio::sync::watch;
use tokio::time::timeout;

use super::Leadership;
use super::conductor::{ASIDE_PAGE_EVENTS, Input};
use super::peer::AsideLetter;
use crate::centre::{CentreHandle, IdempotencyKey, Submission, SubmitError};
use crate::journal::{JournalError, Portion, words};

/// A page of a stretch that waits at the other node.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct AsidePage {
    /// Of which stretch.
    pub(super) stretch: Quarantined,
    /// The events after this one.
    pub(super) after_seq: u64,
    /// The events; none at the end.
    pub(super) portion: Portion,
}

/// What is known of events aside at the other node.
#[derive(Debug, Default)]
pub(super) struct Elsewhere {
    /// What waits there, as it said.
    pub(super) waiting: watch::Sender<Vec<Quarantined>>,
    /// The last page that came.
    pub(super) page: watch::Sender<Option<AsidePage>>,
}

/// What came of bringing a stretch in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct BroughtIn {
    /// Calls with their incidents and runs.
    pub matters: u32,
    /// Events that came onto the record.
    pub events: u32,
    /// Events that did not fit: they stay aside, to be read.
    pub left_out: u32,
    /// Requests whose answer was lost and that the leader carried out in the island's place: they are not brought in a second time.
    pub repeated: u32,
}

impl AddAssign for BroughtIn {
    fn add_assign(&mut self, more: Self) {
        self.matters += more.matters;
        self.events += more.events;
        self.left_out += more.left_out;
        self.repeated += more.repeated;
    }
}

/// Why nothing was brought in, or not all of it.
#[derive(Debug, Error)]
pub enum BringInError {
    /// Nothing waits.
    #[error("no events wait aside, here or at the other node")]
    NothingWaits,
    /// The other node does not send them.
    #[error("the other node does not send its events: try again when it is connected")]
    NotSent,
    /// More than one request can take.
    #[error(
        "more than {EVENTS_MAX} events wait in one stretch: have them looked at by whoever runs the centre"
    )]
    TooMany,
    /// They cannot be read.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The centre did not take one.
    #[error(transparent)]
    Submit(#[from] SubmitError),
}

/// Brings in what waits, here or at the other node, in the name of a person: the oldest stretch first, and as many as a request has time for.
pub async fn bring_in(
    leadership: &Leadership,
    centre: &CentreHandle,
    by: &Actor,
) -> Result<BroughtIn, BringInError> {
    let (begun, mut done, mut sum) = (Instant::now(), Vec::new(), BroughtIn::default());
    while let Some((stretch, is_here)) = oldest(leadership, &done) {
        match bring_in_one(leadership, centre, by, &stretch, is_here).await {
            Ok(of_it) => sum += of_it,
            // What came before it is on record.
            Err(error) if !done.is_empty() => {
                tracing::warn!(%error, "the next stretch stays aside");
                break;
            }
            Err(error) => return Err(error),
        }
        done.push(stretch);
        if begun.elapsed() > BRING_IN_MAX {
            break;
        }
    }
    if done.is_empty() { Err(BringInError::NothingWaits) } else { Ok(sum) }
}

/// The next stretch that waits, and whether it waits here. That one was brought in shows a moment later.
fn oldest(leadership: &Leadership, done: &[Quarantined]) -> Option<(Quarantined, bool)> {
    let next = |waiting: Vec<Quarantined>| waiting.into_iter().find(|stretch| !done.contains(stretch));
    let here = next(leadership.standing().aside).map(|stretch| (stretch, true));
    here.or_else(|| Some((next(leadership.elsewhere_aside())?, false)))
}

async fn bring_in_one(
    leadership: &Leadership,
    centre: &CentreHandle,
    by: &Actor,
    stretch: &Quarantined,
    is_here: bool,
) -> Result<BroughtIn, BringInError> {
    let mut sum = BroughtIn::default();
    let events = fetch(leadership, centre, stretch, is_here, &mut sum).await?;
    let Some(Run { epoch, .. }) = stretch.runs.last().copied() else {
        return Err(BringInError::NothingWaits);
    };
    let node = epoch.node;
    for (place, matter) in AsideMatter::part(node, events).into_iter().enumerate() {
        sum.matters += 1;
        let count = u32::try_from(matter.events.len()).unwrap_or(u32::MAX);
        let name = format!("aside {} {} {place}", words(epoch), stretch.after_seq);
        let (events, left_out) = match put_on_record(centre, by, &name, matter).await {
            Ok(done) => done,
            // What the rules refuse as a whole stays aside as a whole.
            Err(SubmitError::Refused(refusal)) => {
                tracing::warn!(%refusal, "a matter stays aside");
                (0, count)
            }
            Err(error) => return Err(error.into()),
        };
        sum.events += events;
        sum.left_out += left_out;
    }
    tracing::warn!(?by, ?sum, ?stretch, "events that were aside are brought in");
    leadership.brought_in(stretch.clone(), is_here);
    Ok(sum)
}

/// All events of a stretch, page by page, from where they wait; without those of a request that was repeated at the leader.
async fn fetch(
    leadership: &Leadership,
    centre: &CentreHandle,
    stretch: &Quarantined,
    is_here: bool,
    sum: &mut BroughtIn,
) -> Result<Vec<Event>, BringInError> {
    let mut events = BTreeMap::new();
    let mut after_seq = stretch.after_seq;
    loop {
        let portion = if is_here {
            centre.journal().aside(stretch, after_seq, ASIDE_PAGE_EVENTS)?
        } else {
            leadership.ask_for_page(stretch, after_seq).await?
        };
        let Some(last) = portion.rows.last() else { return Ok(events.into_values().collect()) };
        after_seq = last.seq;
        events.extend(portion.events()?.into_iter().map(|journalled| (journalled.seq, journalled.event)));
        for (key, request) in &portion.requests {
            if request.first_seq <= request.last_seq && centre.journal().knows_request(key)? {
                sum.repeated += 1;
                (request.first_seq..=request.last_seq).for_each(|seq| drop(events.remove(&seq)));
            }
        }
        if events.len() > EVENTS_MAX {
            return Err(BringInError::TooMany);
        }
    }
}

/// Puts one matter on record; comes back with how many events of it are there now, and how many are not.
async fn put_on_record(
    centre: &CentreHandle,
    by: &Actor,
    name: &str,
    matter: AsideMatter,
) -> Result<(u32, u32), SubmitError> {
    let command = Command { by: by.clone(), action: Action::BringIn { matter: Box::new(matter) } };
    let digest = Sha256::digest(name).into();
    let submission = match IdempotencyKey::new(name) {
        Some(key) => Submission::keyed(command, key, digest, ""),
        None => Submission::new(command),
    };
    let accepted = centre.submit(submission).await?;
    let last = accepted.last_seq;
    if last < accepted.first_seq {
        return Ok((0, 0));
    }
    let page = centre.journal().page(last - 1, 1).unwrap_or_default();
    match page.first().map(|journalled| &journalled.event.fact) {
        Some(Fact::EventsBroughtIn { events, left_out, .. }) => Ok((*events, *left_out)),
        _ => Ok((0, 0)),
    }
}

impl Leadership {
    /// What waits aside at the other node, as it said.
    pub fn elsewhere_aside(&self) -> Vec<Quarantined> {
        self.aside_there.waiting.borrow().clone()
    }

    pub(super) fn note_waiting_there(&self, stretches: Vec<Quarantined>) {
        self.aside_there.waiting.send_if_modified(|known| {
            let changed = *known != stretches;
            *known = stretches;
            changed
        });
    }

    pub(super) fn note_page(&self, page: AsidePage) {
        self.aside_there.page.send_replace(Some(page));
    }

    /// Asks the other node for a page until it comes.
    async fn ask_for_page(&self, stretch: &Quarantined, after_seq: u64) -> Result<Portion, BringInError> {
        let mut pages = self.aside_there.page.subscribe();
        for _ in 0..ASKED_MAX {
            let ask = AsideLetter::Send { stretch: stretch.clone(), after_seq };
            let _ = self.inputs.try_send(Input::SayAside(Box::new(ask)));
            let wanted = |page: &Option<AsidePage>| {
                page.as_ref().is_some_and(|page| page.stretch == *stretch && page.after_seq == after_seq)
            };
            if let Ok(Ok(page)) = timeout(PAGE_MAX, pages.wait_for(wanted)).await {
                return Ok(page.as_ref().map(|page| page.portion.clone()).unwrap_or_default());
            }
        }
        Err(BringInError::NotSent)
    }

    /// A stretch waits no more. Word that is lost is no harm: the stretch shows again, and bringing it in once more does nothing.
    fn brought_in(&self, stretch: Quarantined, is_here: bool) {
        let input = if is_here {
            Input::BroughtIn(stretch)
        } else {
            self.aside_there.waiting.send_modify(|waiting| waiting.retain(|it| *it != stretch));
            Input::SayAside(Box::new(AsideLetter::BroughtIn { stretch }))
        };
        let _ = self.inputs.try_send(input);
    }

    /// How many events a journal has aside.
    pub(crate) fn events_of(stretch: &Quarantined) -> u64 {
        stretch.runs.last().map_or(stretch.after_seq, |run| run.last_seq) - stretch.after_seq
    }
}

/// What was moved aside in one stretch: a day of the largest city.
const EVENTS_MAX: usize = 200_000;
/// A request for bringing in takes up no further stretch after this.
const BRING_IN_MAX: Duration = Duration::from_secs(5);
/// How often a page is asked for, and how long each time.
const ASKED_MAX: u32 = 5;
const PAGE_MAX: Duration = Duration::from_secs(2);
