//! The two nodes of a centre: how this one stands, and what people may order it to do.

use axum::extract::State;
use dispatch_core::actor::Actor;
use dispatch_core::ids::AssignmentId;
use dispatch_core::leadership::{Order, Orders, Quarantined, State as NodeState};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Api;
use super::answer::Answer;
use super::doc::{WriteHeaders, WriteProblems};
use super::health::DiskWord;
use super::problem::Problem;
use super::write::{Write, WriteOf};
use crate::journal::words;
use crate::leadership::{Leadership, OrderError};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(read_leadership))
        .routes(routes!(hand_over))
        .routes(routes!(promote))
        .routes(routes!(let_out))
}

/// How this node stands to the other one.
#[derive(Serialize, ToSchema)]
pub(crate) struct LeadershipView {
    /// Whether the centre has two nodes. With one, it leads and its own journal is the record.
    two_nodes: bool,
    state: StateWord,
    orders: OrdersWord,
    /// What the journal's disk takes.
    disk: DiskWord,
    /// The epoch it leads under; null when it does not lead.
    #[schema(example = "7.1")]
    epoch: Option<String>,
    /// Where the other node's interface is; empty where the configuration does not say.
    elsewhere: String,
    /// Events of this node that the leader lacks: they were moved aside and wait for a person.
    aside: Vec<AsideView>,
}

/// A stretch of events that was moved aside.
#[derive(Serialize, ToSchema)]
pub(crate) struct AsideView {
    /// The last event that stayed.
    after_seq: u64,
    /// How many were moved.
    events: u64,
}

/// What a node is to its centre, and what an acknowledgement of it means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum StateWord {
    /// The only node: its own journal.
    Alone,
    /// Leads: own journal and PostgreSQL.
    Normal,
    /// Leads while PostgreSQL is away: own journal and the other node's.
    Journal,
    /// Gives itself up to the other node.
    HandOver,
    /// Sees neither PostgreSQL nor the other node: own journal only, and another centre may be leading.
    Island,
    /// Does not lead.
    Follower,
    /// Has ended.
    Fenced,
}

/// Whether orders leave this node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum OrdersWord {
    /// As decided.
    Freely,
    /// Each after a dispatcher confirmed that another centre may be leading.
    AfterConfirmation,
    /// None.
    No,
}

impl StateWord {
    /// How this process stands.
    pub(crate) fn of(leadership: Option<&Leadership>) -> Self {
        leadership.map_or(Self::Alone, |leadership| leadership.standing().state.into())
    }

    /// Whether commands are taken.
    pub(crate) fn leads(self) -> bool {
        matches!(self, Self::Alone | Self::Normal | Self::Journal | Self::Island)
    }
}

impl From<NodeState> for StateWord {
    fn from(state: NodeState) -> Self {
        match state {
            NodeState::Normal => Self::Normal,
            NodeState::Journal => Self::Journal,
            NodeState::HandOver => Self::HandOver,
            NodeState::Island => Self::Island,
            NodeState::Follower => Self::Follower,
            NodeState::Fenced => Self::Fenced,
        }
    }
}

impl From<Orders> for OrdersWord {
    fn from(orders: Orders) -> Self {
        match orders {
            Orders::Freely => Self::Freely,
            Orders::AfterConfirmation => Self::AfterConfirmation,
            Orders::No => Self::No,
        }
    }
}

impl From<&Quarantined> for AsideView {
    fn from(stretch: &Quarantined) -> Self {
        let last = stretch.runs.last().map_or(stretch.after_seq, |run| run.last_seq);
        Self { after_seq: stretch.after_seq, events: last - stretch.after_seq }
    }
}

fn view(api: &Api) -> LeadershipView {
    let disk = api.centre().disk().into();
    let Some(leadership) = api.centre().leadership() else {
        return LeadershipView {
            two_nodes: false,
            state: StateWord::Alone,
            orders: OrdersWord::Freely,
            disk,
            epoch: Some(words(api.centre().snapshot().epoch)),
            elsewhere: String::new(),
            aside: Vec::new(),
        };
    };
    let standing = leadership.standing();
    LeadershipView {
        two_nodes: true,
        state: standing.state.into(),
        orders: standing.orders.into(),
        disk,
        epoch: standing.epoch.map(words),
        elsewhere: leadership.elsewhere().to_owned(),
        aside: standing.aside.iter().map(AsideView::from).collect(),
    }
}

