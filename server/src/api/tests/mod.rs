//! The interface against a real centre on a journal of its own, through the same router that listens in service.

mod accidents;
mod bad_input;
mod cover;
mod erasures;
mod handoffs;
mod life;
mod live;
mod openapi;
mod pages;
mod paper_forms;
mod plans;
mod privacy;
mod refusals;
mod reservations;
mod second_opinions;
mod text_calls;

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Method, Request, StatusCode};
use dispatch_core::actor::Actor;
use dispatch_core::destination::HospitalSpec;
use dispatch_core::fleet::Fix;
use dispatch_core::incident::Skill;
use dispatch_core::patient::PatientEntry;
use dispatch_core::policy::rollout::Extent;
use dispatch_core::{Action, Command, Span, UtcTime};
use metrics_exporter_prometheus::PrometheusBuilder;
use roads::base_map::{AreaKind, MapArea, MapLabel, PlaceKind, Polygon};
use roads::{MapBuilder, RoadClass, RoadMap, WaySpec, Wgs84};
use serde_json::{Value, json};
use tower::ServiceExt;

use super::{Api, ApiSettings, router};
use crate::centre::Submission;
use crate::clock::Clock;
use crate::districts::Districts;
use crate::journal::Journal;
use crate::running::{City, RunningCentre};
use crate::testing::{TempFolder, at_desk, two_units};

/// A centre with two units, two hospitals and a small city, and its interface.
pub(super) struct Desk {
    pub(super) api: Api,
    pub(super) router: Router,
    centre: Option<RunningCentre>,
    folder: TempFolder,
}

/// What came back.
pub(super) struct Reply {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Value,
}

impl Desk {
    pub(super) async fn open(name: &str) -> Self {
        let folder = TempFolder::new(name);
        let (centre, api) = Self::start(&folder).await;
        for action in two_units().into_iter().chain(two_hospitals()) {
            api.centre().submit(Submission::new(at_desk(action))).await.unwrap();
        }
        Self { router: router(api.clone(), listen()), api, centre: Some(centre), folder }
    }

    /// Ends the centre and starts it again on the same journal.
    pub(super) async fn restart(&mut self) {
        self.close();
        let (centre, api) = Self::start(&self.folder).await;
        self.router = router(api.clone(), listen());
        (self.centre, self.api) = (Some(centre), api);
    }

    async fn start(folder: &TempFolder) -> (RunningCentre, Api) {
        let opened = Journal::open(folder.path(), |_| {}).unwrap();
        let (clock, map, districts) = (Clock::real(), Some(Arc::new(small_city())), Districts::default());
        let city = City { clock, map, districts, head_to: None, wiring: None };
        let centre = RunningCentre::start(opened, city).unwrap();
        let settings = ApiSettings {
            name: "海棠市急救中心".to_owned(),
            attribution: None,
            data: folder.path().to_owned(),
            metrics: PrometheusBuilder::new().build_recorder().handle(),
            usual_demand: Vec::new(),
            second_opinion: Some(Extent { scenarios: 60, horizon: Span::seconds(3_600) }),
            invitations: None,
        };
        let api = Api::start(centre.handle().clone(), settings).await.unwrap();
        (centre, api)
    }

    fn close(&mut self) {
        self.api.stop();
        if let Some(centre) = self.centre.take() {
            centre.stop();
        }
    }

