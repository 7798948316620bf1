//! `journal verify`, `journal export` and `journal erase`.

use std::io::{BufWriter, Write};
use std::path::Path;

use anyhow::Context;
use dispatch_core::actor::Actor;
use dispatch_core::erasure::Sought;
use dispatch_core::journal::v1;

use super::{Known, say};
use crate::config::Config;
use crate::journal::{self, HEAD_FILE, JournalReader, Row, SignedHead, check_known, hex, words};

pub(super) fn verify(reader: &JournalReader, known: &Known) -> anyhow::Result<()> {
    let head = reader.verify(|_, _| {})?;
    let path = reader.path().display();
    say(&format!("{path}: {} events, chain whole, head {}", head.seq, hex(&head.hash)))?;
    prove(reader, known, reader.path().parent().unwrap_or(Path::new(".")))
}

/// Sets a journal against what is known of it from elsewhere, and says what that proves and what it does not.
/// Where no head is given, the one in `folder` counts.
pub(super) fn prove(reader: &JournalReader, known: &Known, folder: &Path) -> anyhow::Result<()> {
    let beside = folder.join(HEAD_FILE);
    let mut files = known.head.clone();
    if files.is_empty() && beside.exists() {
        files.push(beside);
    }
    let mut newest: Option<SignedHead> = None;
    for file in &files {
        let head = SignedHead::read(file)?;
        head.check_signature(known.public_key.as_deref())?;
        check_known(reader, head.seq, &head.hash)?;
        let (name, at, key) = (file.display(), head.at, &head.key);
        say(&format!("{name}: signed at {at}: nothing up to event {} is missing; key {key}", head.seq))?;
        newest = newest.filter(|newest| newest.seq >= head.seq).or(Some(head));
    }
    for seen in &known.seen {
        let (seq, hash) = seen.split_once(':').context("--seen wants SEQ:HASH")?;
        let seq = seq.parse().context("--seen wants SEQ:HASH")?;
        check_known(reader, seq, hash)?;
        say(&format!("seen elsewhere: nothing up to event {seq} is missing"))?;
    }
    match newest {
        Some(head) => {
            say(&format!("not proven: what was acknowledged after {} and stands in no head given", head.at))
        }
        None if known.seen.is_empty() => {
            say("not proven: that nothing is missing at the end; no signed head was given or found")
        }
        None => Ok(()),
    }
}

/// Prints the events as they are stored, or, for those who may see personal data, in plain words: then the hashes are those of the
/// stored bytes, not of the line.
pub(super) fn export(reader: &JournalReader, mut after: u64, with_personal_data: bool) -> anyhow::Result<()> {
    let mut out = BufWriter::new(std::io::stdout().lock());
    loop {
        let rows = reader.rows(after, ROWS_MAX)?;
        print(&mut out, reader, &rows, with_personal_data)?;
        after = rows.last().map_or(after, |row| row.seq);
        if rows.len() < ROWS_MAX {
            return out.flush().context("cannot write the export");
        }
    }
}

/// The same for events that were moved aside, stretch by stretch.
pub(super) fn export_aside(reader: &JournalReader, with_personal_data: bool) -> anyhow::Result<()> {
    let mut out = BufWriter::new(std::io::stdout().lock());
    let mut after = (0, 0);
    loop {
        let page = reader.moved_aside(after, ROWS_MAX)?;
        let Some((stretch, last)) = page.last() else {
            return out.flush().context("cannot write the export");
        };
        after = (*stretch, last.seq);
        let rows: Vec<Row> = page.into_iter().map(|(_, row)| row).collect();
        print(&mut out, reader, &rows, with_personal_data)?;
    }
}

fn print(
    out: &mut impl Write,
    reader: &JournalReader,
    rows: &[Row],
    with_personal_data: bool,
) -> anyhow::Result<()> {
    let plain = if with_personal_data { plain(reader, rows)? } else { Vec::new() };
    for (place, row) in rows.iter().enumerate() {
        let (epoch, prev_hash, hash) = (words(row.epoch), hex(&row.prev_hash), hex(&row.hash));
        // Sealed, the event is written as it is stored: its bytes are what was hashed.
        let event = plain.get(place).unwrap_or(&row.body);
        writeln!(
            out,
            r#"{{"seq":{},"epoch":"{epoch}","prev_hash":"{prev_hash}","hash":"{hash}","event":{event}}}"#,
            row.seq
        )
        .context("cannot write the export")?;
    }
    Ok(())
}

pub(super) fn erase(config: &Config, sought: Sought, by: String, reason: String) -> anyhow::Result<()> {
    let by = Actor::Person { name: by, seat: "dispatchd".to_owned() };
    let (seq, count) = journal::erase(&config.data, sought, by, reason, config.clock()?.now())?;
    say(&format!("erased for good: event {seq}, {count} calls, incidents and accidents"))
}

fn plain(reader: &JournalReader, rows: &[Row]) -> anyhow::Result<Vec<String>> {
    let events = reader.open_rows(rows)?;
    events.iter().map(|it| Ok(String::from_utf8(v1::write(&it.event))?)).collect()
}

const ROWS_MAX: usize = 2000;
