//! What clients may send: every field named, unknown ones refused, each turned into the core's own types.

use dispatch_core::ids::HospitalId;
use dispatch_core::incident::{IncidentChange, IncidentSketch, Needs, Patient, Place, Triage, UnitsWanted};
use dispatch_core::private::Private;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Api;
use super::problem::Problem;
use super::views::{IncidentKindWord, LevelWord, Position, SexWord, SkillWord, Time};

/// Where somebody is, as far as known.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(as = PlaceBody)]
pub(crate) struct PlaceBody {
    position: Option<Position>,
    address: String,
    waiting_place: String,
    /// Taken and not used: the centre's own map decides it.
    #[serde(rename = "district")]
    _district: Option<String>,
    /// Taken and not used: the centre's own map decides it.
    #[serde(rename = "area")]
    _area: Option<super::views::AreaWord>,
}

/// What is known of an incident: only `complaint` and `triage.level` are needed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = IncidentBody)]
pub(crate) struct IncidentBody {
    /// The call it comes from.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub(crate) call: Option<dispatch_core::ids::CallId>,
    #[serde(default = "emergency")]
    kind: IncidentKindWord,
    complaint: String,
    triage: TriageBody,
    #[serde(default)]
    place: PlaceBody,
    #[serde(default)]
    patients: Vec<PatientBody>,
    #[serde(default)]
    needs: NeedsBody,
    #[serde(default)]
    notes: String,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    wish: Option<HospitalId>,
    #[serde(default)]
    text_only: bool,
    #[serde(default)]
    test: bool,
    /// When a booked run begins: a transfer or a stand-by, not an emergency.
    #[serde(default)]
    scheduled_at: Option<Time>,
}

/// What changes of an incident; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = IncidentChangeBody)]
pub(crate) struct ChangeBody {
    complaint: Option<String>,
    triage: Option<TriageBody>,
    place: Option<PlaceBody>,
    patients: Option<Vec<PatientBody>>,
    needs: Option<NeedsBody>,
    notes: Option<String>,
    #[schema(value_type = Option<String>)]
    wish: Option<HospitalId>,
}

/// How bad it is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = TriageBody)]
pub(crate) struct TriageBody {
    level: LevelWord,
    #[serde(default)]
    determinant: Option<String>,
    /// The scheme's name and version; the 2018 consensus when nothing is said.
    #[serde(default)]
    scheme: Option<String>,
}

/// A patient as far as the call tells.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PatientBody)]
pub(crate) struct PatientBody {
    /// The full name; never shown back.
    #[serde(default)]
    name: String,
    #[serde(default)]
    sex: Option<SexWord>,
    #[serde(default)]
    age_years: Option<u8>,
}

/// What must come.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(as = NeedsBody)]
pub(crate) struct NeedsBody {
    #[schema(minimum = 1, maximum = 50)]
    units: u8,
    skills: Vec<SkillWord>,
    /// What some of them must be able to do besides.
    kinds: Vec<UnitsWantedBody>,
    /// The response plan that this comes from, as it was shown.
    plan: Option<String>,
}

/// Some of the units that an incident wants.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = UnitsWantedBody)]
pub(crate) struct UnitsWantedBody {
    #[schema(minimum = 1, maximum = 50)]
    units: u8,
    skills: Vec<SkillWord>,
}

/// A reason in words.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReasonBody {
    pub(crate) reason: String,
}

/// A text.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TextBody {
    pub(crate) text: String,
}

/// A time, or `null` for now.
pub(crate) fn at_or_now(api: &Api, at: Option<Time>) -> dispatch_core::UtcTime {
    at.map_or_else(|| api.centre().clock().now(), |at| at.0)
}

impl PlaceBody {
    pub(crate) fn into_core(self) -> Result<Place, Problem> {
        let position = match self.position {
            Some(position) => Some(position.try_into().map_err(|error: roads::PositionError| {
                Problem::impossible(
                    error.to_string(),
                    "经纬度超出范围（WGS-84，经度 −180～180，纬度 −90～90）",
                )
            })?),
            None => None,
        };
        // District and area are filled in on the way to the centre.
        Ok(Place { position, address: self.address, waiting_place: self.waiting_place, ..Place::default() })
    }
}

impl IncidentBody {
    pub(crate) fn into_core(self) -> Result<IncidentSketch, Problem> {
        Ok(IncidentSketch {
            kind: self.kind.into(),
            complaint: self.complaint,
            triage: self.triage.into(),
            place: self.place.into_core()?,
            patients: self.patients.into_iter().map(Patient::from).collect(),
            needs: self.needs.into(),
            notes: self.notes,
            wish: self.wish,
            text_only: self.text_only,
            test: self.test,
            scheduled_at: self.scheduled_at.map(|at| at.0),
        })
    }
}

impl ChangeBody {
    pub(crate) fn into_core(self) -> Result<IncidentChange, Problem> {
        Ok(IncidentChange {
            complaint: self.complaint,
            triage: self.triage.map(Triage::from),
            place: self.place.map(PlaceBody::into_core).transpose()?,
            patients: self.patients.map(|patients| patients.into_iter().map(Patient::from).collect()),
            needs: self.needs.map(Needs::from),
            notes: self.notes,
            wish: self.wish,
        })
    }
}

impl From<TriageBody> for Triage {
    fn from(body: TriageBody) -> Self {
        let mut triage = Self::level(body.level.into());
        triage.determinant = body.determinant;
        if let Some(scheme) = body.scheme {
            triage.scheme = scheme;
        }
        triage
    }
}

impl From<PatientBody> for Patient {
    fn from(body: PatientBody) -> Self {
        Self { name: Private::new(body.name), sex: body.sex.map(Into::into), age_years: body.age_years }
    }
}

impl std::fmt::Debug for PatientBody {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PatientBody(…)")
    }
}

impl From<NeedsBody> for Needs {
    fn from(body: NeedsBody) -> Self {
        let kinds = body.kinds.into_iter().map(|wanted| UnitsWanted {
            units: wanted.units,
            skills: wanted.skills.into_iter().map(Into::into).collect(),
        });
        Self {
            units: body.units,
            skills: body.skills.into_iter().map(Into::into).collect(),
            kinds: kinds.collect(),
            plan: body.plan,
        }
    }
}

impl Default for NeedsBody {
    fn default() -> Self {
        Self { units: 1, skills: Vec::new(), kinds: Vec::new(), plan: None }
    }
}

fn emergency() -> IncidentKindWord {
    IncidentKindWord::Emergency
}
