//! What lies above the page.

mod choices;
mod columns;
mod command_line;
mod confirm;
mod finder;
mod form;
mod menu;
mod reader;
mod text_field;

pub(super) use text_field::line as typed_line;

use ratatui::layout::Rect;

use super::Painter;
use crate::app::{Layer, State};

/// Draws the layers from the bottom up. `footer` is the line of a field that belongs to the page.
pub fn render(state: &State, area: Rect, footer: Rect, painter: &mut Painter<'_>) {
    for layer in &state.layers {
        match layer {
            Layer::Confirm(confirm) => confirm::render(confirm, area, painter),
            Layer::Text(field) => text_field::render(state, field, area, footer, painter),
            Layer::Command(line) => command_line::render(line, area, footer, painter),
            Layer::Menu(menu) => menu::render(menu, area, painter),
            Layer::Choices(choices) => choices::render(choices, area, painter),
            Layer::Keys(keys) => menu::render(&menu::of_keys(keys), area, painter),
            Layer::Columns(chooser) => columns::render(state, chooser, area, painter),
            Layer::Finder(finder) => finder::render(finder, area, painter),
            Layer::Reader(reader) => reader::render(reader, area, painter),
            Layer::Form(form) => form::render(state, form, area, painter),
        }
    }
}

/// First of `lines` to show in `height` lines so that `chosen` is among them.
fn scrolled(chosen: usize, lines: usize, height: u16) -> usize {
    let height = usize::from(height);
    let end = lines.saturating_sub(height);
    (chosen + 1).saturating_sub(height).min(end)
}
