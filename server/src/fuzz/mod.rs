//! Every decoder of bytes from outside that `dispatchd` has, tried with bytes nobody would send on purpose: an error in words or a value,
//! never a panic, and what was read can be written and read again.
//!
//! Each test reads the corpus in `__fuzz__/NAME/corpus` first, then a bounded number of random inputs; `./x fuzz --seconds N` goes on for
//! longer. Random bytes alone rarely get past the first field, so that each input also damages sound bytes ([`damaged`]). A finding
//! becomes a file of the corpus. What comes over HTTP is in `api/tests/bad_input.rs`.

mod journal;
mod jt808;
mod leadership;
mod link;
mod map;

/// Sound bytes with the damage that an input describes: three bytes of it are a place and a value; one left over cuts the end off.
fn damaged(sound: &[u8], input: &[u8]) -> Vec<u8> {
    let mut bytes = sound.to_vec();
    if bytes.is_empty() {
        return bytes;
    }
    let edits = input.chunks_exact(3);
    if let [cut, ..] = edits.remainder() {
        bytes.truncate(1 + bytes.len() * usize::from(*cut) / 256);
    }
    let length = bytes.len();
    for edit in edits {
        // Near the start is where lengths and counts stand: half of the damage is done there.
        let place = usize::from(edit[0]) << 8 | usize::from(edit[1]);
        let reach = if place % 2 == 0 { length } else { length.min(256) };
        bytes[place / 2 % reach] = edit[2];
    }
    bytes
}
