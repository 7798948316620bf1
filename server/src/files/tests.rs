//! Files on a node's disk: they come in pieces and over many starts, are what their cards say, and are gone with their keys.

use std::io::Write;

use dispatch_core::erasure::ERASED;
use dispatch_core::ids::{FileId, IncidentId};
use dispatch_core::patient::{FileCard, FileKind};
use dispatch_core::private::Private;
use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::store::FILES_FILE;
use super::*;
use crate::journal::hex;
use crate::testing::TempFolder;

/// A card for these contents, under a key of its own.
pub(crate) fn card(contents: &[u8]) -> FileCard {
    FileCard {
        id: FileId::new(Uuid::now_v7()),
        kind: FileKind::Photo,
        media_type: "image/jpeg".to_owned(),
        gzip: false,
        bytes: contents.len() as u32,
        sha256: hex(&Sha256::digest(contents)),
        device: String::new(),
        key: Private::new(new_key()),
    }
}

pub(crate) fn an_incident() -> IncidentId {
    IncidentId::new(Uuid::now_v7())
}

/// Something long that no packing makes short.
pub(crate) fn noise(bytes: usize) -> Vec<u8> {
    (0_u64..).map(|at| (at.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32) as u8).take(bytes).collect()
}

/// Sends the pieces from `from` on, and gives the answer to the last.
pub(crate) async fn sends(files: &Files, card: &FileCard, contents: &[u8], from: usize) -> Progress {
    let mut progress = Progress::Send(from as u32);
    for (number, piece) in contents[from..].chunks(10_000).enumerate() {
        progress = files.take(card, (from + number * 10_000) as u32, piece.to_vec()).await.unwrap();
    }
    progress
}

#[tokio::test]
async fn a_file_goes_on_where_it_was_left_and_reads_as_it_was_made() {
    let (folder, contents, under) = (TempFolder::new("files"), noise(25_000), an_incident());
    let card = card(&contents);
    {
        let files = Files::start(folder.path()).unwrap();
        assert_eq!(files.offered(&card, under).await.unwrap(), Progress::Send(0));
        assert_eq!(files.take(&card, 0, contents[..10_000].to_vec()).await.unwrap(), Progress::Send(10_000));
        // A piece that is not the next changes nothing, whether it came before or is ahead.
        for offset in [0, 20_000] {
            assert_eq!(files.take(&card, offset, vec![1; 9]).await.unwrap(), Progress::Send(10_000));
        }
        assert_eq!(files.read(&card, under).await.unwrap(), None, "it is not whole");
    }
    let files = Files::start(folder.path()).unwrap();
    assert_eq!(files.offered(&card, under).await.unwrap(), Progress::Send(10_000));
    assert_eq!(sends(&files, &card, &contents, 10_000).await, Progress::Kept);
    assert_eq!(files.offered(&card, under).await.unwrap(), Progress::Kept, "offered again");
    assert_eq!(files.read(&card, under).await.unwrap(), Some(contents.clone()));
    let stored = std::fs::read(folder.path().join(FILES_FILE)).unwrap();
    let wal = std::fs::read(folder.path().join(format!("{FILES_FILE}-wal"))).unwrap_or_default();
    let open = |bytes: &[u8]| bytes.windows(64).any(|window| window == &contents[1_000..1_064]);
    assert!(!open(&stored) && !open(&wal), "what is in a file lies open on the disk");
}

#[tokio::test]
async fn what_is_not_what_the_card_says_leaves_nothing() {
    let (folder, contents, under) = (TempFolder::new("files"), noise(25_000), an_incident());
    let files = Files::start(folder.path()).unwrap();
    let other = FileCard { sha256: hex(&Sha256::digest(b"another")), ..card(&contents) };
    let long = FileCard { bytes: 24_999, ..card(&contents) };
    // Sixteen kilobytes that would be more than a screen can bear.
    let mut packing = GzEncoder::new(Vec::new(), Compression::best());
    packing.write_all(&vec![0; 17 << 20]).unwrap();
    let bomb = packing.finish().unwrap();
    let bomb_card = FileCard { gzip: true, ..card(&bomb) };
    for (card, contents) in [(other, &contents), (long, &contents), (bomb_card, &bomb)] {
        files.offered(&card, under).await.unwrap();
        assert_eq!(sends(&files, &card, contents, 0).await, Progress::Spoilt);
        assert_eq!(files.read(&card, under).await.unwrap(), None);
        assert_eq!(files.offered(&card, under).await.unwrap(), Progress::Send(0));
    }
}

