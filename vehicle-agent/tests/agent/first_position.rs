//! A vehicle that nobody is signed on to sends its place every ten seconds; one that comes back does not wait for that.

use crate::EPOCH;
use crate::centre::Centre;
use crate::vehicle::Vehicle;

#[tokio::test]
async fn whoever_comes_back_says_at_once_where_it_is() {
    let mut vehicle = Vehicle::new("A12").await;
    let mut centre = Centre::open(&vehicle.certificates(), 0).await;
    vehicle.start(centre.port()).await;
    // The first fix is there before the centre is, and is kept.
    vehicle.feed(&[(0.0, 120.50)]).await;
    vehicle.until(|state| state["link"]["unsent_positions"] == 1).await;
    centre.welcome(EPOCH).await;
    vehicle.until(|state| state["link"]["state"] == "connected").await;
    vehicle.feed(&[(0.0, 120.50)]).await;
    assert_eq!(centre.position().await.seq, 2, "the second fix, a moment after the first");
    vehicle.stop().await;
}
