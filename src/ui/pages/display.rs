//! The screen of a domain: a line that says whose it is, below it its text or its pixels, two to a cell.

use std::fmt::Write as _;

use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style};

use super::Painter;
use crate::action::{Action, Context};
use crate::app::{Display, DisplayPlace, State};
use crate::display::{PALETTE, Picture, TextScreen};
use crate::model::DomainState;
use crate::protocol::{DisplayPhase, DisplayWay, Shown};
use crate::text;
use crate::ui::palette::shown_colour;

/// Draws a display into its tile: `area` is the page's, `place` the tile's.
pub(super) fn tile(
    state: &State,
    display: &Display,
    focused: bool,
    (area, place): (Rect, Rect),
    heading: Rect,
    painter: &mut Painter<'_>,
) {
    heading_line(state, display, focused, heading, painter);
    match (&display.shown, state.display_place(display)) {
        (Some(Shown::Picture(picture)), Some(at)) => {
            pixels(picture, on(area, at).intersection(place), painter);
        }
        (Some(Shown::Text(text)), Some(at)) => {
            let shown = on(area, at).intersection(place);
            letters(text, at.skipped, focused, shown, painter);
        }
        // Drawn behind the cells by who writes to the terminal.
        (Some(Shown::Pixels(_)) | None, _) | (_, None) => {}
    }
    if display.shown.is_none() || !display.is_attached() {
        standing(state, display, place, painter);
    }
}

/// Where a place lies on the screen.
fn on(area: Rect, place: DisplayPlace) -> Rect {
    Rect {
        x: area.x.saturating_add(place.x),
        y: area.y.saturating_add(place.y),
        width: place.width,
        height: place.height,
    }
    .intersection(area)
}

fn heading_line(
    state: &State,
    display: &Display,
    focused: bool,
    area: Rect,
    painter: &mut Painter<'_>,
) {
    let theme = painter.theme;
    let style = theme
        .bar
        .patch(if focused { theme.title } else { theme.dim });
    painter.fill(area, style);
    let mut words = format!(
        " {} · {}",
        text::visible(&display.domain_name),
        display.standing()
    );
    if let Some(guest) = state
        .guest(display.domain)
        .filter(|_| display.is_attached())
    {
        if let Some(age) = guest.silent_for(state.now.instant) {
            let _ = write!(words, " · not responding ({} s)", age.as_secs());
        } else if let still @ (DomainState::Paused | DomainState::PmSuspended) = guest.domain.state
        {
            let _ = write!(words, " · {}", still.label(false));
        }
    }
    if let Some(typing) = display.typing {
        let _ = write!(words, " · typing {} of {}", typing.done, typing.all);
        let leader = state.keymap.hint(&[Context::Typing], Action::Leader);
        let stop = state.keymap.hint(&[Context::Screen], Action::StopTyping);
        if let (Some(leader), Some(stop)) = (leader, stop) {
            let _ = write!(words, " ({leader} {stop} stops)");
        }
    }
    if display.view_only {
        words.push_str(" · only looked at");
    }
    if display.blank && display.is_attached() {
        words.push_str(" · blank");
    }
    match state.other_viewers(display).as_slice() {
        [] => {}
        [other] => {
            let _ = write!(words, " · shared with {}", text::visible(other));
        }
        others => {
            let _ = write!(words, " · shared with {} others", others.len());
        }
    }
    let mut end = match &display.shown {
        Some(Shown::Text(text)) => format!("text {}x{}", text.columns, text.lines),
        Some(Shown::Picture(_) | Shown::Pixels(_)) => {
            let (width, height) = display.size;
            match display.corner {
                Some(_) => format!(
                    "{width}x{height} 1:1 at {},{}",
                    display.part.x, display.part.y
                ),
                None => format!("{width}x{height}"),
            }
        }
        None => String::new(),
    };
    if display.figures {
        let (frames, host, terminal) = display.meter.last.unwrap_or_default();
        let (host, terminal) = (text::bytes(host), text::bytes(terminal));
        end = format!("{frames} fps, {host}/s in, {terminal}/s out  {end}");
    }
    let wide = u16::try_from(text::width(&end)).unwrap_or(u16::MAX);
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
        &text::fit(&end, usize::from(wide)),
        style,
    );
    painter.text(area.x, area.y, room.saturating_sub(wide + 1), &words, style);
}

