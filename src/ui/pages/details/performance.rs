//! Graphs: CPU, memory, each vCPU, disk and NIC.

use chrono::{DateTime, Local};
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::Painter;
use crate::action::Action;
use crate::app::{Connection, Details, Graph, Grid, Guest, SPANS, Size, State, Tone};
use crate::stats::{DiskSeries, History, NicSeries, Timeline, TotalSeries, VcpuSeries};
use crate::text;
use crate::ui::Theme;
use crate::ui::pages::centred;
use crate::ui::widgets::{Panel, Series, Unit, Window, age_label};

/// Draws as many graphs as fit, beginning with the row that is scrolled to.
pub fn render(
    state: &State,
    guest: &Guest,
    details: &Details,
    area: Rect,
    painter: &mut Painter<'_>,
) {
    let Some((history, _)) = details.pictured(state) else {
        return;
    };
    let body = Rect {
        y: area.y.saturating_add(1),
        height: area.height.saturating_sub(1),
        ..area
    };
    let rows = details.graph_rows(state, body.width);
    let grid = Grid::of(
        Size {
            width: body.width,
            height: body.height,
        },
        rows.len(),
    );
    let top = details.top().min(rows.len().saturating_sub(grid.shown));
    let shown = rows.get(top..).unwrap_or_default();
    let shown = &shown[..shown.len().min(grid.shown)];
    let place = if rows.len() > grid.shown && history.totals().is_some() {
        let before: usize = rows[..top].iter().map(Vec::len).sum();
        let here: usize = shown.iter().map(Vec::len).sum();
        let all: usize = rows.iter().map(Vec::len).sum();
        format!("graphs {}–{} of {all}", before + 1, before + here)
    } else {
        String::new()
    };
    let line = Rect { height: 1, ..area };
    legend(state, guest, details, &place, line, painter);
    if body.is_empty() {
        return;
    }
    if history.totals().is_none() {
        let why = if guest.domain.state.is_active() {
            ["No figures yet.", "They come with the next sample."]
        } else {
            [
                "It does not run, and nothing was measured since virtty is connected.",
                "Its graphs begin when it starts.",
            ]
        };
        centred(&why.map(str::to_owned), body, painter);
        return;
    }
    let (end, end_label) = match &details.frozen {
        Some(frozen) => (frozen.at.instant, "frozen"),
        None => (state.now.instant, "now"),
    };
    let window = Window {
        anchor: details.opened,
        end,
        span: SPANS[details.span.min(SPANS.len() - 1)],
        end_label,
    };
    let theme = painter.theme;
    for (line, row) in shown.iter().enumerate() {
        let y = body.y + u16::try_from(line).unwrap_or(0) * grid.height;
        for (place, graph) in row.iter().enumerate() {
            let drawn = Drawn::of(graph, guest, history, theme);
            let area = Rect {
                x: body.x.saturating_add(grid.x(place)),
                y,
                width: grid.width,
                // A blank line keeps graphs apart where there is room for one.
                height: grid.height.saturating_sub(u16::from(grid.height > TALL)),
            }
            .intersection(body);
            let panel = Panel {
                title: &drawn.title,
                unit: drawn.unit,
                top: drawn.top,
                series: &drawn.series,
                // The ages hold for the whole column of graphs.
                time_axis: line + 1 == shown.len() || grid.height > TALL,
            };
            panel.draw(area, &window, theme, painter.buffer);
        }
    }
}

/// Graphs with more lines than this have ages of their own.
const TALL: u16 = 7;

/// The span and its keys on the left; what is special and where in the graphs on the right.
fn legend(
    state: &State,
    guest: &Guest,
    details: &Details,
    place: &str,
    area: Rect,
    painter: &mut Painter<'_>,
) {
    let span = SPANS[details.span.min(SPANS.len() - 1)];
    let last = details.span + 1 >= SPANS.len();
    let key = |action| {
        let key = state.keymap.hint(details.contexts(), action);
        key.map_or_else(String::new, |key| key.to_string())
    };
    let words = format!(
        "Span {}{}   {} {} zoom   {} {}",
        age_label(span),
        if last { " (all)" } else { "" },
        key(Action::ZoomIn),
        key(Action::ZoomOut),
        key(Action::Freeze),
        if details.frozen.is_some() {
            "goes on"
        } else {
            "freezes"
        }
    );
    let dim = painter.theme.dim;
    let (special, tone) = condition(state, guest, details).unwrap_or_default();
    let width = |words: &str| u16::try_from(text::width(words)).unwrap_or(u16::MAX);
    let gap = |words: &str| if words.is_empty() { 0 } else { 3 };
    // What is special stays longest, then the span.
    let room = area.width.saturating_sub(width(&special));
    let used = width(&words) + gap(&special);
    if used <= room {
        painter.text(area.x, area.y, room, &words, dim);
    }
    let with_place = used + width(place) + gap(place) <= room;
    let wide = if with_place {
        width(place) + gap(place)
    } else {
        0
    };
    if with_place {
        painter.right(area.x, area.y, area.width, place, dim);
    }
    let style = painter.tone(tone);
    painter.right(
        area.x,
        area.y,
        area.width.saturating_sub(wide),
        &special,
        style,
    );
}

