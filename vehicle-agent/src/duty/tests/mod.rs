//! What the crew may press and when, on a real spool.

mod files;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use link::v1::{
    Delivery, DeliveryOutcome, Destination, Epoch, Hospital, HospitalEntry, Order, Recall, ReportAck,
    ReportOutcome, Settings, Stage, StageRecorded, Step, delivery, report,
};

use super::{Duty, NotTaken};
use crate::clock::{ClockSource, VehicleClock};
use crate::spool::Spool;

const NOON: i64 = 1_795_262_400_000;

struct World {
    duty: Duty,
    start: Instant,
    folder: PathBuf,
    effects: u32,
}

impl World {
    fn new() -> Self {
        let folder = std::env::temp_dir().join(format!("jichi-duty-{}", uuid::Uuid::now_v7()));
        let mut world = Self { duty: Self::open(&folder), start: Instant::now(), folder, effects: 0 };
        world.duty.clock.discipline(ClockSource::Gnss, world.start, NOON);
        world
    }

    fn open(folder: &std::path::Path) -> Duty {
        let spool = Spool::open(&folder.join("a.sqlite"), 1000).unwrap();
        Duty::new(spool, VehicleClock::new(1.0), "A12").unwrap()
    }

    fn at(&self, seconds: u64) -> Instant {
        self.start + Duration::from_secs(seconds)
    }

    fn deliver(&mut self, content: delivery::Content) -> DeliveryOutcome {
        self.effects += 1;
        let delivery = Delivery {
            effect_id: format!("{}.0", self.effects),
            epoch: Some(Epoch { term: 1, node: 1 }),
            content: Some(content),
        };
        self.duty.deliver(self.at(0), delivery).unwrap().outcome()
    }

    fn order(&mut self) {
        let order = Order { assignment_id: "a1".into(), ..Order::default() };
        assert_eq!(self.deliver(delivery::Content::Order(order)), DeliveryOutcome::Stored);
    }

    fn press(&mut self, seconds: u64, stage: Stage) -> Result<i64, NotTaken> {
        let wall = self.at(seconds);
        self.duty.press(wall, "a1", stage)
    }

    fn next(&self) -> Option<Stage> {
        let steps = &self.duty.settings.steps;
        self.duty.orders.first().and_then(|held| held.next_step(steps)).map(Step::stage)
    }

    fn answer(&mut self, seq: u64, outcome: ReportOutcome) {
        let boot = self.duty.boot();
        let ack = ReportAck { boot, seq, outcome: outcome.into(), text: "不行".into() };
        self.duty.report_acknowledged(&ack).unwrap();
    }
}

impl Drop for World {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.folder));
    }
}

#[test]
fn steps_are_pressed_in_order_with_a_guard_against_a_slip() {
    let mut world = World::new();
    world.order();
    assert_eq!(world.next(), Some(Stage::Acknowledged));
    assert_eq!(world.press(1, Stage::Acknowledged).unwrap(), NOON + 1_000);
    assert_eq!(world.press(2, Stage::Acknowledged).unwrap(), NOON + 1_000, "the same press once more");
    assert!(matches!(world.press(3, Stage::Rolling), Err(NotTaken::DoublePress)));
    assert_eq!(world.press(7, Stage::Rolling).unwrap(), NOON + 7_000);
    assert!(matches!(world.press(20, Stage::Acknowledged), Err(NotTaken::StagePassed("acknowledged"))));
    assert!(matches!(world.press(20, Stage::BackAtStation), Err(NotTaken::BadRequest(_))));
    let told: Vec<_> = world.duty.waiting_after(None, 10).iter().map(|report| report.seq).collect();
    assert_eq!(told, [1, 2]);
}

#[test]
fn available_ends_the_order_and_it_leaves_once_the_centre_knows_all() {
    let mut world = World::new();
    world.order();
    world.press(10, Stage::OnScene).unwrap();
    world.press(20, Stage::Available).unwrap();
    assert_eq!(world.next(), None);
    assert!(matches!(world.press(30, Stage::Available), Err(NotTaken::OrderEnded)));
    world.answer(2, ReportOutcome::Accepted);
    assert_eq!(world.duty.orders.len(), 1);
    world.answer(1, ReportOutcome::Accepted);
    assert_eq!((world.duty.orders.len(), world.duty.unsent()), (0, 0));
}

#[test]
fn what_the_centre_refuses_is_shown_and_can_be_pressed_again() {
    let mut world = World::new();
    world.order();
    world.press(10, Stage::Rolling).unwrap();
    world.answer(1, ReportOutcome::Refused);
    assert_eq!(world.next(), Some(Stage::Acknowledged));
    assert_eq!(world.duty.notices.back().unwrap().zh, "中心未接受: 不行");
    world.press(20, Stage::Rolling).unwrap();
    assert_eq!(world.duty.unsent(), 1);
}

#[test]
fn refusing_and_aborting_have_their_time() {
    let mut world = World::new();
    world.order();
    let words = |world: &World| world.duty.orders[0].abort_reasons().map(|one| one.word).collect::<Vec<_>>();
    assert!(words(&world).contains(&"vehicle_broken") && !words(&world).contains(&"no_patient"));
    world.press(10, Stage::OnScene).unwrap();
    assert!(words(&world).contains(&"no_patient") && !words(&world).contains(&"vehicle_broken"));
    let wall = world.at(20);
    assert!(matches!(world.duty.refuse(wall, "a1", "x"), Err(NotTaken::NotNow)));
    assert!(matches!(world.duty.abort(wall, "a1", "crash", ""), Err(NotTaken::NotNow)));
    assert!(matches!(world.duty.abort(wall, "a1", "bored", ""), Err(NotTaken::BadRequest(_))));
    world.duty.abort(wall, "a1", "no_patient", "").unwrap();
    let reports = world.duty.waiting_after(None, 10);
    assert!(matches!(reports.last().unwrap().content, Some(report::Content::Abort(_))));
    assert!(matches!(world.duty.abort(wall, "a9", "no_patient", ""), Err(NotTaken::UnknownAssignment(_))));
}

