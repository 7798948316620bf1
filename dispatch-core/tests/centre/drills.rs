//! A drill runs through everything and enters nothing: the same day with it and without it gives the same figures, the same learned
//! times, the same demand, the same boards.

use dispatch_core::assignment::{Grounds, Mobilisation, Outcome, Stage, StampSource};
use dispatch_core::fleet::{Cell, Demand};
use dispatch_core::ids::{AccidentId, AssignmentId, CallId, IncidentId, UnitId};
use dispatch_core::incident::{CallSource, IncidentSketch, Level, Place};
use dispatch_core::private::Private;
use dispatch_core::reports::{CallCounts, CallLine, Figure, Ledger, OutcomeCount, Period, response_times};
use dispatch_core::vehicle::{CrewRole, UnitSpec};
use dispatch_core::{Action, Span};
use proptest::prelude::*;
use uuid::Uuid;

use crate::accidents::{asking, colours, declaring};
use crate::city::{City, desk, here, hospital, sketch, unit};

/// One thing that happens, to a real event or to a drill; the numbers pick to which.
#[derive(Debug, Clone)]
enum Doing {
    Ring,
    Create(usize, usize),
    Join(usize, usize),
    Send(usize, usize),
    Press(usize, bool),
    Destination(usize, usize),
    End(usize, usize),
    Cancel(usize),
    Merge(usize, usize),
    Split(usize),
    Hold(usize),
    Redirect(usize),
    Accident(usize),
}

fn doing() -> impl Strategy<Value = Doing> {
    let n = || 0..8usize;
    prop_oneof![
        3 => Just(Doing::Ring),
        4 => (n(), n()).prop_map(|(a, b)| Doing::Create(a, b)),
        1 => (n(), n()).prop_map(|(a, b)| Doing::Join(a, b)),
        6 => (n(), n()).prop_map(|(a, b)| Doing::Send(a, b)),
        12 => (n(), any::<bool>()).prop_map(|(a, b)| Doing::Press(a, b)),
        2 => (n(), n()).prop_map(|(a, b)| Doing::Destination(a, b)),
        1 => (n(), n()).prop_map(|(a, b)| Doing::End(a, b)),
        1 => n().prop_map(Doing::Cancel),
        1 => (n(), n()).prop_map(|(a, b)| Doing::Merge(a, b)),
        1 => n().prop_map(Doing::Split),
        1 => n().prop_map(Doing::Hold),
        1 => n().prop_map(Doing::Redirect),
        1 => n().prop_map(Doing::Accident),
    ]
}

/// One moment: so many seconds later, something happens to what is real, and something to a drill.
#[derive(Debug, Clone)]
struct Moment {
    passed_s: i64,
    real: Doing,
    drill: Doing,
}

fn moment() -> impl Strategy<Value = Moment> {
    (1..120i64, doing(), doing()).prop_map(|(passed_s, real, drill)| Moment { passed_s, real, drill })
}

/// What is real, or what is a drill: its own calls, incidents, orders and units, so that neither knows of the other.
struct Side {
    test: bool,
    units: [UnitId; 2],
    calls: Vec<CallId>,
    incidents: Vec<IncidentId>,
    orders: Vec<AssignmentId>,
    ids: u128,
}

impl Side {
    fn new(test: bool, units: [&str; 2]) -> Self {
        let ids = if test { 0xd111 << 64 } else { 0x4ea1 << 64 };
        let units = units.map(unit);
        Self { test, units, calls: Vec::new(), incidents: Vec::new(), orders: Vec::new(), ids }
    }

    fn uuid(&mut self) -> Uuid {
        self.ids += 1;
        Uuid::from_u128(self.ids)
    }

    fn act(&mut self, city: &mut City, doing: &Doing) {
        if let Some(action) = self.action(city, doing) {
            // A refusal is a fine answer: only the figures count.
            let _ = city.by(desk(), action);
        }
    }

