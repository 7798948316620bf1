//! Files in a real PostgreSQL: kept there before a vehicle may forget them, and had from there by a node that has not got them.

use tokio_postgres::NoTls;

use super::super::throwaway::Throwaway;
use super::*;
use crate::files::Progress;
use crate::files::tests::{an_incident, card, noise, sends};
use crate::testing::TempFolder;

async fn kept(files: &Files, file: FileId) {
    let mut news = files.news();
    while !files.is_kept(file).await.unwrap() {
        timeout(Duration::from_secs(30), news.changed()).await.expect("it is kept in time").unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_kept_when_postgresql_has_it_and_another_node_has_it_from_there() {
    let Some(mut database) = Throwaway::start("files") else { return };
    let config = PostgresConfig { url: database.url(), positions_days: None };
    let (here, there) = (TempFolder::new("files"), TempFolder::new("files"));
    let (contents, under) = (noise(35_000), an_incident());
    let (first, second) = (card(&contents), card(&contents));
    database.kill();
    let files = Files::start(here.path()).unwrap();
    files.copy_to(config.clone());
    files.offered(&first, under).await.unwrap();
    // Whole, and shown, while PostgreSQL is away; and not yet kept.
    assert_eq!(sends(&files, &first, &contents, 0).await, Progress::Whole);
    assert_eq!(files.read(&first, under).await.unwrap(), Some(contents.clone()));
    assert_eq!(files.offered(&first, under).await.unwrap(), Progress::Whole);
    database.run();
    kept(&files, first.id).await;
    files.offered(&second, under).await.unwrap();
    sends(&files, &second, &contents, 0).await;
    kept(&files, second.id).await;

    let other = Files::start(there.path()).unwrap();
    other.copy_to(config.clone());
    assert_eq!(other.read(&first, under).await.unwrap(), Some(contents.clone()));
    database.kill();
    assert_eq!(other.read(&first, under).await.unwrap(), Some(contents.clone()), "it is on this disk now");
    assert_eq!(other.read(&second, under).await.unwrap(), None, "this one is not");
    database.run();
    // Another card of that name opens nothing, and puts nothing on the disk.
    let stranger = dispatch_core::patient::FileCard { id: second.id, ..card(&contents) };
    assert_eq!(other.read(&stranger, under).await.unwrap(), None);
    assert_eq!(other.read(&second, under).await.unwrap(), Some(contents));

    files.erase(vec![under]).await;
    let (client, connection) = tokio_postgres::connect(&database.url(), NoTls).await.unwrap();
    tokio::spawn(connection);
    let left = client.query_one("SELECT count(*) FROM patient_file_parts", &[]).await.unwrap();
    assert_eq!(left.get::<_, i64>(0), 0);
}
