//! `journal verify` and `journal export`.

use std::io::{BufWriter, Write};

use anyhow::Context;

use super::say;
use crate::journal::{JournalReader, hex, words};

pub(super) fn verify(reader: &JournalReader) -> anyhow::Result<()> {
    let head = reader.verify(|_, _| {})?;
    let path = reader.path().display();
    say(&format!("{path}: {} events, chain whole, head {}", head.seq, hex(&head.hash)))
}

pub(super) fn export(reader: &JournalReader, mut after: u64) -> anyhow::Result<()> {
    let mut out = BufWriter::new(std::io::stdout().lock());
    loop {
        let rows = reader.rows(after, ROWS_MAX)?;
        for row in &rows {
            let (epoch, prev_hash, hash) = (words(row.epoch), hex(&row.prev_hash), hex(&row.hash));
            // The event is written as it is stored: its bytes are what was hashed.
            writeln!(
                out,
                r#"{{"seq":{},"epoch":"{epoch}","prev_hash":"{prev_hash}","hash":"{hash}","event":{}}}"#,
                row.seq, row.body
            )
            .context("cannot write the export")?;
            after = row.seq;
        }
        if rows.len() < ROWS_MAX {
            return out.flush().context("cannot write the export");
        }
    }
}

const ROWS_MAX: usize = 2000;
