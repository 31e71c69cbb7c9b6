//! The pages, one file each, named like their state in `app/pages`.

mod agent;
mod bench;
mod console;
mod debug;
mod details;
mod display;
mod domains;
mod editor;
mod events;
mod hardware;
mod host;
mod jobs;
mod monitor;
mod networks;
mod plans;
mod ports;
mod rows;
mod secrets;
mod snapshots;
mod split;
mod storage;
mod sweep;
mod tabs;
mod wall;
mod welcome;

use ratatui::layout::Rect;

use super::Painter;
use crate::app::{Page, State};

/// Draws the present page.
pub fn render(state: &State, area: Rect, painter: &mut Painter<'_>) {
    if area.is_empty() {
        return;
    }
    match state.page() {
        Page::Domains if state.is_welcome() => welcome::render(state, area, painter),
        Page::Domains => domains::render(state, area, painter),
        Page::Details(details) => details::render(state, details, area, painter),
        Page::Ports(ports) => ports::render(state, ports, area, painter),
        Page::Events(events) => events::render(state, events, area, painter),
        Page::Host(host) => host::render(state, host, area, painter),
        Page::Bench(bench) => bench::render(state, bench, area, painter),
        Page::Snapshots(page) => snapshots::render(state, page, area, painter),
        Page::Networks(networks) => networks::render(state, networks, area, painter),
        Page::Hardware(page) => hardware::render(state, page, area, painter),
        Page::Agent(page) => agent::render(state, page, area, painter),
        Page::Monitor(page) => monitor::render(state, page, area, painter),
        Page::Sweep(page) => sweep::render(state, page, area, painter),
        Page::Jobs(jobs) => jobs::render(state, jobs, area, painter),
        Page::Storage(page) => storage::render(state, page, area, painter),
        Page::Volumes(page) => storage::volumes(state, page, area, painter),
        Page::Plans(plans) => plans::render(state, plans, area, painter),
        Page::Editor(page) => editor::render(state, page, area, painter),
        Page::Debug(debug) => debug::render(state, debug, area, painter),
        Page::Console(_) | Page::Display(_) => split::render(state, area, painter),
        Page::Wall(wall) => wall::render(state, wall, area, painter),
    }
}

/// A few words in the middle of an area, for pages with nothing else to show.
fn centred(lines: &[String], area: Rect, painter: &mut Painter<'_>) {
    let height = u16::try_from(lines.len()).unwrap_or(u16::MAX);
    let top = area.y + area.height.saturating_sub(height) / 2;
    for (y, (index, words)) in (top..area.bottom()).zip(lines.iter().enumerate()) {
        let wide = crate::text::width(&crate::text::visible(words));
        let blank = area
            .width
            .saturating_sub(u16::try_from(wide).unwrap_or(u16::MAX))
            / 2;
        let style = if index == 0 {
            painter.theme.text
        } else {
            painter.theme.dim
        };
        painter.text(area.x + blank, y, area.width - blank, words, style);
    }
}
