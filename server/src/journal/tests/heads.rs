//! Signed heads: what a running centre signs is of its journal, and a copy that lacks something is found out.

use super::*;
use crate::clock::Clock;
use crate::journal::{HEAD_FILE, HeadError, SignedHead, check_known, hex};
use crate::testing::start;

#[tokio::test(flavor = "multi_thread")]
async fn a_centre_signs_its_head_and_an_older_copy_lacks_it() {
    let folder = TempFolder::new("head");
    let running = start(folder.path(), Clock::real());
    let centre = running.handle().clone();
    let call = || crate::centre::Submission::new(at_desk(a_call()));
    centre.submit(call()).await.unwrap();
    let copy = folder.path().join("copy.sqlite");
    let head = back_up(folder.path(), &copy).unwrap();
    let last = centre.submit(call()).await.unwrap().last_seq;
    tokio::task::spawn_blocking(move || running.stop()).await.unwrap();

    let signed = SignedHead::read(&folder.path().join(HEAD_FILE)).unwrap();
    signed.check_signature(None).unwrap();
    assert_eq!(signed.seq, last);
    let journal = JournalReader::open(&folder.path().join(super::super::JOURNAL_FILE)).unwrap();
    check_known(&journal, signed.seq, &signed.hash).unwrap();
    let copy = JournalReader::open(&copy).unwrap();
    check_known(&copy, head.seq, &hex(&head.hash)).unwrap();
    let lacks = check_known(&copy, signed.seq, &signed.hash);
    assert!(matches!(lacks, Err(HeadError::Missing { ends: 1, seq: 2 })), "{lacks:?}");
    let other = check_known(&journal, 1, &signed.hash);
    assert!(matches!(other, Err(HeadError::Fork { seq: 1 })), "{other:?}");
    check_known(&copy, 0, "").unwrap();
}
