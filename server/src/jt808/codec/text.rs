//! Texts: the standard writes them in GBK.

use encoding_rs::GBK;

/// A text as it was sent, without the zeros that fill its field. What is not GBK becomes a question mark in a box.
pub(super) fn read(bytes: &[u8]) -> String {
    let (text, _) = GBK.decode_without_bom_handling(bytes);
    text.trim_matches(|c: char| c == '\0' || c.is_whitespace()).to_owned()
}

/// A text to send, of at most `bytes_max` bytes; what GBK does not have becomes a question mark, what is too long ends in "…".
pub(super) fn written(text: &str, bytes_max: usize) -> Vec<u8> {
    let (bytes, whole) = fitting(text, bytes_max);
    if whole {
        return bytes;
    }
    let (mut bytes, _) = fitting(text, bytes_max.saturating_sub(ELLIPSIS.len()));
    bytes.extend_from_slice(ELLIPSIS);
    bytes
}

/// As many whole characters as there is room for, and whether that is all of them.
fn fitting(text: &str, room: usize) -> (Vec<u8>, bool) {
    let mut bytes = Vec::new();
    let mut buffer = [0; 4];
    for character in text.chars() {
        let (one, _, unmappable) = GBK.encode(character.encode_utf8(&mut buffer));
        let one: &[u8] = if unmappable { b"?" } else { &one };
        if bytes.len() + one.len() > room {
            return (bytes, false);
        }
        bytes.extend_from_slice(one);
    }
    (bytes, true)
}

/// "…" in GBK.
const ELLIPSIS: &[u8] = &[0xa1, 0xad];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chinese_goes_as_gbk_and_comes_back() {
        assert_eq!(written("汉字 GBK", 99), [0xba, 0xba, 0xd7, 0xd6, b' ', b'G', b'B', b'K']);
        assert_eq!(read(&[0xb2, 0xe2, 0x41, 0x31, 0, 0]), "测A1");
        assert_eq!(written("去🚑东门", 99), [&[0xc8, 0xa5, b'?'], written("东门", 9).as_slice()].concat());
    }

    #[test]
    fn a_long_text_is_cut_between_characters_and_says_so() {
        let cut = written(&"车".repeat(20), 9);
        assert_eq!(read(&cut), "车车车…");
        assert!(cut.len() <= 9);
        assert_eq!(read(&written("车车", 4)), "车车", "what fits is whole");
        assert!(read(&[0xff, 0xff, b'a']).ends_with('a'), "no text is no panic");
    }
}
