//! Two real endpoints on the loopback.

use std::time::Duration;

use crossbeam_channel::bounded;
use dispatch_core::journal::Epoch;
use dispatch_core::leadership::Said;

use super::super::conductor::Input;
use super::*;
use crate::testing::TempFolder;
use crate::vehicles::certificates::{
    NODE_KEY, NODE_PEM, UNIT_KEY, UNIT_PEM, ensure_authority, issue_node, issue_unit,
};

fn letter(term: u64) -> Letter {
    let message = Message { highest: Epoch { term, node: 1 }, said: Said::Here };
    Letter { message, portion: Portion::default() }
}

fn free_port() -> SocketAddr {
    std::net::UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

fn standby(folder: &std::path::Path, listen: SocketAddr, peer: SocketAddr) -> OtherNode {
    OtherNode { listen, peer, elsewhere: String::new(), certificates: folder.to_owned() }
}

/// Says it until it is heard, as the node does.
async fn heard(from: &PeerLink, letter: &Letter, at: &crossbeam_channel::Receiver<Input>) -> Option<Letter> {
    for _ in 0..40 {
        from.say(letter);
        let at = at.clone();
        let came = tokio::task::spawn_blocking(move || at.recv_timeout(Duration::from_millis(100))).await;
        if let Ok(Ok(Input::Heard(came))) = came {
            return Some(*came);
        }
    }
    None
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn letters_go_both_ways_and_find_a_node_that_was_started_anew() {
    let folder = TempFolder::new("peer");
    ensure_authority(folder.path()).unwrap();
    issue_node(folder.path(), folder.path()).unwrap();
    let (one, two) = (free_port(), free_port());
    let (to_one, at_one) = bounded(64);
    let (to_two, at_two) = bounded(64);
    let first = PeerLink::open(&standby(folder.path(), one, two), to_one).unwrap();
    let second = PeerLink::open(&standby(folder.path(), two, one), to_two.clone()).unwrap();
    assert_eq!(heard(&first, &letter(1), &at_two).await, Some(letter(1)));
    assert_eq!(heard(&second, &letter(2), &at_one).await, Some(letter(2)));
    drop(second);
    while at_two.try_recv().is_ok() {}
    let mut again = None;
    for _ in 0..50 {
        match PeerLink::open(&standby(folder.path(), two, one), to_two.clone()) {
            Ok(link) => again = Some(link),
            Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
        }
        if again.is_some() {
            break;
        }
    }
    let _again = again.unwrap();
    assert_eq!(heard(&first, &letter(3), &at_two).await, Some(letter(3)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_vehicle_is_no_node() {
    let (centre, vehicle) = (TempFolder::new("peer"), TempFolder::new("peer"));
    ensure_authority(centre.path()).unwrap();
    issue_node(centre.path(), centre.path()).unwrap();
    issue_unit(centre.path(), "A01", vehicle.path()).unwrap();
    std::fs::rename(vehicle.path().join(UNIT_PEM), vehicle.path().join(NODE_PEM)).unwrap();
    std::fs::rename(vehicle.path().join(UNIT_KEY), vehicle.path().join(NODE_KEY)).unwrap();
    let (one, two) = (free_port(), free_port());
    let (to_one, at_one) = bounded(64);
    let (to_two, _at_two) = bounded(64);
    let _node = PeerLink::open(&standby(centre.path(), one, two), to_one).unwrap();
    let false_node = PeerLink::open(&standby(vehicle.path(), two, one), to_two).unwrap();
    for _ in 0..10 {
        false_node.say(&letter(9));
        let at = at_one.clone();
        let came =
            tokio::task::spawn_blocking(move || at.recv_timeout(Duration::from_millis(50))).await.unwrap();
        assert!(came.is_err(), "{came:?}");
    }
}

#[test]
fn every_letter_is_taken_for_what_it_is() {
    fn read(letter: &impl Serialize) -> Option<Input> {
        receiving::input(&serde_json::to_vec(letter).unwrap())
    }
    let stretch = Quarantined { after_seq: 3, runs: Vec::new() };
    let aside = AsideLetter::Page { stretch: stretch.clone(), after_seq: 4, portion: Portion::default() };
    let waits = AsideLetter::Waits { stretches: vec![stretch] };
    for letter in [aside, waits] {
        let came = read(&letter);
        assert!(matches!(came, Some(Input::HeardAside(came)) if *came == letter), "{letter:?}");
    }
    let positions = PositionsLetter { positions: Vec::new() };
    let came = read(&positions);
    assert!(matches!(came, Some(Input::HeardPositions(came)) if came == positions));
    assert!(matches!(read(&letter(1)), Some(Input::Heard(_))));
    for nonsense in ["", "{}", "[]", r#"{"aside":"send"}"#, r#"{"message":1}"#] {
        assert!(receiving::input(nonsense.as_bytes()).is_none(), "{nonsense}");
    }
}
