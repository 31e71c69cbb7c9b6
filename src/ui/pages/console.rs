//! A console: the cells of a guest, below a line that says whose they are.

use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

use super::Painter;
use crate::action::{Action, Context};
use crate::app::{Console, State};
use crate::console::{Cell, Colour, Look, Screen, Wide};
use crate::protocol::{ConsoleId, ConsolePhase};
use crate::text;
use crate::ui::palette::shown_colour;

/// Draws a console into its tile.
pub(super) fn tile(
    state: &State,
    console: &Console,
    focused: bool,
    place: Rect,
    heading: Rect,
    painter: &mut Painter<'_>,
) {
    heading_line(state, focused, console, heading, painter);
    cells(&console.screen, focused, place, painter);
    if console.screen.cells.is_empty() || !console.is_attached() {
        standing(state, console, place, painter);
    }
}

/// Whose console it is and how it stands; a broadcast is said where nobody can overlook it.
fn heading_line(
    state: &State,
    focused: bool,
    console: &Console,
    area: Rect,
    painter: &mut Painter<'_>,
) {
    let theme = painter.theme;
    let alarmed = state.consoles.broadcast && (console.marked || focused);
    let style = if alarmed {
        theme.bad.add_modifier(Modifier::REVERSED | Modifier::BOLD)
    } else if focused {
        theme.bar.patch(theme.title)
    } else {
        theme.bar.patch(theme.dim)
    };
    painter.fill(area, style);
    let mut words = String::from(" ");
    if console.marked {
        words.push_str("* ");
    }
    words.push_str(&state.console_name(console));
    if alarmed && focused {
        let names = state.broadcast_names().unwrap_or_default();
        words = format!(" BROADCAST: what you type goes to {names}");
    } else {
        words = format!("{words} · {}", console.standing());
    }
    let mut end = String::new();
    if console.screen.looking {
        let screen = &console.screen;
        end = format!(
            "{end}  {} of {} lines back",
            screen.scrolled, screen.history
        );
    }
    if console.screen.dropped > 0 {
        let dropped = text::bytes(console.screen.dropped);
        end = format!("{end}  {dropped} left out");
    }
    if console.log.is_some() {
        end.push_str("  logged");
    }
    if focused {
        end = format!("{end}  {}", others(state, console.id));
    }
    let end = end.trim();
    let wide = u16::try_from(text::width(end)).unwrap_or(u16::MAX);
    let room = area.width.saturating_sub(1);
    let wide = if wide.saturating_mul(2) > room {
        0
    } else {
        wide
    };
    painter.right(
        area.x,
        area.y,
        room,
        &text::fit(end, usize::from(wide)),
        style,
    );
    let left = room.saturating_sub(wide + u16::from(wide > 0));
    painter.text(area.x, area.y, left, &words, style);
}

/// Other consoles with something new.
fn others(state: &State, focus: ConsoleId) -> String {
    let news: Vec<_> = state
        .consoles
        .all
        .iter()
        .filter(|console| console.id != focus && (console.news_since.is_some() || console.rang))
        .map(|console| {
            let mark = if console.rang { "!" } else { "+" };
            format!("{mark}{}", state.console_name(console))
        })
        .collect();
    news.join(" ")
}

/// How a console stands that shows nothing, and the way out, below what it showed last.
fn standing(state: &State, console: &Console, area: Rect, painter: &mut Painter<'_>) {
    if area.is_empty() || console.is_attached() {
        return;
    }
    let leader = state.keymap.hint(&[Context::Typing], Action::Leader);
    let force = state.keymap.hint(&[Context::Console], Action::TakeOver);
    let mut words = console.standing();
    if let (ConsolePhase::InUse(_), Some(leader), Some(force)) = (&console.phase, leader, force) {
        words = format!("{words} ({leader} {force} takes it over)");
    }
    if let ConsolePhase::Refused(failure) = &console.phase
        && let Some(remedy) = &failure.remedy
    {
        words = format!("{words}. {}", text::visible(&remedy.advice));
    }
    let theme = painter.theme;
    let style = match console.phase {
        ConsolePhase::Refused(_) | ConsolePhase::Lost(_) => theme.bad,
        _ => theme.warn,
    };
    let lines = text::wrap(&words, usize::from(area.width.saturating_sub(2)).max(1));
    let height = u16::try_from(lines.len())
        .unwrap_or(u16::MAX)
        .min(area.height);
    let box_ = Rect {
        y: area.bottom() - height,
        height,
        ..area
    };
    painter.fill(box_, theme.bar);
    for (y, line) in (box_.y..box_.bottom()).zip(&lines) {
        painter.text(
            box_.x + 1,
            y,
            box_.width.saturating_sub(1),
            line,
            theme.bar.patch(style),
        );
    }
}

/// The cells of a guest, as far as there is room.
fn cells(screen: &Screen, focused: bool, area: Rect, painter: &mut Painter<'_>) {
    // Most cells are empty, and somebody who types waits for this.
    let blank = Cell {
        symbol: ' ',
        ..Cell::default()
    };
    painter.fill(area, painter.theme.text);
    for (line, y) in (0..screen.lines).zip(area.y..area.bottom()) {
        for (column, x) in (0..screen.columns).zip(area.x..area.right()) {
            let Some(cell) = screen.cell(column, line) else {
                return;
            };
            if *cell == blank {
                continue;
            }
            let style = style(cell, painter);
            let cut = cell.wide == Wide::First && x + 1 == area.right();
            match cell.wide {
                Wide::Second => painter.cell(x, y, " ", style),
                _ if cut => painter.cell(x, y, " ", style),
                _ if cell.marks.is_none() => {
                    painter.cell(x, y, cell.symbol.encode_utf8(&mut [0; 4]), style);
                }
                _ => {
                    let mut symbol = String::with_capacity(4);
                    symbol.push(cell.symbol);
                    symbol.extend(cell.marks.iter().map(|marks| &**marks));
                    painter.cell(x, y, &symbol, style);
                }
            }
        }
    }
    if let (true, Some((column, line))) = (focused, screen.cursor)
        && column < area.width
        && line < area.height
    {
        painter.cursor(area.x + column, area.y + line);
    }
}

/// The style of a cell, in the colours that this terminal has.
fn style(cell: &Cell, painter: &Painter<'_>) -> Style {
    let theme = painter.theme;
    let Look {
        bold,
        dim,
        italic,
        underlined,
        reversed,
        crossed_out,
        selected,
    } = cell.look;
    let mut style = theme.text;
    if let Some(front) = shown(cell.front, painter) {
        style = style.fg(front);
    }
    match shown(cell.back, painter) {
        Some(back) => style = style.bg(back),
        // Without colours, what stands out by its background stands out all the same.
        None if cell.back != Colour::Default => style = style.add_modifier(Modifier::REVERSED),
        None => {}
    }
    for (has, modifier) in [
        (bold, Modifier::BOLD),
        (dim, Modifier::DIM),
        (italic, Modifier::ITALIC),
        (underlined, Modifier::UNDERLINED),
        (crossed_out, Modifier::CROSSED_OUT),
    ] {
        if has {
            style = style.add_modifier(modifier);
        }
    }
    if reversed != selected {
        style.add_modifier ^= Modifier::REVERSED;
    }
    style
}

fn shown(colour: Colour, painter: &Painter<'_>) -> Option<ratatui::style::Color> {
    match colour {
        Colour::Default => None,
        Colour::Indexed(index) => shown_colour(painter.theme.depth, index, None),
        Colour::Rgb(red, green, blue) => {
            shown_colour(painter.theme.depth, 0, Some((red, green, blue)))
        }
    }
}