/// How this node stands to the other one, and what an acknowledgement means now.
#[utoipa::path(get, path = "/api/v1/leadership", tag = "operation", responses((status = 200, body = LeadershipView)))]
async fn read_leadership(State(api): State<Api>) -> Answer<LeadershipView> {
    Answer::ok(view(&api))
}

/// Let the other node lead: for maintenance, or to move to the next version. Dispatching goes on there within a second.
#[utoipa::path(post, path = "/api/v1/leadership/hand-over", tag = "operation", params(WriteHeaders),
    responses((status = 200, body = LeadershipView), WriteProblems))]
async fn hand_over(State(api): State<Api>, write: Write) -> Result<Answer<LeadershipView>, Problem> {
    let (by, _) = write.into_parts();
    tracing::warn!(?by, "a hand-over is ordered");
    leadership(&api)?.order(Order::HandOver).await?;
    Ok(Answer::ok(view(&api)))
}

/// Who else answers for a promotion.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PromotionBody {
    /// The second person, beside the one at the seat.
    second_person: String,
}

/// Have this node lead although nobody agreed: two people answer for it that the other node does not. Only a node that sees neither
/// PostgreSQL nor the other node can be promoted.
#[utoipa::path(post, path = "/api/v1/leadership/promotion", tag = "operation", params(WriteHeaders), request_body = PromotionBody,
    responses((status = 200, body = LeadershipView), WriteProblems))]
async fn promote(
    State(api): State<Api>,
    WriteOf { write, body }: WriteOf<PromotionBody>,
) -> Result<Answer<LeadershipView>, Problem> {
    let (by, _) = write.into_parts();
    let Actor::Person { name, .. } = by else {
        return Err(Problem::malformed(
            "a promotion is ordered by a person at a seat",
            "须由席位上的人员提升主用",
        ));
    };
    tracing::warn!(first = name, second = body.second_person, "a promotion is ordered");
    leadership(&api)?.order(Order::Promote { persons: [name, body.second_person] }).await?;
    Ok(Answer::ok(view(&api)))
}

/// Which order may leave.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LetOutBody {
    #[schema(value_type = String)]
    assignment: AssignmentId,
}

/// Send one order although another centre may be leading: the worst that can come of it is that two ambulances go to one call.
#[utoipa::path(post, path = "/api/v1/leadership/confirmed-orders", tag = "operation", params(WriteHeaders), request_body = LetOutBody,
    responses((status = 200, body = LeadershipView), WriteProblems))]
async fn let_out(
    State(api): State<Api>,
    WriteOf { write, body }: WriteOf<LetOutBody>,
) -> Result<Answer<LeadershipView>, Problem> {
    let (by, _) = write.into_parts();
    let assignment = body.assignment;
    if api.centre().snapshot().record.assignment(assignment).is_none() {
        return Err(Problem::unknown("assignment", "派车", &assignment.to_string()));
    }
    if !leadership(&api)?.let_out_one(assignment) {
        return Err(Problem::not_now(
            "orders do not wait for a confirmation: this node is no island",
            "当前不处于孤岛状态，派车指令无需确认",
        ));
    }
    tracing::warn!(?by, %assignment, "an order is let out of an island");
    Ok(Answer::ok(view(&api)))
}

fn leadership(api: &Api) -> Result<&Leadership, Problem> {
    let leadership = api.centre().leadership().map(AsRef::as_ref);
    leadership.ok_or_else(|| Problem::not_now("this centre has one node", "本中心只有一个节点"))
}

impl From<OrderError> for Problem {
    fn from(error: OrderError) -> Self {
        match error {
            OrderError::Declined(why) => Self::not_now(why.to_string(), zh(why)),
            OrderError::Busy | OrderError::Stopping => {
                Self::not_ready(error.to_string(), "系统繁忙，请一秒后重试")
            }
        }
    }
}

fn zh(why: dispatch_core::leadership::Declined) -> &'static str {
    use dispatch_core::leadership::Declined;
    match why {
        Declined::NotLeading => "本机不是主用，请在主用节点上操作",
        Declined::PeerAbsent => "另一节点无应答或连不上数据库，本机继续主用",
        Declined::NotAlone => "本机仍能连到数据库或另一节点，请稍候，其中之一将成为主用",
        Declined::OnePerson => "提升主用须两名不同人员负责",
        Declined::NothingWaits => "没有待处理的隔离事件",
    }
}
