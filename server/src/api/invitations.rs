//! Inviting a vehicle to enrol: a one-time token as a QR code, for ten minutes and one vehicle.

use std::time::Instant;

use axum::extract::State;
use dispatch_core::Span;
use dispatch_core::ids::UnitId;
use qrcodegen::{QrCode, QrCodeEcc};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Api;
use super::answer::{Answer, Named};
use super::doc::{WriteHeaders, WriteProblems};
use super::problem::Problem;
use super::views::Time;
use super::write::Write;
use crate::enrolment::Invitations;

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(invite_vehicle))
}

/// An invitation for a unit's vehicle. Whoever shows it first is that unit: show it to nobody but the technician at the vehicle.
#[derive(Serialize, ToSchema)]
#[schema(as = Invitation)]
pub(crate) struct InvitationView {
    unit: String,
    /// The text of the QR code, for a vehicle that has no camera.
    #[schema(example = "jichi1:A12:…")]
    text: String,
    /// Wall time: it is good until then, once.
    until: Time,
    /// Modules on a side of the QR code, without its quiet zone of four.
    size: i32,
    /// The dark modules as an SVG path, one unit a module.
    path: String,
}

/// Invite a unit's vehicle to enrol. An earlier invitation of the same unit is void; a second invitation is another one.
#[utoipa::path(post, path = "/api/v1/units/{id}/invitation", tag = "units", params(("id" = String, Path), WriteHeaders),
    responses((status = 200, body = InvitationView), WriteProblems))]
async fn invite_vehicle(
    State(api): State<Api>,
    id: Named,
    write: Write,
) -> Result<Answer<InvitationView>, Problem> {
    let unit: UnitId = id.parse("unit", "车组")?;
    api.scene().unit(unit)?;
    let Some(invitations) = api.invitations() else {
        return Err(Problem::not_now(
            "this centre enrols no vehicles: set `enrolment` under [vehicles]",
            "本中心未开通在线登记：请在 [vehicles] 中设置 enrolment",
        ));
    };
    let (by, _) = write.into_parts();
    let invitation = invitations.invite(unit, Instant::now());
    let invitation =
        invitation.map_err(|error| Problem::not_ready(error.to_string(), "系统暂时无法生成登记码"))?;
    let until = crate::clock::wall_now() + Span::seconds(Invitations::GOOD_FOR.as_secs() as i64);
    tracing::info!(%unit, ?by, "a vehicle is invited to enrol");
    let text = invitation.to_string();
    let code = QrCode::encode_text(&text, QrCodeEcc::Medium)
        .map_err(|error| Problem::not_ready(error.to_string(), "系统暂时无法生成登记码"))?;
    Ok(Answer::ok(InvitationView {
        unit: unit.to_string(),
        until: until.into(),
        size: code.size(),
        path: path(&code),
        text,
    }))
}

/// One stroke for each run of dark modules in a row.
fn path(code: &QrCode) -> String {
    use std::fmt::Write as _;
    let mut path = String::new();
    for y in 0..code.size() {
        let mut x = 0;
        while x < code.size() {
            let run = (x..code.size()).take_while(|x| code.get_module(*x, y)).count();
            if run > 0 {
                // Writing to a text does not fail.
                let _ = write!(path, "M{x} {y}h{run}v1h-{run}z");
            }
            x += run.max(1) as i32;
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_covers_the_dark_modules_and_no_other() {
        let code = QrCode::encode_text("jichi1:A12:0011", QrCodeEcc::Medium).unwrap();
        let mut dark = 0;
        for stroke in path(&code).split('M').filter(|stroke| !stroke.is_empty()) {
            let (place, run) = stroke.split_once('h').unwrap();
            let (x, y) = place.split_once(' ').unwrap();
            let (x, y): (i32, i32) = (x.parse().unwrap(), y.parse().unwrap());
            let run: i32 = run.split('v').next().unwrap().parse().unwrap();
            assert!((x..x + run).all(|x| code.get_module(x, y)), "{stroke}");
            assert!(!code.get_module(x + run, y) && !code.get_module(x - 1, y), "{stroke}");
            dark += run;
        }
        let all = (0..code.size()).flat_map(|y| (0..code.size()).map(move |x| (x, y)));
        assert_eq!(dark, all.filter(|(x, y)| code.get_module(*x, *y)).count() as i32);
    }
}