#[tokio::test]
async fn a_file_that_was_sealed_under_a_key_that_is_nobodys_comes_again() {
    let (folder, contents, under) = (TempFolder::new("files"), noise(15_000), an_incident());
    let files = Files::start(folder.path()).unwrap();
    let first = card(&contents);
    files.offered(&first, under).await.unwrap();
    assert_eq!(sends(&files, &first, &contents, 0).await, Progress::Kept);
    // The lead that put this card on record was lost, and another one put it there again.
    let second = FileCard { key: Private::new(new_key()), ..first.clone() };
    assert_eq!(files.read(&second, under).await.unwrap(), None);
    assert_eq!(files.offered(&second, under).await.unwrap(), Progress::Send(0));
    assert_eq!(sends(&files, &second, &contents, 0).await, Progress::Kept);
    assert_eq!(files.read(&second, under).await.unwrap(), Some(contents));
}

#[tokio::test]
async fn without_its_key_a_file_is_gone() {
    let (folder, contents) = (TempFolder::new("files"), noise(15_000));
    let files = Files::start(folder.path()).unwrap();
    let (under, elsewhere) = (an_incident(), an_incident());
    let (card, other) = (card(&contents), card(&contents));
    for (card, under) in [(&card, under), (&other, elsewhere)] {
        files.offered(card, under).await.unwrap();
        assert_eq!(sends(&files, card, &contents, 0).await, Progress::Kept);
    }
    let erased = FileCard { key: Private::new(ERASED), ..card.clone() };
    assert_eq!(files.read(&erased, under).await.unwrap(), None);
    assert_eq!(files.offered(&erased, under).await.unwrap(), Progress::Erased);
    files.erase(vec![under]).await;
    assert_eq!(files.read(&card, under).await.unwrap(), None, "not even with the key");
    assert_eq!(files.read(&other, elsewhere).await.unwrap(), Some(contents), "what is another's stays");
}

#[tokio::test]
async fn a_disk_that_says_no_keeps_nobody_from_asking_again() {
    let (folder, contents, under) = (TempFolder::new("files"), noise(15_000), an_incident());
    // A folder stands where the file should be.
    let in_the_way = folder.path().join(FILES_FILE);
    std::fs::create_dir(&in_the_way).unwrap();
    let files = Files::start(folder.path()).unwrap();
    let card = card(&contents);
    assert!(matches!(files.offered(&card, under).await, Err(FileError::Database(_))));
    std::fs::remove_dir(&in_the_way).unwrap();
    assert_eq!(files.offered(&card, under).await.unwrap(), Progress::Send(0));
}

#[tokio::test]
async fn files_are_copied_beside_the_journal_and_brought_back_with_it() {
    let (folder, other, copies) =
        (TempFolder::new("files"), TempFolder::new("files"), TempFolder::new("files"));
    let (contents, under, copy) = (noise(15_000), an_incident(), copies.path().join("journal.backup"));
    let card = card(&contents);
    assert_eq!(back_up(folder.path(), &copy).unwrap(), None, "there are none");
    let files = Files::start(folder.path()).unwrap();
    files.offered(&card, under).await.unwrap();
    sends(&files, &card, &contents, 0).await;
    // While the centre works.
    assert_eq!(back_up(folder.path(), &copy).unwrap(), Some(1));
    assert!(matches!(back_up(folder.path(), &copy), Err(FileError::File { .. })), "never over an older one");
    assert_eq!(restore(&copy, other.path()).unwrap(), Some(1));
    let restored = Files::start(other.path()).unwrap();
    assert_eq!(restored.read(&card, under).await.unwrap(), Some(contents));
    assert!(restore(&copy, folder.path()).is_err(), "never over what is there");
}
