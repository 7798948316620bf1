//! The HTTP interface of the centre: what `docs/api.md` and `/api/v1/openapi.json` describe. It checks what comes in, asks
//! the centre, and shows what is durable; it decides nothing.

mod accident_body;
mod accidents;
mod answer;
mod assignments;
mod body;
mod calls;
mod closures;
mod cover;
mod coverage;
mod destinations;
mod doc;
mod erasures;
mod escalations;
mod estimate;
mod files;
mod guard;
mod handoffs;
mod health;
mod history;
mod hospitals;
mod incidents;
mod invitations;
mod leadership;
mod listener;
mod live;
mod openapi;
mod pages;
mod paper_forms;
mod person;
mod plans;
mod problem;
mod proposals;
mod reports;
mod reservations;
mod scene;
mod second_opinions;
mod settings;
mod shared;
mod source;
mod text_call_key;
mod text_call_limit;
mod text_calls;
mod tiles;
mod units;
mod views;
mod write;

pub use shared::{Api, ApiError, ApiSettings};

use std::io;
use std::net::SocketAddr;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::response::IntoResponse;
use axum::routing::get;
use axum::serve::ListenerExt;
use tokio::net::TcpListener;

use guard::{HostGuard, guard};
use listener::{BoundedListener, Seated};
use problem::Problem;

/// Answers requests until [`Api::stop`] is called and those under way are answered.
pub async fn serve(api: Api, listener: TcpListener) -> io::Result<()> {
    let address = listener.local_addr()?;
    let service = router(api.clone(), address).into_make_service_with_connect_info::<SocketAddr>();
    let stopping = async move { api.stopping().await };
    // Small frames go out at once; without it a position may wait for the next one.
    let listener = BoundedListener::new(listener).tap_io(Seated::send_at_once);
    axum::serve(listener, service).with_graceful_shutdown(stopping).await
}

/// Every route, behind the guard of an interface that listens at `address`.
fn router(api: Api, address: SocketAddr) -> Router {
    let (routes, _) = openapi::described_routes().split_for_parts();
    routes
        .route("/api/v1/openapi.json", get(openapi::read_description))
        .fallback(pages::page)
        .method_not_allowed_fallback(async || Problem::wrong_method().into_response())
        .layer(from_fn_with_state(HostGuard::new(address), guard))
        .with_state(api)
}

#[cfg(test)]
mod tests;
#[cfg(test)]
pub(crate) use tests::small_city;
