//! `virtty keys`: the keys of the console, from the same table as its help.

use std::io::Write as _;

use super::Problem;
use super::args::{Keys, KeysFormat};
use super::output::Output;
use crate::action::Context;
use crate::keymap::Keymap;
use crate::text::{fit, width};

pub(super) fn run(arguments: &Keys, out: &mut Output) -> Result<(), Problem> {
    let keymap = Keymap::default();
    match arguments.format {
        KeysFormat::Text => text(&keymap, out),
        KeysFormat::Markdown => markdown(&keymap, out),
    }
}

fn text(keymap: &Keymap, out: &mut Output) -> Result<(), Problem> {
    let sections: Vec<_> = Context::ALL
        .into_iter()
        .map(|context| {
            let rows: Vec<_> = keymap
                .rows(context)
                .into_iter()
                .map(|(action, keys)| {
                    let keys: Vec<_> = keys.iter().map(ToString::to_string).collect();
                    (keys.join(" "), action.row())
                })
                .collect();
            (context, rows)
        })
        .filter(|(_, rows)| !rows.is_empty())
        .collect();
    let rows = || sections.iter().flat_map(|(_, rows)| rows);
    let keys_width = rows().map(|(keys, _)| width(keys)).max().unwrap_or(0);
    let label_width = rows().map(|(_, row)| width(row.label)).max().unwrap_or(0);
    for (index, (context, rows)) in sections.iter().enumerate() {
        if index > 0 {
            writeln!(out)?;
        }
        writeln!(out, "{}", context.heading())?;
        for (keys, row) in rows {
            let (keys, label) = (fit(keys, keys_width), fit(row.label, label_width));
            writeln!(out, "  {keys}  {label}  {}", row.doc)?;
        }
    }
    Ok(())
}

fn markdown(keymap: &Keymap, out: &mut Output) -> Result<(), Problem> {
    writeln!(
        out,
        "# Keys\n\nMade by `virtty keys --format markdown` from `assets/keymap.toml`.\n"
    )?;
    writeln!(out, "{}", keymap.markdown().trim_end())?;
    Ok(())
}
