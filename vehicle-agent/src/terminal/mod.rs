//! The crew's terminal: the page and its small JSON interface, served on the vehicle itself. It works with the centre
//! away, and a foreign page in the same browser cannot drive it. The interface is written down in
//! `docs/vehicle-terminal.md`.

mod api;
mod files;
mod guard;
mod live;
mod pages;
mod patients;
mod problem;
mod tiles;
mod view;

use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};
use axum::{Router, middleware};
use tokio::net::TcpListener;

pub use tiles::Equipment;

use crate::duty::SharedDuty;

/// By this name the interface is known, to `check` and to whoever else finds something at the port: the package's.
pub const PROGRAM: &str = "jichi-vehicle-agent";

const BODY_BYTES_MAX: usize = 16 * 1024;

/// Serves on a listener, for ever. `hosts`: further names by which a browser may call it.
pub async fn serve(
    listener: TcpListener,
    duty: SharedDuty,
    hosts: &[String],
    equipment: Equipment,
) -> std::io::Result<()> {
    let guard = guard::Guard::new(listener.local_addr()?, hosts);
    axum::serve(listener, router(duty, guard, equipment)).await
}

fn router(duty: SharedDuty, guard: guard::Guard, equipment: Equipment) -> Router {
    Router::new()
        .route("/api/state", get(api::state))
        .route("/api/live", get(live::live))
        .route("/api/acknowledge", post(api::acknowledge))
        .route("/api/press", post(api::press))
        .route("/api/refuse", post(api::refuse))
        .route("/api/roadside", post(api::roadside))
        .route("/api/abort", post(api::abort))
        .route("/api/crew/sign-on", post(api::sign_on))
        .route("/api/crew/sign-off", post(api::sign_off))
        .route("/api/dismiss", post(api::dismiss))
        .route("/api/read", post(api::read))
        .route("/api/patient/vitals", post(patients::vitals))
        .route("/api/patient/findings", post(patients::findings))
        .route("/api/patient/score", post(patients::score))
        .route("/api/patient/alert", post(patients::alert))
        .route("/api/patient/monitor", post(patients::monitor))
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .merge(files::routes())
        .merge(tiles::routes(equipment))
        .fallback(pages::page)
        .with_state(duty)
        .layer(middleware::from_fn_with_state(guard, guard::check))
}