    fn action(&mut self, city: &City, doing: &Doing) -> Option<Action> {
        let reason = "x".to_owned();
        let incident = |side: &Self, n: usize| pick(&side.incidents, n);
        Some(match *doing {
            Doing::Ring => {
                let call = CallId::new(self.uuid());
                self.calls.push(call);
                let phone = Private::new("13812342290");
                let (source, place) = (CallSource::Telephone, Place::default());
                Action::ReceiveCall { call, source, phone, text_only: false, place, text: None }
            }
            Doing::Create(call, east) => {
                let incident = IncidentId::new(self.uuid());
                self.incidents.push(incident);
                let place = Place { position: Some(here(114.0 + 0.02 * east as f64)), ..Place::default() };
                let sketch = IncidentSketch { place, test: self.test, ..sketch(Level::IV) };
                Action::CreateIncident { incident, call: pick(&self.calls, call), sketch: sketch.into() }
            }
            Doing::Join(call, n) => {
                Action::JoinCall { call: pick(&self.calls, call)?, incident: incident(self, n)? }
            }
            Doing::Send(n, u) => {
                let assignment = AssignmentId::new(self.uuid());
                self.orders.push(assignment);
                let (incident, unit) = (incident(self, n)?, self.units[u % 2]);
                let (proposal, reason, grounds) = (None, Some(reason), Grounds::default());
                Action::AssignUnit { assignment, incident, unit, proposal, reason, grounds }
            }
            Doing::Press(n, by_motion) => {
                let assignment = pick(&self.orders, n)?;
                let stage = next(city.centre.record().assignment(assignment)?.stage);
                let source = if by_motion { StampSource::Motion } else { StampSource::Terminal };
                Action::ReportStage { assignment, stage, at: city.now, source }
            }
            Doing::Destination(n, h) => {
                let hospital = hospital(["H01", "H02"][h % 2]);
                Action::ChooseDestination { assignment: pick(&self.orders, n)?, hospital, reason }
            }
            Doing::End(n, o) => {
                let outcome = [Outcome::NoPatient, Outcome::Aborted, Outcome::RefusedOrder][o % 3];
                let (assignment, at, source) = (pick(&self.orders, n)?, city.now, StampSource::Desk);
                Action::EndAssignment { assignment, outcome, at, reason, source }
            }
            Doing::Cancel(n) => Action::CancelIncident { incident: incident(self, n)?, reason },
            Doing::Merge(a, b) => {
                Action::MergeIncident { incident: incident(self, a)?, into: incident(self, b)? }
            }
            Doing::Split(n) => Action::SplitIncident { incident: incident(self, n)? },
            Doing::Hold(n) => {
                let until = city.now + Span::seconds(200);
                Action::HoldIncident { incident: incident(self, n)?, reason, until }
            }
            Doing::Redirect(n) => {
                Action::RedirectIncident { incident: incident(self, n)?, to: "999".to_owned(), reason }
            }
            Doing::Accident(n) => self.accident(city, n)?,
        })
    }

    /// An accident is declared at a scene, or one more casualty found at it.
    fn accident(&mut self, city: &City, n: usize) -> Option<Action> {
        use dispatch_core::accident::AccidentRequest;
        let scene = pick(&self.incidents, n)?;
        let Some(known) = city.centre.record().accident_of(scene) else {
            return Some(declaring(AccidentId::new(self.uuid()), &[scene]));
        };
        let found = colours(u16::try_from(n).unwrap_or(1), 1, 0, 0);
        Some(asking(known.id, AccidentRequest::Count { scene, found }))
    }
}

fn pick<T: Copy>(list: &[T], n: usize) -> Option<T> {
    (!list.is_empty()).then(|| list[n % list.len()])
}

fn next(stage: Stage) -> Stage {
    let rows = dispatch_core::assignment::STAGES.iter().map(|row| row.stage);
    rows.into_iter().find(|other| *other > stage).unwrap_or(Stage::Available)
}