    /// Sends any request as the seat 03.
    pub(super) async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Vec<u8>,
    ) -> Reply {
        let mut request = Request::builder().method(method).uri(path).header("host", "127.0.0.1:8120");
        let named = [
            ("jichi-person", "%E7%8E%8B%E8%8A%B3"),
            ("jichi-seat", "03"),
            ("content-type", "application/json"),
        ];
        let given = |name: &str| headers.iter().any(|(other, _)| *other == name);
        let own = named.iter().filter(|(name, _)| !given(name));
        for (name, value) in own.chain(headers).filter(|(_, value)| !value.is_empty()) {
            request = request.header(*name, *value);
        }
        let response = self.router.clone().oneshot(request.body(Body::from(body)).unwrap()).await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        let bytes = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        Reply { status, headers, body: serde_json::from_slice(&bytes).unwrap_or(Value::Null) }
    }

    pub(super) async fn post(&self, path: &str, body: Value) -> Reply {
        let bytes = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
        self.send(Method::POST, path, &[], bytes).await
    }

    pub(super) async fn get(&self, path: &str) -> Reply {
        self.send(Method::GET, path, &[], Vec::new()).await
    }

    /// A write that must succeed.
    pub(super) async fn done(&self, path: &str, body: Value) -> Value {
        let reply = self.post(path, body).await;
        assert!(reply.status.is_success(), "{path}: {} {}", reply.status, reply.body);
        reply.body
    }

    /// Asks until the answer is as wanted, and fails after twenty seconds.
    pub(super) async fn until(&self, path: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        let begun = Instant::now();
        loop {
            let reply = self.get(path).await;
            if reply.status == StatusCode::OK && wanted(&reply.body) {
                return reply.body;
            }
            assert!(begun.elapsed() < Duration::from_secs(20), "waited in vain at {path}: {}", reply.body);
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Waits until every event of the journal has its live frame.
    pub(super) async fn frames_written(&self) {
        let newest = self.api.centre().snapshot().seq;
        let begun = Instant::now();
        while self.api.live().seq() < newest {
            assert!(begun.elapsed() < Duration::from_secs(20), "the frames do not come");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    pub(super) async fn incident(&self) -> Value {
        self.done("/api/v1/incidents", an_incident()).await
    }

    /// Says where a unit is.
    /// The crew of a unit enters something of its first patient.
    pub(super) async fn charts(&self, assignment: &str, entry: PatientEntry) {
        let assignment = assignment.parse().unwrap();
        let unit = self.api.scene().record().assignment(assignment).unwrap().unit;
        let at = self.api.centre().clock().now();
        let action = Action::ChartPatient { assignment, patient: 1, at, entry: Box::new(entry) };
        let command = Command { by: Actor::Crew { unit }, action };
        self.api.centre().submit(Submission::new(command)).await.unwrap();
    }

    pub(super) fn observe(&self, unit: &str, position: Wgs84, seq: u64) {
        let at: UtcTime = self.api.centre().clock().now();
        let fix =
            Fix { boot: 1, seq, at, position, speed_kmh: 30.0, heading_deg: Some(90.0), accuracy_m: None };
        self.api.centre().observe(unit.parse().unwrap(), fix);
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        self.close();
    }
}

impl Reply {
    /// Checks that it is a problem of a kind.
    #[track_caller]
    pub(super) fn expect_problem(&self, status: u16, kind: &str) {
        assert_eq!(self.status.as_u16(), status, "{}", self.body);
        assert_eq!(self.headers["content-type"], "application/problem+json");
        assert_eq!(self.body["type"], format!("/problems/{kind}"), "{}", self.body);
        assert_eq!(self.body["status"], status);
        assert!(self.body["detail"].as_str().is_some_and(|text| !text.is_empty()), "{}", self.body);
        assert!(self.body["detail_zh"].as_str().is_some_and(|text| !text.is_ascii()), "{}", self.body);
    }
}

pub(super) fn an_incident() -> Value {
    json!({
        "complaint": "胸痛",
        "triage": {"level": "I"},
        "place": {"position": {"longitude": 114.32, "latitude": 30.6}, "address": "滨江路 88 号"},
        "patients": [{"name": "张伟", "sex": "male", "age_years": 58}],
        "needs": {"units": 1, "skills": ["chest_pain"]},
    })
}

pub(super) fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("not a text: {value}"))
}

/// Two streets from west to east, one of them over a bridge, through both stations and the incident's place.
pub(crate) fn small_city() -> RoadMap {
    let mut city = MapBuilder::new();
    let at = |longitude, latitude| Wgs84::new(longitude, latitude).unwrap();
    let south: Vec<_> =
        (0..=25).map(|step| city.add_node(at(114.3 + 0.01 * f64::from(step), 30.6))).collect();
    let north: Vec<_> =
        (0..=25).map(|step| city.add_node(at(114.3 + 0.01 * f64::from(step), 30.62))).collect();
    let road =
        |id, class, name: &str, nodes| WaySpec { name: name.to_owned(), ..WaySpec::new(id, class, nodes) };
    city.add_way(road(1, RoadClass::Primary, "滨江路", south[..=10].to_vec()));
    city.add_way(WaySpec { bridge: true, ..road(2, RoadClass::Primary, "二桥", south[10..=12].to_vec()) });
    city.add_way(road(3, RoadClass::Primary, "滨江路", south[12..].to_vec()));
    city.add_way(road(4, RoadClass::Residential, "解放大道", north.clone()));
    city.add_way(road(5, RoadClass::Residential, "", vec![south[0], north[0]]));
    city.add_way(road(6, RoadClass::Residential, "", vec![south[25], north[25]]));
    let ring = |west: f64, south: f64, side: f64| {
        [(0.0, 0.0), (side, 0.0), (side, side), (0.0, side), (0.0, 0.0)]
            .map(|(x, y)| at(west + x, south + y))
            .to_vec()
    };
    let lake = Polygon { outer: ring(114.33, 30.605, 0.01), holes: vec![ring(114.333, 30.608, 0.002)] };
    city.add_area(MapArea { kind: AreaKind::Water, name: "月湖".to_owned(), polygon: lake });
    city.add_label(MapLabel {
        kind: PlaceKind::Suburb,
        name: "江岸".to_owned(),
        position: at(114.31, 30.61),
    });
    city.build(&mut |_| {}).unwrap()
}

fn two_hospitals() -> Vec<Action> {
    let hospital = |id: &str, name: &str, east: f64, skills: &[Skill]| HospitalSpec {
        id: id.parse().unwrap(),
        name: name.to_owned(),
        position: Wgs84::new(114.3 + east, 30.6).unwrap(),
        skills: skills.iter().copied().collect(),
    };
    vec![
        Action::RegisterHospital { hospital: hospital("H01", "第一医院", 0.05, &[Skill::ChestPain]) },
        Action::RegisterHospital { hospital: hospital("H02", "第二医院", 0.01, &[]) },
    ]
}

fn listen() -> std::net::SocketAddr {
    "127.0.0.1:8120".parse().unwrap()
}
