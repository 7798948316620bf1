//! Closed roads, and which road is near a place.

use std::collections::BTreeSet;

use axum::extract::State;
use axum::http::StatusCode;
use dispatch_core::Action;
use dispatch_core::ids::ClosureId;
use dispatch_core::roadworks::Closure;
use roads::{Network, RoadMap, Wgs84};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::Api;
use super::answer::{Answer, Asked, Named, Page, PageAsked};
use super::doc::{ReadProblems, WriteHeaders, WriteProblems};
use super::problem::Problem;
use super::views::{ClosureView, Position};
use super::write::{Write, WriteOf};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(nearest_road))
        .routes(routes!(list_closures, close_road))
        .routes(routes!(open_road))
}

/// Close roads: by their ways and a name, or whatever named road or bridge is at a place.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ClosureBody {
    /// The ways of the road map.
    #[serde(default)]
    ways: Vec<i64>,
    /// The road's name, or other words.
    #[serde(default)]
    name: String,
    /// In place of `ways`: the whole named road or bridge here.
    #[serde(default)]
    near: Option<Position>,
    reason: String,
}

/// A place, WGS-84.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct PlaceAsked {
    longitude: f64,
    latitude: f64,
}

/// The road nearest to a place.
#[derive(Serialize, ToSchema)]
pub(crate) struct RoadNearby {
    /// The way of the road map.
    way: i64,
    /// Its name; empty when it has none.
    name: String,
    bridge: bool,
    distance_m: f64,
}

/// The road nearest to a place, within 500 m.
#[utoipa::path(get, path = "/api/v1/roads/nearest", tag = "roads", params(PlaceAsked),
    responses((status = 200, body = RoadNearby), ReadProblems))]
async fn nearest_road(
    State(api): State<Api>,
    Asked(asked): Asked<PlaceAsked>,
) -> Result<Answer<RoadNearby>, Problem> {
    let place = wgs84(Position { longitude: asked.longitude, latitude: asked.latitude })?;
    let roads = api.centre().roads().ok_or_else(no_map)?;
    let snap = roads.map.snap(place, NEAR_M_MAX).ok_or_else(no_road)?;
    let way = snap.way(roads.map.network()).ok_or_else(no_road)?;
    let distance_m = (snap.off_road_m * 10.0).round() / 10.0;
    Ok(Answer::ok(RoadNearby { way: way.id, name: way.name.to_owned(), bridge: way.bridge, distance_m }))
}

/// Roads closed now, oldest first.
#[utoipa::path(get, path = "/api/v1/closures", tag = "roads", params(PageAsked),
    responses((status = 200, body = Page<ClosureView>), ReadProblems))]
async fn list_closures(
    State(api): State<Api>,
    Asked(asked): Asked<PageAsked>,
) -> Result<Answer<Page<ClosureView>>, Problem> {
    let scene = api.scene();
    let network = scene.roads.as_ref().map(|roads| roads.map.network());
    let closures = scene.record().closures().range(asked.range::<ClosureId>()?);
    asked
        .of(closures.map(|(id, closure)| (id.to_string(), ClosureView::of(closure, network))))
        .map(Answer::ok)
}

/// Close roads: proposals take other ways at once.
#[utoipa::path(post, path = "/api/v1/closures", tag = "roads", params(WriteHeaders), request_body = ClosureBody,
    responses((status = 201, body = ClosureView), WriteProblems))]
async fn close_road(
    State(api): State<Api>,
    WriteOf { write, body }: WriteOf<ClosureBody>,
) -> Result<Answer<ClosureView>, Problem> {
    let roads = api.centre().roads().ok_or_else(no_map)?;
    let (ways, name) = match body.near {
        Some(near) if body.ways.is_empty() => road_at(&roads.map, wgs84(near)?, &body.name)?,
        None if !body.ways.is_empty() => (known_ways(roads.map.network(), body.ways)?, body.name),
        _ => return Err(Problem::malformed("give either ways or near", "请填写 ways 或 near 之一")),
    };
    let id = ClosureId::new(Uuid::now_v7());
    let closure = Closure { id, ways, name, reason: body.reason, since: api.centre().clock().now() };
    let (made, scene) = write.make(&api, Action::CloseRoad { closure }, id).await?;
    scene.closure(made).map(Answer::created)
}

/// Open them again.
#[utoipa::path(delete, path = "/api/v1/closures/{id}", tag = "roads", params(("id" = String, Path), WriteHeaders),
    responses((status = 204, description = "Open again"), WriteProblems))]
async fn open_road(State(api): State<Api>, id: Named, write: Write) -> Result<StatusCode, Problem> {
    let closure: ClosureId = id.parse("closure", "封路")?;
    write.make(&api, Action::OpenRoad { closure }, closure).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The road at a place with everything that belongs to it: a bridge by its name or in one piece, a street by its name. A
/// road without a name is closed where it is.
fn road_at(map: &RoadMap, place: Wgs84, words: &str) -> Result<(Vec<i64>, String), Problem> {
    let network = map.network();
    let snap = map.snap(place, NEAR_M_MAX).ok_or_else(no_road)?;
    let at = snap.way(network).ok_or_else(no_road)?;
    let near = |way: &i64| {
        let mut ends = network.arcs_of_way(*way).flat_map(|arc| <[_; 2]>::from(network.arc_ends(arc)));
        ends.any(|node| network.node_position(node).distance_m(place) <= SAME_ROAD_M_MAX)
    };
    let same = network
        .ways()
        .filter(|way| way.name == at.name && way.bridge == at.bridge && way.tunnel == at.tunnel);
    let ways = if at.name.is_empty() { vec![at.id] } else { same.map(|way| way.id).filter(near).collect() };
    let name = if words.is_empty() { at.name } else { words };
    Ok((ways, name.to_owned()))
}

fn known_ways(network: &Network, ways: Vec<i64>) -> Result<Vec<i64>, Problem> {
    let ways: BTreeSet<i64> = ways.into_iter().collect();
    match ways.iter().find(|way| network.way(**way).is_none()) {
        Some(way) => Err(Problem::impossible(
            format!("the road map has no way {way}"),
            format!("路网中没有道路 {way}"),
        )),
        None => Ok(ways.into_iter().collect()),
    }
}

fn wgs84(position: Position) -> Result<Wgs84, Problem> {
    position
        .try_into()
        .map_err(|error: roads::PositionError| Problem::impossible(error.to_string(), "经纬度超出范围"))
}

fn no_map() -> Problem {
    Problem::impossible("this centre runs without a road map", "本中心未加载路网")
}

fn no_road() -> Problem {
    Problem::unknown("road", "道路", "within 500 m of this place")
}

/// A click farther from any road than this means no road.
const NEAR_M_MAX: f64 = 500.0;
/// Streets of one name farther away than this are another district's.
const SAME_ROAD_M_MAX: f64 = 5_000.0;