/// Everything that counts, of a day.
#[derive(Debug, PartialEq)]
struct Figures {
    rates: Vec<Figure>,
    outcomes: Vec<OutcomeCount>,
    call_counts: CallCounts,
    calls: Vec<(CallId, usize)>,
    mobilisation: Mobilisation,
    demand: Vec<(Cell, u64)>,
    boards: Vec<Vec<UnitId>>,
}

fn day(moments: &[Moment], with_drill: bool) -> Figures {
    let mut city = City::new();
    let spec = UnitSpec {
        id: unit("A04"),
        station: "S02".parse().unwrap(),
        skills: [].into(),
        plate: String::new(),
        phone: String::new(),
    };
    city.does(Action::RegisterUnit { unit: spec });
    city.does(Action::SignOn { unit: unit("A04"), name: "李强".to_owned(), role: CrewRole::Driver });
    let begun = city.now;
    let mut real = Side::new(false, ["A01", "A03"]);
    let mut drill = Side::new(true, ["A02", "A04"]);
    for moment in moments {
        city.wait(moment.passed_s);
        real.act(&mut city, &moment.real);
        if with_drill {
            drill.act(&mut city, &moment.drill);
        }
    }
    figures(&city, &Period::between(begun, city.now + Span::seconds(1)).unwrap(), &drill.calls)
}

/// A drill's calls that led to nothing look like any other call: nobody can know them, and they are left out here.
fn figures(city: &City, period: &Period, drills: &[CallId]) -> Figures {
    let unknown: Vec<CallId> = drills
        .iter()
        .copied()
        .filter(|call| city.centre.record().call(*call).is_some_and(|call| call.incident.is_none()))
        .collect();
    let events = city.events.iter().filter(|event| {
        let about = serde_json::to_value(&event.fact).unwrap();
        !unknown.iter().any(|call| about["call"] == call.to_string())
    });
    let report = response_times(&Ledger::of(events), period);
    let counted = |line: &CallLine| (line.call, line.figures.len());
    let mut demand = Demand::default();
    city.events.iter().for_each(|event| demand.apply(event));
    let record = city.centre.record();
    let board = |code| {
        let real = record.arrivals_at(hospital(code)).filter(|a| !record.is_test(a.incident));
        real.map(|a| a.unit).collect()
    };
    Figures {
        rates: report.figures,
        outcomes: report.outcomes,
        call_counts: report.call_counts,
        calls: report.calls.iter().filter(|line| !drills.contains(&line.call)).map(counted).collect(),
        mobilisation: record.mobilisation().clone(),
        demand: demand.cells().collect(),
        boards: ["H01", "H02"].map(board).into(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn the_same_day_with_and_without_drills_gives_the_same_figures(
        moments in prop::collection::vec(moment(), 1..120),
    ) {
        prop_assert_eq!(day(&moments, true), day(&moments, false));
    }
}

#[test]
fn a_drill_that_went_through_everything_leaves_no_trace_in_the_figures() {
    let steps = [
        Doing::Ring,
        Doing::Create(0, 1),
        Doing::Send(0, 0),
        Doing::Press(0, false),
        Doing::Press(0, false),
        Doing::Press(0, true),
        Doing::Press(0, false),
        Doing::Destination(0, 0),
        Doing::Press(0, false),
    ];
    // A day on which nothing real happens but one call answered, and a drill with all its steps.
    let idle = Doing::Hold(7);
    let moments: Vec<Moment> =
        steps.into_iter().map(|drill| Moment { passed_s: 30, real: idle.clone(), drill }).collect();
    assert_eq!(day(&moments, true), day(&moments, false));
    // The same steps for real are seen.
    let real: Vec<Moment> = moments
        .iter()
        .map(|moment| Moment { real: moment.drill.clone(), drill: idle.clone(), ..moment.clone() })
        .collect();
    assert_ne!(day(&real, true), day(&moments, true));
}
