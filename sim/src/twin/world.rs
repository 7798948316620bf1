//! The simulated city: calls come in, units drive, and the core decides everything that a dispatch centre decides.

use dispatch_core::actor::Actor;
use dispatch_core::assignment::{
    Proposal, ProposalInputs, Stage, StampSource, gather_within, propose, relief_within,
};
use dispatch_core::ids::{AssignmentId, CallId, IncidentId, ProposalId, UnitId};
use dispatch_core::incident::{CallSource, IncidentKind, IncidentSketch, Needs, Place, Triage};
use dispatch_core::policy::rollout::CONTENDERS_MAX;
use dispatch_core::private::Private;
use dispatch_core::vehicle::Unit;
use dispatch_core::{Action, Command, DispatchCentre, Event, Fact, Record};

use super::agenda::{Agenda, Happening, Reaches};
use super::approach::Approach;
use super::ledger::{Ledger, UnitWork, Way};
use super::lengths::Lengths;
use super::numbers::{CALLS, INCIDENTS, PROPOSALS, call_of, numbered, utc};
use super::outlook::{self, Outlook};
use super::reach::{CaseReach, wgs84};
use super::route::Route;
use super::ways::{Goal, Sites, Ways};
use super::{Answer, Day, Silence, TwinError, setup};
use crate::case::{CallRow, Case, Period, Priority, Spot};

/// The city, the centre in it, and what will happen.
pub(super) struct World<'a> {
    case: &'a Case,
    sites: &'a Sites,
    calls: &'a [CallRow],
    periods: &'a [Period],
    /// Where each call is, tied to its nearest node.
    spots: &'a [Spot],
    centre: DispatchCentre,
    agenda: Agenda,
    routes: Vec<Route>,
    jobs: Vec<Job>,
    answers: Vec<Answer>,
    approach: Approach,
    ids: u64,
    now_ns: u64,
    /// How far the desk looks ahead; none where it takes what is proposed.
    outlook: Option<Outlook<'a>>,
    /// Kept where somebody will compare what the units did.
    pub(super) books: Option<(Ledger, &'a Lengths)>,
    /// Events that the core made.
    pub(super) events: u64,
}

/// What a run leaves behind.
pub(super) struct Ended {
    pub(super) answers: Vec<Answer>,
    pub(super) events: u64,
    /// Unit by unit; empty where no books were kept.
    pub(super) work: Vec<UnitWork>,
}

/// What a unit is doing for whom.
#[derive(Debug, Clone, Copy)]
struct Job {
    id: UnitId,
    /// Grows with every change of plan: what was noted for an earlier plan does not happen.
    turn: u32,
    order: Option<(AssignmentId, u32)>,
}

