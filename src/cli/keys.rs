//! `virtty keys`: the keys of the console, from the same table as its help.

use std::io::Write as _;

use super::args::{Cli, Keys, KeysFormat};
use super::output::Output;
use super::{Error, Exit, Problem};
use crate::action::Context;
use crate::config::Config;
use crate::keymap::Keymap;
use crate::text::{fit, width};

pub(super) fn run(cli: &Cli, arguments: &Keys, out: &mut Output) -> Result<(), Problem> {
    let mut keymap = Keymap::default();
    match arguments.format {
        KeysFormat::Text => {
            let config = Config::load(cli.config.as_deref())
                .map_err(|error| Error::new(Exit::Failed, error.to_string()))?;
            keymap.rebind(&config.keys);
            text(&keymap, out)
        }
        // The documentation is that of the program, not of who prints it.
        KeysFormat::Markdown => markdown(&keymap, out),
    }
}

fn text(keymap: &Keymap, out: &mut Output) -> Result<(), Problem> {
    let sections: Vec<_> = Context::all()
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
    let name_width = rows().map(|(_, row)| width(row.name)).max().unwrap_or(0);
    for (index, (context, rows)) in sections.iter().enumerate() {
        if index > 0 {
            writeln!(out)?;
        }
        writeln!(out, "{} [{}]", context.heading(), context.name())?;
        for (keys, row) in rows {
            let (keys, name) = (fit(keys, keys_width), fit(row.name, name_width));
            writeln!(out, "  {keys}  {name}  {}", row.doc)?;
        }
    }
    Ok(())
}

fn markdown(keymap: &Keymap, out: &mut Output) -> Result<(), Problem> {
    writeln!(
        out,
        "# Keys\n\nMade by `virtty keys --format markdown` from `assets/keymap.toml`. Names are for `[keys]` in the settings ([config.md](config.md)).\n"
    )?;
    writeln!(out, "{}", keymap.markdown().trim_end())?;
    Ok(())
}