/// What is special about the graphs: frozen, ended, standing still.
fn condition(state: &State, guest: &Guest, details: &Details) -> Option<(String, Tone)> {
    let now = state.now.instant;
    let age = |then| text::duration_short(now.saturating_duration_since(then));
    if let Some(frozen) = &details.frozen {
        let time: DateTime<Local> = frozen.at.wall.into();
        return Some((format!("FROZEN at {}", time.format("%H:%M:%S")), Tone::Warn));
    }
    let connection = state.connection(details.id.connection);
    if !connection.is_some_and(Connection::is_live) {
        return Some(("not connected".to_owned(), Tone::Warn));
    }
    if !guest.domain.state.is_active() {
        let totals = guest.tracked.history().totals();
        let last = totals.and_then(Timeline::last)?;
        return Some((format!("does not run, ended {} ago", age(last)), Tone::Warn));
    }
    let silence = guest.silence(now)?;
    Some((format!("not responding ({silence})"), Tone::Bad))
}

/// A graph with all it is drawn of.
struct Drawn<'a> {
    title: String,
    unit: Unit,
    top: Option<f64>,
    series: Vec<Series<'a>>,
}

impl<'a> Drawn<'a> {
    fn of(graph: &Graph, guest: &Guest, history: &'a History, theme: &Theme) -> Self {
        let [cpu, memory, read, write, received, sent] = theme.series;
        let totals = history.totals();
        let one = |title: String, unit, line, index, style| Self {
            title,
            unit,
            top: None,
            series: vec![series("", line, index, style)],
        };
        let two = |title: String, unit, line, first, second| Self {
            title,
            unit,
            top: None,
            series: pair(line, first, second),
        };
        let disk = |name: &str| history.disk(name);
        let nic = |name: &str| history.nic(name);
        match graph {
            Graph::Cpu => {
                let index = TotalSeries::Cpu as usize;
                one("CPU".to_owned(), Unit::Percent, totals, index, cpu)
            }
            Graph::Memory => {
                let index = TotalSeries::Memory as usize;
                let title = match guest.memory_is_used() {
                    true => "Memory used",
                    false if guest.domain.state.is_active() => "Memory given",
                    false => "Memory",
                };
                Self {
                    top: guest.memory_max_kib().map(|kib| kib as f64),
                    ..one(title.to_owned(), Unit::Kibibytes, totals, index, memory)
                }
            }
            Graph::Disks => two(
                "Disks".to_owned(),
                Unit::BytesPerSecond,
                totals,
                ("read", TotalSeries::DiskRead as usize, read),
                ("write", TotalSeries::DiskWrite as usize, write),
            ),
            Graph::Network => two(
                "Network".to_owned(),
                Unit::BytesPerSecond,
                totals,
                ("rx", TotalSeries::NetRx as usize, received),
                ("tx", TotalSeries::NetTx as usize, sent),
            ),
            Graph::DiskBytes(name) => two(
                text::visible(name).into_owned(),
                Unit::BytesPerSecond,
                disk(name),
                ("read", DiskSeries::Read as usize, read),
                ("write", DiskSeries::Write as usize, write),
            ),
            Graph::DiskRequests(name) => two(
                format!("{} requests", text::visible(name)),
                Unit::PerSecond,
                disk(name),
                ("read", DiskSeries::ReadIops as usize, read),
                ("write", DiskSeries::WriteIops as usize, write),
            ),
            Graph::DiskLatency(name) => two(
                format!("{} latency", text::visible(name)),
                Unit::Nanoseconds,
                disk(name),
                ("read", DiskSeries::ReadLatency as usize, read),
                ("write", DiskSeries::WriteLatency as usize, write),
            ),
            Graph::NicBytes(name) => two(
                text::visible(name).into_owned(),
                Unit::BytesPerSecond,
                nic(name),
                ("rx", NicSeries::Rx as usize, received),
                ("tx", NicSeries::Tx as usize, sent),
            ),
            Graph::NicPackets(name) => two(
                format!("{} packets", text::visible(name)),
                Unit::PerSecond,
                nic(name),
                ("rx", NicSeries::RxPackets as usize, received),
                ("tx", NicSeries::TxPackets as usize, sent),
            ),
            Graph::NicTrouble(name) => two(
                format!("{} trouble", text::visible(name)),
                Unit::PerSecond,
                nic(name),
                ("errors", NicSeries::Errors as usize, theme.bad),
                ("drops", NicSeries::Drops as usize, theme.warn),
            ),
            Graph::Vcpu(number) => {
                let index = VcpuSeries::Busy as usize;
                let title = format!("vCPU {number}");
                one(title, Unit::Percent, history.vcpu(*number), index, cpu)
            }
            Graph::VcpuHeld(number) => two(
                format!("vCPU {number} held up"),
                Unit::Percent,
                history.vcpu(*number),
                ("wait", VcpuSeries::Wait as usize, theme.warn),
                ("steal", VcpuSeries::Steal as usize, theme.bad),
            ),
        }
    }
}

type Named = (&'static str, usize, Style);

fn pair<'a>(line: Option<&'a Timeline>, first: Named, second: Named) -> Vec<Series<'a>> {
    [first, second]
        .map(|(label, index, style)| series(label, line, index, style))
        .to_vec()
}

fn series<'a>(
    label: &'static str,
    line: Option<&'a Timeline>,
    index: usize,
    style: Style,
) -> Series<'a> {
    Series {
        label,
        line,
        index,
        style,
    }
}