#[test]
fn the_desk_and_the_hospital_change_the_order() {
    let mut world = World::new();
    world.order();
    let hospital = |id: &str| Some(Hospital { hospital_id: id.into(), ..Hospital::default() });
    for (id, chosen_at_unix_ms) in [("H2", 20), ("H1", 10)] {
        let to = Destination { assignment_id: "a1".into(), hospital: hospital(id), chosen_at_unix_ms };
        assert_eq!(world.deliver(delivery::Content::Destination(to)), DeliveryOutcome::Stored);
    }
    assert_eq!(
        world.duty.orders[0].order().hospital.as_ref().unwrap().hospital_id,
        "H2",
        "late news is no news"
    );
    let recorded = |assignment: &str, ends_assignment| StageRecorded {
        assignment_id: assignment.into(),
        stage: Stage::OnScene.into(),
        happened_at_unix_ms: NOON,
        ends_assignment,
    };
    world.deliver(delivery::Content::StageRecorded(recorded("a1", false)));
    assert_eq!(world.next(), Some(Stage::AtPatient));
    let unknown = world.deliver(delivery::Content::StageRecorded(recorded("a9", false)));
    assert_eq!(unknown, DeliveryOutcome::UnknownAssignment);
    world.deliver(delivery::Content::StageRecorded(recorded("a1", true)));
    assert!(world.duty.orders.is_empty());
}

fn order(number: usize) -> delivery::Content {
    delivery::Content::Order(Order { assignment_id: format!("a{number}"), ..Order::default() })
}

#[test]
fn recalled_orders_that_nobody_took_off_the_screen_make_room_for_new_ones() {
    let mut world = World::new();
    for number in 0..link::ORDERS_HELD_MAX {
        assert_eq!(world.deliver(order(number)), DeliveryOutcome::Stored);
    }
    assert_eq!(world.deliver(order(100)), DeliveryOutcome::Full, "none of them is over");
    let recall = Recall { assignment_id: "a3".into(), ..Recall::default() };
    assert_eq!(world.deliver(delivery::Content::Recall(recall)), DeliveryOutcome::Stored);
    assert_eq!(world.deliver(order(100)), DeliveryOutcome::Stored);
    let again = World::open(&world.folder);
    for duty in [&world.duty, &again] {
        let held: Vec<&str> = duty.orders.iter().map(|held| held.order().assignment_id.as_str()).collect();
        assert_eq!((held.len(), held.contains(&"a3")), (link::ORDERS_HELD_MAX, false), "{held:?}");
        assert!(held.contains(&"a100"));
    }
}

#[test]
fn an_order_that_found_no_room_is_taken_when_it_comes_again() {
    let mut world = World::new();
    for number in 0..link::ORDERS_HELD_MAX {
        world.deliver(order(number));
    }
    assert_eq!(world.deliver(order(100)), DeliveryOutcome::Full);
    let refused = world.effects;
    let recall = Recall { assignment_id: "a3".into(), ..Recall::default() };
    world.deliver(delivery::Content::Recall(recall));
    world.effects = refused - 1;
    assert_eq!(world.deliver(order(100)), DeliveryOutcome::Stored, "the same effect again");
}

#[test]
fn a_restart_brings_everything_back() {
    let mut world = World::new();
    world.order();
    world.duty.sign_on(world.at(1), "李强", "driver", "7").unwrap();
    world.press(10, Stage::Rolling).unwrap();
    let boot = world.duty.boot();
    let again = World::open(&world.folder);
    assert_eq!(again.boot(), boot + 1);
    assert_eq!((again.unsent(), again.orders.len(), again.crew.len()), (2, 1, 1));
    assert_eq!(again.orders[0].reached(), Some(Stage::Rolling));
    assert_eq!(again.highest_epoch(), Some(Epoch { term: 1, node: 1 }));
}

#[test]
fn a_terminal_that_starts_alone_has_the_centres_own_steps_and_hospitals() {
    let mut world = World::new();
    let step =
        |stage: Stage, zh: &str| Step { stage: stage.into(), label_zh: zh.into(), label_en: "x".into() };
    let steps = vec![step(Stage::Acknowledged, "收到"), step(Stage::Available, "回站")];
    let hospitals = vec![HospitalEntry { name: "一院".into(), ..HospitalEntry::default() }];
    let told = Settings { steps: steps.clone(), hospitals: hospitals.clone(), ..Settings::default() };
    world.duty.set_settings(told);
    world.duty = World::open(&world.folder);
    assert_eq!((&world.duty.settings.steps, &world.duty.settings.hospitals), (&steps, &hospitals));
    assert_eq!(world.duty.settings.ping_interval_ms, link::default_settings().ping_interval_ms);
    // A centre that is older than the directory says nothing of it.
    world.duty.set_settings(Settings { steps: steps.clone(), ..Settings::default() });
    assert_eq!(world.duty.settings.hospitals, hospitals);
}
