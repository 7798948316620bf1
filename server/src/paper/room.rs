//! What goes on, as the centre tells it to any console.

use std::collections::BTreeMap;
use std::time::Duration;

use dispatch_core::UtcTime;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::{Client, Method, RequestBuilder, Url};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// Who reads callers' whole numbers: put on record with each.
#[derive(Debug, Clone)]
pub struct Seat {
    /// The person's own name.
    pub person: String,
    /// The seat.
    pub seat: String,
}

/// The way to the centre, and what need not be asked twice.
#[derive(Debug)]
pub struct Reading {
    client: Client,
    centre: Url,
    seat: Option<Seat>,
    /// Callers' numbers, by call: each is asked for once.
    phones: BTreeMap<String, String>,
}

/// Why the centre's word is missing.
#[derive(Debug, thiserror::Error)]
pub enum RoomError {
    /// It cannot be reached, or not understood.
    #[error("{url}: {}", words(source))]
    Http {
        /// What was asked.
        url: String,
        /// What went wrong.
        source: reqwest::Error,
    },
    /// It says no.
    #[error("{url}: {detail}")]
    Refused {
        /// What was asked.
        url: String,
        /// The centre's reason.
        detail: String,
    },
}

/// Everything that goes on, at one time.
#[derive(Debug)]
pub struct Asked {
    /// The centre's name.
    pub(super) name: String,
    /// When it was asked, by the centre's clock, UTC.
    pub at: UtcTime,
    /// What the room's clocks show beside UTC, seconds.
    pub(super) utc_offset_s: i32,
    pub(super) incidents: Vec<Incident>,
    pub(super) calls: Vec<Call>,
    pub(super) assignments: Vec<Assignment>,
    pub(super) units: Vec<Unit>,
    pub(super) hospitals: Vec<Hospital>,
    /// Callers' whole numbers, by call; empty where nobody signed for them.
    pub(super) phones: BTreeMap<String, String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Incident {
    pub(super) id: String,
    pub(super) number: String,
    pub(super) created_at: UtcTime,
    pub(super) complaint: String,
    pub(super) triage: Triage,
    pub(super) place: Place,
    pub(super) patients: Vec<Patient>,
    pub(super) needs: Needs,
    pub(super) notes: String,
    pub(super) text_only: bool,
    pub(super) test: bool,
    pub(super) calls: Vec<String>,
    pub(super) units_short: u8,
    pub(super) hold: Option<Hold>,
    pub(super) scheduled_at: Option<UtcTime>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Triage {
    pub(super) level: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct Place {
    pub(super) address: String,
    #[serde(rename = "waiting_place")]
    pub(super) wait_at: String,
    pub(super) position: Option<Position>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Position {
    pub(super) longitude: f64,
    pub(super) latitude: f64,
}

#[derive(Debug, Deserialize)]
pub(super) struct Patient {
    pub(super) name_masked: String,
    pub(super) sex: Option<String>,
    pub(super) age_years: Option<u8>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Needs {
    pub(super) skills: Vec<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Hold {
    pub(super) reason: String,
    pub(super) until: UtcTime,
}

#[derive(Debug, Deserialize)]
pub(super) struct Call {
    pub(super) id: String,
    pub(super) state: String,
    pub(super) phone_masked: String,
    pub(super) text_only: bool,
    pub(super) place: Place,
    pub(super) rang_at: UtcTime,
    pub(super) incident: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Assignment {
    pub(super) incident: String,
    pub(super) unit: String,
    pub(super) stage: String,
    pub(super) times: BTreeMap<String, Counted>,
    pub(super) destination: Option<Destination>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Counted {
    pub(super) at: UtcTime,
}

#[derive(Debug, Deserialize)]
pub(super) struct Destination {
    pub(super) name: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct Unit {
    pub(super) id: String,
    pub(super) station_name: String,
    pub(super) plate: String,
    pub(super) phone: String,
    pub(super) skills: Vec<String>,
    pub(super) readiness: String,
    pub(super) stage: Option<String>,
    pub(super) crew: Vec<Crew>,
    pub(super) posted: Option<Posted>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Crew {
    pub(super) name: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct Posted {
    pub(super) name: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct Hospital {
    pub(super) name: String,
    pub(super) diversion: Option<Diversion>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Diversion {
    pub(super) reason: String,
}

#[derive(Deserialize)]
struct Page<T> {
    items: Vec<T>,
    next: Option<String>,
}

#[derive(Deserialize)]
struct Now {
    now: UtcTime,
}

#[derive(Deserialize)]
struct Rules {
    utc_offset_s: f64,
}

#[derive(Deserialize)]
struct Map {
    #[serde(default)]
    name: String,
}

#[derive(Deserialize)]
struct Revealed {
    phone: String,
}

impl Reading {
    /// Reads from a centre; with a seat, callers' whole numbers, too.
    pub fn new(centre: Url, seat: Option<Seat>) -> Result<Self, RoomError> {
        let client = Client::builder().timeout(ANSWER_MAX).build();
        let client = client.map_err(|source| RoomError::Http { url: centre.to_string(), source })?;
        Ok(Self { client, centre, seat, phones: BTreeMap::new() })
    }

    /// Asks for everything that goes on.
    pub async fn ask(&mut self) -> Result<Asked, RoomError> {
        let Now { now } = self.get("/api/v1/time").await?;
        let Rules { utc_offset_s } = self.get("/api/v1/rules").await?;
        // A centre without a map has no name there.
        let name = self.get::<Map>("/api/v1/map").await.map(|map| map.name).unwrap_or_default();
        let calls: Vec<Call> = self.all("/api/v1/calls?state=open").await?;
        let incidents: Vec<Incident> = self.all("/api/v1/incidents?state=open").await?;
        let of_incidents = incidents.iter().flat_map(|it| &it.calls);
        let ids: Vec<String> = calls.iter().map(|call| &call.id).chain(of_incidents).cloned().collect();
        let phones = self.phones_of(&ids).await;
        Ok(Asked {
            name,
            at: now,
            utc_offset_s: utc_offset_s as i32,
            incidents,
            calls,
            assignments: self.all("/api/v1/assignments?state=open").await?,
            units: self.all("/api/v1/units").await?,
            hospitals: self.all("/api/v1/hospitals").await?,
            phones,
        })
    }

    /// The whole numbers of some calls. One that is not told leaves its masked form on the sheet, and stops nothing.
    async fn phones_of(&mut self, calls: &[String]) -> BTreeMap<String, String> {
        self.phones.retain(|call, _| calls.contains(call));
        if let Some(seat) = self.seat.clone() {
            for call in calls {
                if !self.phones.contains_key(call)
                    && let Ok(phone) = self.reveal(call, &seat).await
                {
                    self.phones.insert(call.clone(), phone);
                }
            }
        }
        self.phones.clone()
    }

    async fn reveal(&self, call: &str, seat: &Seat) -> Result<String, RoomError> {
        let request = self.request(Method::POST, &format!("/api/v1/calls/{call}/reveal"));
        let request = request
            .header("Jichi-Person", percent_encoded(&seat.person))
            .header("Jichi-Seat", percent_encoded(&seat.seat))
            .header("Idempotency-Key", format!("paper-{call}-{}", percent_encoded(&seat.seat)));
        Ok(answer::<Revealed>(request).await?.phone)
    }

    async fn all<T: DeserializeOwned>(&self, path: &str) -> Result<Vec<T>, RoomError> {
        let mark = if path.contains('?') { '&' } else { '?' };
        let (mut items, mut cursor) = (Vec::new(), String::new());
        for _ in 0..PAGES_MAX {
            let page: Page<T> = self.get(&format!("{path}{mark}limit=1000{cursor}")).await?;
            items.extend(page.items);
            let Some(next) = page.next else { break };
            cursor = format!("&cursor={}", percent_encoded(&next));
        }
        Ok(items)
    }

    async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, RoomError> {
        answer(self.request(Method::GET, path)).await
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.centre.as_str().trim_end_matches('/')))
    }
}

async fn answer<T: DeserializeOwned>(request: RequestBuilder) -> Result<T, RoomError> {
    let failed = |source: reqwest::Error| {
        let url = source.url().map(ToString::to_string).unwrap_or_default();
        RoomError::Http { url, source: source.without_url() }
    };
    let response = request.send().await.map_err(failed)?;
    if response.status().is_success() {
        return response.json().await.map_err(failed);
    }
    let (url, status) = (response.url().to_string(), response.status());
    let problem: Value = response.json().await.unwrap_or_default();
    let detail = problem["detail"].as_str().map_or_else(|| status.to_string(), str::to_owned);
    Err(RoomError::Refused { url, detail })
}

fn percent_encoded(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}

fn words(error: &reqwest::Error) -> String {
    if error.is_connect() {
        return "the centre does not answer".to_owned();
    }
    if error.is_timeout() {
        return format!("no answer within {} s", ANSWER_MAX.as_secs());
    }
    error.to_string()
}

/// A sheet comes every minute: what takes longer than this comes the next time.
const ANSWER_MAX: Duration = Duration::from_secs(10);
/// Pages of a thousand: ten thousand units.
const PAGES_MAX: usize = 10;

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// One incident with this complaint and one call, whose number was signed for.
    pub(in crate::paper) fn a_room(complaint: &str) -> Asked {
        let incident = serde_json::json!({
            "id": "incident_1", "number": "20261122-0001", "created_at": "2026-11-22T08:10:00Z", "complaint": complaint,
            "triage": { "level": "I" }, "place": { "address": "滨江路", "waiting_place": "", "position": null },
            "patients": [{ "name_masked": "王*", "sex": "male", "age_years": 58 }], "needs": { "skills": [] }, "notes": "",
            "text_only": false, "test": false, "calls": ["call_1"], "units_short": 1, "hold": null, "scheduled_at": null
        });
        let call = serde_json::json!({
            "id": "call_1", "state": "taken", "phone_masked": "138****2290", "text_only": false,
            "place": { "address": "", "waiting_place": "", "position": null }, "rang_at": "2026-11-22T08:09:00Z",
            "incident": "incident_1"
        });
        Asked {
            name: "江城".to_owned(),
            at: "2026-11-22T08:15:00Z".parse().unwrap(),
            utc_offset_s: 8 * 3600,
            incidents: vec![serde_json::from_value(incident).unwrap()],
            calls: vec![serde_json::from_value(call).unwrap()],
            assignments: Vec::new(),
            units: Vec::new(),
            hospitals: Vec::new(),
            phones: BTreeMap::from([("call_1".to_owned(), "13812342290".to_owned())]),
        }
    }

    #[test]
    fn names_travel_as_plain_bytes() {
        assert_eq!(percent_encoded("王芳 03"), "%E7%8E%8B%E8%8A%B3%2003");
    }
}
