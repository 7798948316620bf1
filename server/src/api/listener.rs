//! Takes connections, no more than a machine has room for: the rest wait in the system's own queue. A connection on which nothing moves gives
//! its seat back, sooner when seats are short, so that those who connect and say nothing keep nobody out for long.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::serve::Listener;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, Interval, MissedTickBehavior, interval};

/// A listener with as many seats as connections may be open.
pub(crate) struct BoundedListener {
    listener: TcpListener,
    seats: Arc<Semaphore>,
}

/// A connection in its seat.
pub(crate) struct Seated {
    stream: TcpStream,
    seats: Arc<Semaphore>,
    _seat: OwnedSemaphorePermit,
    /// When something last moved on it.
    moved: Instant,
    look: Interval,
}

impl BoundedListener {
    pub(crate) fn new(listener: TcpListener) -> Self {
        Self { listener, seats: Arc::new(Semaphore::new(CONNECTIONS_MAX)) }
    }
}

impl Seated {
    fn new(stream: TcpStream, seats: Arc<Semaphore>, seat: OwnedSemaphorePermit) -> Self {
        let mut look = interval(LOOK_EVERY);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self { stream, seats, _seat: seat, moved: Instant::now(), look }
    }

    /// Nothing has moved for as long as may be. Wakes the task when it is time to look again.
    fn is_idle(&mut self, cx: &mut Context<'_>) -> bool {
        while self.look.poll_tick(cx).is_ready() {
            let crowded = self.seats.available_permits() < CROWDED_BELOW;
            if self.moved.elapsed() > if crowded { IDLE_IN_CROWD_MAX } else { IDLE_MAX } {
                metrics::counter!("jichi_api_idle_connections_total").increment(1);
                return true;
            }
        }
        false
    }

    /// Notes that something moved, and ends the connection when nothing does.
    fn note<T>(&mut self, poll: Poll<io::Result<T>>, cx: &mut Context<'_>) -> Poll<io::Result<T>> {
        if poll.is_ready() {
            self.moved = Instant::now();
        } else if self.is_idle(cx) {
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        poll
    }

    /// Sends what is written without waiting for more.
    pub(crate) fn send_at_once(&mut self) {
        if let Err(error) = self.stream.set_nodelay(true) {
            tracing::debug!(%error, "a connection keeps its delay");
        }
    }
}

impl Listener for BoundedListener {
    type Io = Seated;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Seated, SocketAddr) {
        let seat = Arc::clone(&self.seats).acquire_owned().await;
        let seat = seat.expect("invariant: the seats are never closed");
        let (stream, from) = Listener::accept(&mut self.listener).await;
        (Seated::new(stream, Arc::clone(&self.seats), seat), from)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

impl AsyncRead for Seated {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let poll = Pin::new(&mut self.stream).poll_read(cx, buf);
        self.note(poll, cx)
    }
}

impl AsyncWrite for Seated {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let poll = Pin::new(&mut self.stream).poll_write(cx, buf);
        self.note(poll, cx)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let poll = Pin::new(&mut self.stream).poll_write_vectored(cx, bufs);
        self.note(poll, cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

/// Connections open at a time.
const CONNECTIONS_MAX: usize = 1024;
/// How long a connection may stand without a byte. Screens are asked every few seconds; the rest connects anew when it has something to say.
const IDLE_MAX: Duration = Duration::from_secs(75);
/// The same while seats are short: longer than any request takes.
const IDLE_IN_CROWD_MAX: Duration = Duration::from_secs(20);
/// Seats are short when fewer are left.
const CROWDED_BELOW: usize = 256;
/// How often a connection that waits is looked at.
const LOOK_EVERY: Duration = Duration::from_secs(5);
