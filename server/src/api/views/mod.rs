//! What the interface shows: types of their own, field by field. A core type is never serialised whole, so that a new
//! private field can only get out by being named here.

mod accident;
mod areas;
mod assignment;
mod call;
mod chart;
mod closure;
mod destination;
mod escalation;
mod hospital;
mod incident;
mod overrides;
mod paper_mark;
mod place;
mod plan;
mod proposal;
mod report;
mod reservation;
mod second_opinion;
mod traffic;
mod unit;
mod words;

pub(crate) use accident::AccidentView;
pub(crate) use areas::{MutualAidView, StationAreasView};
pub(crate) use assignment::{AssignmentView, EtaView};
pub(crate) use call::{CallView, LineView};
pub(crate) use chart::ChartView;
pub(crate) use closure::ClosureView;
pub(crate) use destination::DestinationChoiceView;
pub(crate) use escalation::EscalationView;
pub(crate) use hospital::{ArrivalAccidentView, ArrivalView, ArrivalsView, HospitalView};
pub(crate) use incident::IncidentView;
pub(crate) use place::{PlaceView, Position, Time, seconds};
pub(crate) use plan::PlanView;
pub(crate) use proposal::ProposalView;
pub(crate) use report::{HeadView, ReportView};
pub(crate) use second_opinion::SecondOpinionView;
pub(crate) use traffic::TrafficView;
pub(crate) use unit::{LinkWord, StationView, UnitPositionView, UnitView};
pub(crate) use words::*;
