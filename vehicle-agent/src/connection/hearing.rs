//! What the centre says on one of the further streams.

use link::v1::{FromCentre, from_centre};
use link::{FrameReader, decode};
use quinn::RecvStream;
use tracing::{debug, warn};

/// The next thing; `None` when the centre has finished the stream. Dropped half way, it goes on where it was.
pub(super) async fn next(
    receive: &mut RecvStream,
    frames: &mut FrameReader,
) -> Result<Option<from_centre::Body>, String> {
    loop {
        match frames.next_frame() {
            Ok(Some(body)) => match decode::<FromCentre>(&body) {
                Ok(FromCentre { body: Some(body) }) => return Ok(Some(body)),
                Ok(FromCentre { body: None }) => debug!("a frame of a kind unknown here"),
                Err(error) => warn!(%error, "a frame passed over"),
            },
            Ok(None) => match receive.read_chunk(link::FRAME_BYTES_MAX, true).await {
                Ok(Some(chunk)) => frames.push(&chunk.bytes),
                Ok(None) => return Ok(None),
                Err(error) => return Err(error.to_string()),
            },
            Err(error) => return Err(error.to_string()),
        }
    }
}
