//! What one node says to the other.

use dispatch_core::journal::Epoch;
use dispatch_core::leadership::{History, Message, Moment, Position, Run, Said};

use super::damaged;

#[test]
fn messages_of_the_other_node() {
    let sound: Vec<Vec<u8>> =
        sound_messages().iter().map(|message| serde_json::to_vec(message).unwrap()).collect();
    bolero::check!(name = "leadership_message").with_iterations(ITERATIONS).with_max_len(512).for_each(
        |input: &[u8]| {
            read(input);
            for message in &sound {
                read(&damaged(message, input));
            }
        },
    );
}

/// What was read is written and read as the same, and what it tells of a journal can be worked with.
fn read(bytes: &[u8]) {
    let Ok(mut message) = serde_json::from_slice::<Message>(bytes) else { return };
    let written = serde_json::to_vec(&message).expect("a message can be written");
    assert_eq!(serde_json::from_slice::<Message>(&written).expect("and read again"), message);
    message.set_back(1_000);
    let (Said::Granted { history, .. } | Said::Reaches { history, .. } | Said::Holds { history, .. }) =
        message.said
    else {
        return;
    };
    let head = history.head();
    assert!(history.holds(head));
    for after in [0, head.seq / 2, head.seq] {
        let mut cut = history.clone();
        cut.cut(after);
        assert!(cut.head().seq <= head.seq);
        let _ = history.part(after, head.seq);
        let _ = history.position(after);
    }
    let mut longer = history;
    longer.extend([Run { epoch: Epoch { term: 9, node: 1 }, last_seq: head.seq.saturating_add(3) }]);
    let _ = longer.head();
}

fn sound_messages() -> Vec<Message> {
    let epoch = Epoch { term: 3, node: 2 };
    let runs = [Run { epoch: Epoch::FIRST, last_seq: 40 }, Run { epoch, last_seq: 55 }];
    let history = || History::new(Position::START, runs);
    let sent = Moment(7_000_000);
    let said = [
        Said::AskGrant { epoch, sent },
        Said::Granted { epoch, sent, history: history() },
        Said::Reaches { epoch, sent, history: history() },
        Said::Tail { epoch, after: Position { seq: 40, epoch: Epoch::FIRST }, runs: runs.to_vec() },
        Said::Holds { epoch, history: history() },
        Said::StoodDown { epoch },
        Said::Here,
    ];
    said.map(|said| Message { highest: epoch, said }).to_vec()
}

const ITERATIONS: usize = 1_500;