/// How a display stands that shows nothing, and the way out, below what it showed last.
fn standing(state: &State, display: &Display, area: Rect, painter: &mut Painter<'_>) {
    if area.is_empty()
        || matches!(display.phase, DisplayPhase::Attached(DisplayWay::Vnc))
            && display.shown.is_some()
    {
        return;
    }
    let mut words = match display.phase {
        DisplayPhase::Attached(_) => "waiting for the first picture".to_owned(),
        _ => display.standing(),
    };
    if let DisplayPhase::Refused(failure) = &display.phase {
        if let Some(remedy) = &failure.remedy {
            words = format!("{words}. {}", text::visible(&remedy.advice));
        }
        let leader = state.keymap.hint(&[Context::Typing], Action::Leader);
        let again = state.keymap.hint(&[Context::Screen], Action::ReopenDisplay);
        if let (Some(leader), Some(again)) = (leader, again) {
            words = format!("{words} ({leader} {again} tries again)");
        }
    }
    let theme = painter.theme;
    let style = match display.phase {
        DisplayPhase::Refused(_) | DisplayPhase::Lost(_) => theme.bad,
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
        let room = box_.width.saturating_sub(1);
        painter.text(box_.x + 1, y, room, line, theme.bar.patch(style));
    }
}

/// A colour as this terminal shows it.
fn colour(pixel: u32, painter: &Painter<'_>) -> Option<Color> {
    let [_, red, green, blue] = pixel.to_be_bytes();
    shown_colour(painter.theme.depth, 0, Some((red, green, blue)))
}

/// Pixels, two to a cell.
pub(super) fn pixels(picture: &Picture, area: Rect, painter: &mut Painter<'_>) {
    let high = picture.height().div_ceil(2);
    let (left, top) = (area.x, area.y);
    // Rows of one colour are common: the last answer is kept.
    let mut known: Option<(u32, Option<Color>)> = None;
    for (row, y) in (0..high).zip(top..area.bottom()) {
        let upper = picture.line(row * 2);
        let lower = picture.line(row * 2 + 1);
        for (at, x) in (0..usize::from(picture.width())).zip(left..area.right()) {
            let above = upper.get(at).copied().unwrap_or(0);
            let below = lower.get(at).copied();
            let mut shown = |pixel: u32| match known {
                Some((last, colour)) if last == pixel => colour,
                _ => {
                    let made = colour(pixel, painter);
                    known = Some((pixel, made));
                    made
                }
            };
            let (front, back) = (shown(above), below.and_then(&mut shown));
            let (symbol, style) = block(above, below, front, back);
            painter.cell(x, y, symbol, style);
        }
    }
}

/// The cell of two pixels. Without colours, brightness decides.
fn block(
    above: u32,
    below: Option<u32>,
    front: Option<Color>,
    back: Option<Color>,
) -> (&'static str, Style) {
    match (front, back) {
        (Some(front), Some(back)) if front == back => (" ", Style::new().bg(back)),
        (Some(front), Some(back)) => ("▀", Style::new().fg(front).bg(back)),
        (Some(front), None) if below.is_none() => ("▀", Style::new().fg(front)),
        _ => {
            let symbol = match (is_bright(above), below.is_some_and(is_bright)) {
                (true, true) => "█",
                (true, false) => "▀",
                (false, true) => "▄",
                (false, false) => " ",
            };
            (symbol, Style::new())
        }
    }
}

fn is_bright(pixel: u32) -> bool {
    let [_, red, green, blue] = pixel.to_be_bytes().map(u32::from);
    red * 3 + green * 6 + blue > 96 * 10
}

/// Characters as they are.
fn letters(
    screen: &TextScreen,
    skipped: u16,
    focused: bool,
    area: Rect,
    painter: &mut Painter<'_>,
) {
    let (left, top) = (area.x, area.y);
    for (line, y) in (skipped..screen.lines).zip(top..area.bottom()) {
        for (column, x) in (0..screen.columns).zip(left..area.right()) {
            let Some(cell) = screen.cell(column, line) else {
                continue;
            };
            let of = |number: u8| PALETTE[usize::from(number & 0x0f)];
            let mut style = Style::new();
            match (
                colour(of(cell.front), painter),
                colour(of(cell.back), painter),
            ) {
                (Some(front), Some(back)) => style = style.fg(front).bg(back),
                _ if cell.back > cell.front => style = style.add_modifier(Modifier::REVERSED),
                _ => {}
            }
            painter.cell(x, y, cell.symbol.encode_utf8(&mut [0; 4]), style);
        }
    }
    if let Some((column, line)) = screen.cursor
        && focused
        && line >= skipped
        && column < area.width
    {
        painter.cursor(left + column, top + line - skipped);
    }
}
