//! The two nodes of a centre: how this one stands, and what people may order it to do.

use axum::extract::State;
use dispatch_core::actor::Actor;
use dispatch_core::ids::AssignmentId;
use dispatch_core::leadership::{Declined, Order, Orders, Quarantined, State as NodeState};
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
use crate::leadership::{BringInError, BroughtIn, Leadership, OrderError, bring_in};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(read_leadership))
        .routes(routes!(hand_over))
        .routes(routes!(promote))
        .routes(routes!(let_out))
        .routes(routes!(bring_in_aside))
}

/// How this node stands to the other one.
#[derive(Serialize, ToSchema)]
pub(crate) struct LeadershipView {
    /// Whether the centre has two nodes.
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
    /// Events that the leader lacks, of this node and of the other one: they were moved aside and wait for a person.
    aside: Vec<AsideView>,
}

/// A stretch of events that was moved aside.
#[derive(Serialize, ToSchema)]
pub(crate) struct AsideView {
    /// The last event that stayed.
    after_seq: u64,
    /// How many were moved.
    events: u64,
    /// Whether they wait at this node; the other one's are known where this one leads.
    here: bool,
}

/// What was brought in.
#[derive(Serialize, ToSchema)]
pub(crate) struct BroughtInView {
    /// Calls with their incidents and runs.
    matters: u32,
    /// Events that are on record now, with their own times.
    events: u32,
    /// Events that did not fit what is on record: they stay aside.
    left_out: u32,
    /// Requests that the leader had carried out as well, their first answer being lost: they were not brought in a second time.
    repeated: u32,
    /// How the nodes stand now.
    leadership: LeadershipView,
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

impl AsideView {
    fn new(stretch: &Quarantined, here: bool) -> Self {
        Self { after_seq: stretch.after_seq, events: Leadership::events_of(stretch), here }
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
    let here = standing.aside.iter().map(|stretch| AsideView::new(stretch, true));
    // What a follower heard when it led is old.
    let there = if standing.state.leads() { leadership.elsewhere_aside() } else { Vec::new() };
    let there = there.iter().map(|stretch| AsideView::new(stretch, false));
    LeadershipView {
        two_nodes: leadership.has_peer(),
        state: standing.state.into(),
        orders: standing.orders.into(),
        disk,
        epoch: standing.epoch.map(words),
        elsewhere: leadership.elsewhere().to_owned(),
        aside: here.chain(there).collect(),
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

/// Put the events that wait aside, at this node or the other one, on record, the oldest first: with their own times and authors, under new numbers,
/// marked as brought in. What the leader decided meanwhile stands; what does not fit stays aside. Asked again it does nothing again.
#[utoipa::path(post, path = "/api/v1/leadership/bring-in", tag = "operation", params(WriteHeaders),
    responses((status = 200, body = BroughtInView), WriteProblems))]
async fn bring_in_aside(State(api): State<Api>, write: Write) -> Result<Answer<BroughtInView>, Problem> {
    let (by, _) = write.into_parts();
    if !matches!(by, Actor::Person { .. }) {
        return Err(Problem::malformed(
            "events are brought in by a person at a seat",
            "须由席位上的人员并入",
        ));
    }
    let leadership = leadership(&api)?;
    if leadership.standing().orders != Orders::Freely {
        return Err(Declined::NotLeading.into());
    }
    let BroughtIn { matters, events, left_out, repeated } = bring_in(leadership, api.centre(), &by).await?;
    Ok(Answer::ok(BroughtInView { matters, events, left_out, repeated, leadership: view(&api) }))
}

fn leadership(api: &Api) -> Result<&Leadership, Problem> {
    let leadership = api.centre().leadership().map(AsRef::as_ref);
    leadership.ok_or_else(|| Problem::not_now("this centre has one node", "本中心只有一个节点"))
}

impl From<OrderError> for Problem {
    fn from(error: OrderError) -> Self {
        match error {
            OrderError::Declined(why) => why.into(),
            OrderError::Busy | OrderError::Stopping => {
                Self::not_ready(error.to_string(), "系统繁忙，请一秒后重试")
            }
        }
    }
}

impl From<Declined> for Problem {
    fn from(why: Declined) -> Self {
        Self::not_now(why.to_string(), zh(why))
    }
}

impl From<BringInError> for Problem {
    fn from(error: BringInError) -> Self {
        match error {
            BringInError::NothingWaits => Self::not_now(error.to_string(), "没有待并入的隔离记录"),
            BringInError::NotSent => {
                Self::not_ready(error.to_string(), "另一节点未送来隔离记录，请待其连通后重试")
            }
            BringInError::TooMany => Self::not_now(error.to_string(), "隔离记录过多，请联系系统管理员处理"),
            BringInError::Journal(_) => {
                tracing::error!(%error, "events that wait aside cannot be read");
                Self::not_ready(error.to_string(), "隔离记录无法读取，请联系系统管理员")
            }
            BringInError::Submit(error) => error.into(),
        }
    }
}

fn zh(why: Declined) -> &'static str {
    match why {
        Declined::NotLeading => "本机不是主用，请在主用节点上操作",
        Declined::PeerAbsent => "另一节点无应答或连不上数据库，本机继续主用",
        Declined::NotAlone => "本机仍能连到数据库或另一节点，请稍候，其中之一将成为主用",
        Declined::OnePerson => "提升主用须两名不同人员负责",
    }
}
