//! The command line, in the last line, with what it can become above it.

use ratatui::layout::Rect;

use super::text_field::line;
use super::{Painter, scrolled};
use crate::app::{CommandLine, Target};
use crate::text;
use crate::ui::painter::wrap;

/// Most offers shown at once.
const MOST: u16 = 8;
/// Lines an error may take.
const ERROR_LINES: usize = 3;

/// Draws the line, and above it the offers and what the command takes, or what is wrong.
pub fn render(command: &CommandLine, area: Rect, footer: Rect, painter: &mut Painter<'_>) {
    if footer.height == 0 {
        return;
    }
    painter.fill(footer, painter.theme.bar);
    let key = painter.theme.bar.patch(painter.theme.key);
    painter.text(footer.x.saturating_add(1), footer.y, 1, ":", key);
    let at = Rect {
        x: footer.x.saturating_add(2),
        width: footer.width.saturating_sub(3),
        ..footer
    };
    line(&command.line, at, painter);
    let above = Rect {
        height: footer.y.saturating_sub(area.y),
        ..area
    };
    panel(command, above, painter);
}

/// What stands above the line, as low as there is room for it.
fn panel(command: &CommandLine, area: Rect, painter: &mut Painter<'_>) {
    let theme = painter.theme;
    let inside = area.width.saturating_sub(3);
    let (words, style) = match (&command.error, &command.usage) {
        (Some(error), _) => (wrap(error, inside), theme.bad),
        (None, Some(usage)) => (wrap(usage, inside), theme.dim),
        (None, None) => (Vec::new(), theme.dim),
    };
    let words = &words[..words.len().min(ERROR_LINES)];
    let told = u16::try_from(words.len()).unwrap_or(0);
    let room = area.height.saturating_sub(told + 2);
    let offers = u16::try_from(command.offers.len())
        .unwrap_or(u16::MAX)
        .min(MOST)
        .min(room);
    let height = (told + offers + 1).min(area.height);
    if told + offers == 0 || area.height < 3 {
        return;
    }
    let place = Rect {
        y: area.bottom().saturating_sub(height),
        height,
        ..area
    };
    painter.fill(place, theme.text);
    let rule = "─".repeat(usize::from(place.width));
    painter.text(place.x, place.y, place.width, &rule, theme.border);
    let list = Rect {
        y: place.y + 1,
        height: offers,
        ..place
    };
    draw_offers(command, list, painter);
    for (y, line) in (list.bottom()..place.bottom()).zip(words) {
        painter.text(place.x.saturating_add(2), y, inside, line, style);
    }
}

fn draw_offers(command: &CommandLine, area: Rect, painter: &mut Painter<'_>) {
    let theme = painter.theme;
    let labels = command
        .offers
        .iter()
        .map(|offer| text::width(&text::visible(&offer.label)))
        .max()
        .unwrap_or(0);
    let labels = u16::try_from(labels)
        .unwrap_or(u16::MAX)
        .min(area.width.saturating_sub(4) / 2);
    let top = command
        .chosen
        .map_or(0, |at| scrolled(at, command.offers.len(), area.height));
    let shown = command.offers.iter().enumerate().skip(top);
    for (y, (index, offer)) in (area.y..area.bottom()).zip(shown) {
        let row = Rect {
            y,
            height: 1,
            ..area
        };
        let from = row.x.saturating_add(2);
        painter.text(from, y, labels, &offer.label, theme.text);
        let about = from.saturating_add(labels + 2);
        let room = row.right().saturating_sub(about + 1);
        painter.text(about, y, room, &offer.about, theme.dim);
        if command.chosen == Some(index) {
            painter.restyle(row, theme.selected);
        }
        painter.hit(row, Target::Choice(index));
    }
    let below = command
        .offers
        .len()
        .saturating_sub(top + usize::from(area.height));
    if below > 0 && area.height > 0 {
        let more = format!(" {below} more ");
        // Over the rule, so that no offer is hidden.
        let y = area.y.saturating_sub(1);
        painter.right(area.x, y, area.width.saturating_sub(2), &more, theme.dim);
    }
}
