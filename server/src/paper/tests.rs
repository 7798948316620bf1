//! The sheet and its folder. That it is right about a real centre is shown end to end.

use super::*;
use crate::testing::TempFolder;

fn at(text: &str) -> UtcTime {
    text.parse().unwrap()
}

#[test]
fn the_newest_sheet_has_one_name_and_an_hour_of_them_is_kept() {
    let scratch = TempFolder::new("paper");
    let folder = Folder::open(scratch.path().join("seat-03")).unwrap();
    for minute in 0..70 {
        let when = UtcTime::from_micros(at("2026-11-22T15:30:00Z").micros() + minute * 60_000_000);
        let newest = folder.put(when, &format!("sheet {minute}")).unwrap();
        assert_eq!(std::fs::read_to_string(newest).unwrap(), format!("sheet {minute}"));
    }
    let listed = std::fs::read_dir(scratch.path().join("seat-03")).unwrap();
    let mut names: Vec<_> = listed.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    assert_eq!(names.len(), 61, "{names:?}");
    assert_eq!(
        (names[0].as_str(), names[1].as_str()),
        ("paper-20261122-1540Z.html", "paper-20261122-1541Z.html")
    );
}

#[test]
fn what_people_wrote_is_text_on_the_sheet_and_never_markup() {
    let asked: Asked = room::tests::a_room("<script>alert(1)</script>");
    let page = sheet::sheet(&asked, at("2026-11-22T08:18:00Z"));
    assert!(page.contains("&lt;script&gt;") && !page.contains("<script>"), "{page}");
    assert!(page.contains("2026-11-22 16:15:00"), "the room's clock: {page}");
    assert!(page.contains("<b>16:18</b>"), "until when it is to be trusted: {page}");
    assert!(page.contains("13812342290") && !page.contains("138****2290"), "{page}");
}