impl<'a> World<'a> {
    /// The city before its first call.
    pub(super) fn new(
        (case, sites): (&'a Case, &'a Sites),
        (policy, outlook): (&str, Option<Outlook<'a>>),
        day: Day<'a>,
        periods: &'a [Period],
    ) -> Result<Self, TwinError> {
        let Day { calls, spots, silences } = day;
        let job = |number| Ok(Job { id: setup::unit_id(number)?, turn: 0, order: None });
        let stations = case.ambulances.iter().map(|&s| (Sites::station(s), case.stations[s].spot));
        let mut world = Self {
            case,
            sites,
            calls,
            periods,
            spots,
            centre: DispatchCentre::new(),
            agenda: Agenda::default(),
            routes: stations.map(|(goal, spot)| Route::standing(goal, spot)).collect(),
            jobs: (0..case.ambulances.len()).map(job).collect::<Result<_, TwinError>>()?,
            answers: vec![Answer::default(); calls.len()],
            approach: Approach::default(),
            ids: 0,
            now_ns: 0,
            outlook,
            books: None,
            events: 0,
        };
        let crews_take_time = calls.iter().any(|call| call.turnout_ns > 0);
        let mut rules = setup::rules(case, policy.parse()?, crews_take_time);
        if outlook.is_some() {
            rules.candidates_max = CONTENDERS_MAX;
        }
        for action in setup::actions(case, rules)? {
            world.ask(&Command { by: setup::city(), action })?;
        }
        for period in 0..periods.len() as u32 {
            world.agenda.note(periods[period as usize].begins_ns, Happening::CoverChanges { period });
        }
        for &Silence { unit, begins_ns, ends_ns } in silences {
            world.agenda.note(begins_ns, Happening::Silence { unit, begins: true });
            world.agenda.note(ends_ns, Happening::Silence { unit, begins: false });
        }
        if let Some(first) = calls.first() {
            world.agenda.note(first.arrives_ns, Happening::CallArrives { call: 0 });
        }
        Ok(world)
    }

    /// Lets everything happen.
    pub(super) fn run(mut self) -> Result<Ended, TwinError> {
        while let Some((at_ns, what)) = self.agenda.next() {
            self.now_ns = at_ns;
            self.deadlines();
            match what {
                Happening::CallArrives { call } => self.call_arrives(call)?,
                Happening::CallReady { call } => self.call_ready(call)?,
                Happening::CalledOff { call } => self.called_off(call)?,
                Happening::Silence { unit, begins } => self.silence(unit as usize, begins)?,
                Happening::CoverChanges { period } => {
                    let number = period as usize;
                    let action = setup::cover(self.case, number, &self.periods[number])?;
                    self.ask(&Command { by: setup::city(), action })?;
                }
                Happening::Unit { unit, turn, reaches } if self.jobs[unit as usize].turn == turn => {
                    self.reaches(unit, reaches)?;
                }
                Happening::Unit { .. } => {}
            }
        }
        let work = self.books.map_or_else(Vec::new, |(ledger, _)| ledger.closed());
        Ok(Ended { answers: self.answers, events: self.events, work })
    }

    fn call_arrives(&mut self, call: u32) -> Result<(), TwinError> {
        let row = &self.calls[call as usize];
        let ready_ns = self.now_ns + row.dispatch_delay_ns;
        self.agenda.note(ready_ns, Happening::CallReady { call });
        if let Some(next) = self.calls.get(call as usize + 1) {
            self.agenda.note(next.arrives_ns, Happening::CallArrives { call: call + 1 });
        }
        let place = Place { position: Some(wgs84(row.at)), ..Place::default() };
        let action = Action::ReceiveCall {
            call: CallId::new(numbered(CALLS, u64::from(call))),
            source: CallSource::Telephone,
            phone: Private::new(""),
            text_only: false,
            place,
            text: None,
        };
        self.ask(&Command { by: Actor::Caller, action }).map(drop)
    }

    fn call_ready(&mut self, call: u32) -> Result<(), TwinError> {
        let row = &self.calls[call as usize];
        let sketch = IncidentSketch {
            kind: IncidentKind::Emergency,
            complaint: String::new(),
            triage: Triage::level(setup::level(row.priority)),
            place: Place { position: Some(wgs84(row.at)), ..Place::default() },
            patients: Vec::new(),
            needs: Needs::default(),
            notes: String::new(),
            wish: None,
            text_only: false,
            test: false,
            scheduled_at: None,
        };
        let sketch = sketch.into();
        let incident = IncidentId::new(numbered(INCIDENTS, u64::from(call)));
        let of_call = Some(CallId::new(numbered(CALLS, u64::from(call))));
        let action = Action::CreateIncident { incident, call: of_call, sketch };
        self.ask(&Command { by: setup::city(), action })?;
        self.serve()
    }

    /// Proposes for whoever wants a unit, the head of the queue first, until nobody does.
    fn serve(&mut self) -> Result<(), TwinError> {
        while let Some(incident) = self.centre.record().next_proposal_wanted() {
            self.propose(incident)?;
        }
        Ok(())
    }

    fn propose(&mut self, incident: IncidentId) -> Result<(), TwinError> {
        let call = call_of(incident);
        let now = utc(self.now_ns);
        let inputs = self.look(|record, reach| gather_within(record, reach, incident, now))?;
        self.record(inputs, call)
    }

    /// Looks over the city as it is now.
    fn look<T>(&mut self, look: impl FnOnce(&Record, &mut CaseReach<'_>) -> T) -> T {
        let (case, calls, spots, now_ns) = (self.case, self.calls, self.spots, self.now_ns);
        let of = |incident| {
            let call = call_of(incident) as usize;
            (spots[call], response_mode(case, &calls[call], now_ns))
        };
        let ways = self.ways();
        let (routes, approach) = (&mut self.routes, &mut self.approach);
        let mut reach = CaseReach { ways, routes, approach, calls: &of, mode: 0, now_ns };
        look(self.centre.record(), &mut reach)
    }

    /// Whether a unit that has become free should go in place of one on its way, and so on for the one relieved.
    fn relieve(&mut self, place: usize) -> Result<(), TwinError> {
        let (unit, now) = (self.jobs[place].id, utc(self.now_ns));
        let Some(inputs) = self.look(|record, reach| relief_within(record, reach, unit, now)) else {
            return Ok(());
        };
        let call = call_of(inputs.incident);
        let relieved = inputs.relieves.map(|relieved| relieved.unit);
        self.record(inputs, call)?;
        let relieved = relieved.and_then(|unit| setup::number_of(unit.as_str()));
        match relieved.filter(|_| self.jobs[place].order.is_some()) {
            Some(relieved) => {
                self.puts_down(relieved);
                self.goes_on(relieved)
            }
            None => Ok(()),
        }
    }

    fn record(&mut self, inputs: ProposalInputs, call: u32) -> Result<(), TwinError> {
        let mode = response_mode(self.case, &self.calls[call as usize], self.now_ns);
        let reliefs = inputs.relieves.is_some();
        self.ids += 1;
        let mut proposal = propose(ProposalId::new(numbered(PROPOSALS, self.ids)), inputs);
        self.look_ahead(&mut proposal);
        let action = Action::RecordProposal { proposal: proposal.into() };
        let events = self.ask(&Command { by: Actor::rule("proposal"), action })?;
        let sent = events.iter().find_map(|event| match event.fact {
            Fact::UnitAssigned { assignment, unit, .. } => Some((assignment, unit)),
            _ => None,
        });
        if let Some((assignment, unit)) = sent {
            return self.send(assignment, unit, call, mode);
        }
        self.answers[call as usize].was_queued |= !reliefs;
        Ok(())
    }

    fn look_ahead(&mut self, proposal: &mut Proposal) {
        let (Some(outlook), ways, now_ns) = (self.outlook, self.ways(), self.now_ns) else { return };
        let units = self.jobs.iter().zip(&mut self.routes);
        let seen = units.map(|(job, route)| (job.id, wgs84(route.position(ways, now_ns))));
        let picture = outlook::picture(utc(now_ns), seen);
        outlook.follow(self.centre.record(), &picture, proposal);
    }

    fn send(
        &mut self,
        assignment: AssignmentId,
        unit: UnitId,
        call: u32,
        mode: usize,
    ) -> Result<(), TwinError> {
        let place = setup::number_of(unit.as_str()).unwrap_or_default();
        if let Some((_, left)) = self.jobs[place].order.replace((assignment, call)) {
            self.answers[left as usize].bumps += 1;
        }
        let row = &self.calls[call as usize];
        let answer = &mut self.answers[call as usize];
        if let Some(after_ns) = row.called_off_ns.filter(|_| answer.unit == 0) {
            self.agenda.note(self.now_ns + after_ns, Happening::CalledOff { call });
        }
        answer.unit = place as u32 + 1;
        answer.dispatched_ns = self.now_ns;
        let (ways, spot) = (self.ways(), self.spots[call as usize]);
        let goal = Goal::Call(spot);
        let from = self.routes[place].stands_at(self.now_ns);
        let drive_ns = |node| match from {
            Some(site) => ways.leave_ns(mode, site, (spot.node, ways.network.gates_to(mode, spot.node))),
            None => self.approach.to(ways.network, mode, spot.node).time_ns(ways.network, node),
        };
        // At its station a crew takes time to roll; on the road it turns round at once.
        let is_in = from.is_some_and(|site| site < self.case.stations.len());
        let rolls_ns = self.now_ns + if is_in { row.turnout_ns } else { 0 };
        let found = self.routes[place].begin(ways, mode, rolls_ns, goal, drive_ns);
        found.ok_or(TwinError::NoWay { call: row.index })?;
        if let Some((ledger, _)) = &mut self.books {
            ledger.is_sent(place, self.now_ns);
        }
        self.note_way(place, from, (mode, rolls_ns), goal);
        if rolls_ns > self.now_ns {
            self.plan(place, rolls_ns, Reaches::Road);
            return Ok(());
        }
        self.rolls(place)
    }

    fn rolls(&mut self, place: usize) -> Result<(), TwinError> {
        self.plan(place, self.routes[place].ends_ns(), Reaches::Scene);
        self.press(place, Stage::Rolling)
    }

    /// The caller calls off; whoever is on the way turns round.
    fn called_off(&mut self, call: u32) -> Result<(), TwinError> {
        let answer = &mut self.answers[call as usize];
        if answer.arrived_ns != 0 {
            return Ok(());
        }
        answer.called_off = true;
        let incident = IncidentId::new(numbered(INCIDENTS, u64::from(call)));
        let reason = "called off".to_owned();
        let action = Action::CancelIncident { incident, reason };
        self.ask(&Command { by: setup::city(), action })?;
        let sent = |job: &Job| job.order.is_some_and(|(_, of)| of == call);
        match self.jobs.iter().position(sent) {
            Some(place) => self.is_released(place),
            None => self.serve(),
        }
    }

    fn silence(&mut self, place: usize, begins: bool) -> Result<(), TwinError> {
        let unit = self.jobs[place].id;
        let since = utc(self.now_ns);
        let action = if begins { Action::NoteSilence { unit, since } } else { Action::NoteHeard { unit } };
        self.ask(&Command { by: setup::city(), action })?;
        self.serve()
    }

    fn reaches(&mut self, unit: u32, point: Reaches) -> Result<(), TwinError> {
        let place = unit as usize;
        let Some((_, call)) = self.jobs[place].order else {
            // At its station: the route says so, and the core need not know.
            return Ok(());
        };
        let row = &self.calls[call as usize];
        match point {
            Reaches::Road => self.rolls(place),
            Reaches::Scene => {
                self.answers[call as usize].arrived_ns = self.now_ns;
                let next = if row.transport { Reaches::Departure } else { Reaches::Free };
                self.plan(place, self.now_ns + row.on_scene_ns, next);
                self.press(place, Stage::OnScene)
            }
            Reaches::Departure => {
                let mode = self.case.timetable.mode(Priority::Low, self.now_ns);
                let spot = self.spots[call as usize];
                let hospital = row.hospital.or_else(|| self.nearest_hospital(mode, spot.node));
                let hospital = hospital.ok_or(TwinError::NoWay { call: row.index })?;
                self.drive(place, mode, self.sites.hospital(hospital), Reaches::Hospital)?;
                self.press(place, Stage::LeftScene)
            }
            Reaches::Hospital => {
                self.plan(place, self.now_ns + row.handover_ns, Reaches::Free);
                self.press(place, Stage::AtHospital)
            }
            Reaches::Free => self.becomes_free(place),
            Reaches::Station => Ok(()),
        }
    }

    fn becomes_free(&mut self, place: usize) -> Result<(), TwinError> {
        self.press(place, Stage::Available)?;
        self.is_released(place)
    }

    /// A unit has nothing to do any more: it goes to the next call, or to where it stands by.
    fn is_released(&mut self, place: usize) -> Result<(), TwinError> {
        self.puts_down(place);
        self.serve()?;
        self.goes_on(place)
    }

    fn puts_down(&mut self, place: usize) {
        self.jobs[place].order = None;
        if let Some((ledger, _)) = &mut self.books {
            ledger.is_free(place, self.now_ns);
        }
    }

    /// What a unit does that is free.
    fn goes_on(&mut self, place: usize) -> Result<(), TwinError> {
        if self.jobs[place].order.is_none() {
            self.relieve(place)?;
        }
        if self.jobs[place].order.is_some() {
            return Ok(());
        }
        self.confirm_messages()?;
        let posted = self.centre.record().unit(self.jobs[place].id).map(Unit::standby);
        let station = posted.and_then(|station| setup::number_of(station.as_str())).unwrap_or_default();
        let mode = self.case.timetable.mode(Priority::Low, self.now_ns);
        self.drive(place, mode, Sites::station(station), Reaches::Station)
    }

    /// A crew reads at once what it is told, and that an order is taken back.
    fn confirm_messages(&mut self) -> Result<(), TwinError> {
        let messages = self.centre.record().outbox().values();
        let unread: Vec<_> = messages
            .filter(|effect| effect.what.assignment().is_none())
            .map(|effect| (effect.id, effect.unit))
            .collect();
        for (effect, unit) in unread {
            let action = Action::ConfirmDelivery { effect };
            self.ask(&Command { by: Actor::Crew { unit }, action })?;
        }
        Ok(())
    }

    fn nearest_hospital(&self, mode: usize, node: u32) -> Option<usize> {
        let ways = self.ways();
        let times = (0..self.case.hospitals.len()).filter_map(|number| {
            let goal = self.sites.hospital(number);
            let off_road_ns = ways.timetable.off_road_ns(mode, ways.spot(goal).off_road_km);
            Some((ways.drive_ns(mode, node, goal)? + off_road_ns, number))
        });
        times.min().map(|(_, number)| number)
    }

    fn ways(&self) -> Ways<'a> {
        Ways { network: &self.case.network, timetable: &self.case.timetable, sites: self.sites }
    }

    fn drive(&mut self, place: usize, mode: usize, to: Goal, then: Reaches) -> Result<(), TwinError> {
        let ways = self.ways();
        let from = self.routes[place].stands_at(self.now_ns);
        let found = self.routes[place].towards(ways, mode, self.now_ns, to);
        let call = self.jobs[place].order.map_or(0, |(_, call)| self.calls[call as usize].index);
        found.ok_or(TwinError::NoWay { call })?;
        self.plan(place, self.routes[place].ends_ns(), then);
        self.note_way(place, from, (mode, self.now_ns), to);
        Ok(())
    }

    /// Enters a way that a unit has just begun; `from` is the station or hospital where it stood.
    fn note_way(&mut self, place: usize, from: Option<usize>, (mode, starts_ns): (usize, u64), goal: Goal) {
        let ways = self.ways();
        if let Some((ledger, lengths)) = &mut self.books {
            let route = &self.routes[place];
            let (first, drive_ns) = route.on_network();
            let km = lengths.km(ways, mode, (from, first), goal, drive_ns);
            ledger.sets_out(place, Way { starts_ns, ends_ns: route.ends_ns(), km });
        }
    }

    fn plan(&mut self, place: usize, at_ns: u64, reaches: Reaches) {
        let job = &mut self.jobs[place];
        job.turn += 1;
        self.agenda.note(at_ns, Happening::Unit { unit: place as u32, turn: job.turn, reaches });
    }

    fn press(&mut self, place: usize, stage: Stage) -> Result<(), TwinError> {
        let Job { id: unit, order, .. } = self.jobs[place];
        let Some((assignment, _)) = order else { return Ok(()) };
        let at = utc(self.now_ns);
        let source = StampSource::Terminal;
        let action = Action::ReportStage { assignment, stage, at, source };
        self.ask(&Command { by: Actor::Crew { unit }, action }).map(drop)
    }

    /// By reference: a command is large, and most of it is never written.
    fn ask(&mut self, command: &Command) -> Result<Vec<Event>, TwinError> {
        let events = self.centre.execute(command, utc(self.now_ns))?;
        self.events += events.len() as u64;
        Ok(events)
    }

    /// What is due happens at its own time, which lies between the last happening and this one.
    fn deadlines(&mut self) {
        let now = utc(self.now_ns);
        while let Some(due) = self.centre.next_deadline().filter(|due| *due <= now) {
            for event in self.centre.advance_to(due) {
                self.centre.apply(&event);
                self.events += 1;
            }
        }
    }
}

fn response_mode(case: &Case, call: &CallRow, now_ns: u64) -> usize {
    let travels_as = case.promises[call.priority.index()].travels_as;
    case.timetable.mode(travels_as, now_ns)
}
