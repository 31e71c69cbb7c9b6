//! Graphs: CPU, memory, each vCPU, disk and NIC.

use ratatui::layout::Rect;
use ratatui::style::Style;

use super::Painter;
use crate::app::{Details, Guest, SPANS, State};
use crate::stats::{DiskSeries, Figures, History, NicSeries, TotalSeries, VcpuSeries};
use crate::text;
use crate::ui::Theme;
use crate::ui::pages::centred;
use crate::ui::widgets::{Panel, Series, Unit, Window};

/// Lines of one graph; fewer where the page itself has fewer.
const HEIGHT: u16 = 8;
/// Columns that one graph needs to be read.
const WIDTH: u16 = 62;

/// One graph before it is drawn.
struct Graph<'a> {
    title: String,
    unit: Unit,
    top: Option<f64>,
    series: Vec<Series<'a>>,
}

/// Draws as many graphs as fit, beginning with the row that is scrolled to.
pub fn render(
    state: &State,
    guest: &Guest,
    details: &Details,
    area: Rect,
    painter: &mut Painter<'_>,
) {
    let (history, figures, end, end_label) = match &details.frozen {
        Some(frozen) => (&frozen.history, &frozen.figures, frozen.at, "frozen"),
        None => (
            guest.tracked.history(),
            guest.tracked.figures(),
            state.now.instant,
            "now",
        ),
    };
    let span = SPANS[details.span.min(SPANS.len() - 1)];
    legend(details, Rect { height: 1, ..area }, painter);
    let body = Rect {
        y: area.y.saturating_add(1),
        height: area.height.saturating_sub(1),
        ..area
    };
    if body.is_empty() {
        return;
    }
    if history.totals().is_none() {
        let why = if guest.domain.state.is_active() {
            "No figures yet."
        } else {
            "It does not run, and nothing was read of it in this session."
        };
        centred(&[why.to_owned()], body, painter);
        return;
    }
    let window = Window {
        anchor: details.opened,
        end,
        span,
        end_label,
    };
    let theme = painter.theme;
    let graphs = graphs(guest, history, figures, theme);
    let across = (body.width / WIDTH).clamp(1, 3);
    let height = HEIGHT.min(body.height);
    let shown = usize::from(body.height / height).max(1);
    let rows = graphs.len().div_ceil(usize::from(across));
    let top = details.top().min(rows.saturating_sub(shown));
    // What does not divide evenly goes to the graphs.
    let visible = (rows - top).min(shown).max(1);
    let height = body.height / u16::try_from(visible).unwrap_or(1);
    let height = height.min(HEIGHT * 2);
    let width = body.width / across;
    for (index, graph) in graphs
        .iter()
        .skip(top * usize::from(across))
        .take(visible * usize::from(across))
        .enumerate()
    {
        let index = u16::try_from(index).unwrap_or(0);
        let place = Rect {
            x: body.x + (index % across) * width,
            y: body.y + (index / across) * height,
            width: width.saturating_sub(if across > 1 { 2 } else { 0 }),
            // A blank line keeps graphs apart where there is room for one.
            height: height.saturating_sub(u16::from(height > 5)),
        };
        let panel = Panel {
            title: &graph.title,
            unit: graph.unit,
            top: graph.top,
            series: &graph.series,
            time_axis: true,
        };
        panel.draw(place, &window, theme, painter.buffer);
    }
}

fn legend(details: &Details, area: Rect, painter: &mut Painter<'_>) {
    let span = match details.span {
        last if last + 1 >= SPANS.len() => "all".to_owned(),
        index => text::duration_short(SPANS[index]),
    };
    let words = format!("Span {span}   - + zoom   Space freezes   j k scroll");
    let used = painter.text(area.x, area.y, area.width, &words, painter.theme.dim);
    if details.frozen.is_some() {
        let x = area.x.saturating_add(used + 3);
        let room = area.right().saturating_sub(x);
        painter.text(x, area.y, room, "FROZEN", painter.theme.warn);
    }
}

fn graphs<'a>(
    guest: &Guest,
    history: &'a History,
    figures: &Figures,
    theme: &Theme,
) -> Vec<Graph<'a>> {
    let [first, second, third, fourth, fifth, sixth] = theme.series;
    let one = |line, index, style| {
        vec![Series {
            label: "",
            line,
            index,
            style,
        }]
    };
    let totals = history.totals();
    let mut graphs = vec![
        Graph {
            title: "CPU".to_owned(),
            unit: Unit::Percent,
            top: None,
            series: one(totals, TotalSeries::Cpu as usize, first),
        },
        Graph {
            title: "Memory".to_owned(),
            unit: Unit::Kibibytes,
            top: guest.memory_max_kib().map(|kib| kib as f64),
            series: one(totals, TotalSeries::Memory as usize, second),
        },
    ];
    let mut pair = |title: String,
                    unit,
                    line,
                    a: (&'static str, usize),
                    b: (&'static str, usize),
                    styles: [Style; 2]| {
        let series = [a, b]
            .into_iter()
            .zip(styles)
            .map(|((label, index), style)| Series {
                label,
                line,
                index,
                style,
            })
            .collect();
        graphs.push(Graph {
            title,
            unit,
            top: None,
            series,
        });
    };
    pair(
        "Disks".to_owned(),
        Unit::BytesPerSecond,
        totals,
        ("read", TotalSeries::DiskRead as usize),
        ("write", TotalSeries::DiskWrite as usize),
        [third, fourth],
    );
    pair(
        "Network".to_owned(),
        Unit::BytesPerSecond,
        totals,
        ("rx", TotalSeries::NetRx as usize),
        ("tx", TotalSeries::NetTx as usize),
        [fifth, sixth],
    );
    for disk in &figures.disks {
        let line = history.disk(&disk.name);
        let name = text::visible(&disk.name);
        for (what, unit, read, write) in [
            (
                "",
                Unit::BytesPerSecond,
                DiskSeries::Read,
                DiskSeries::Write,
            ),
            (
                " requests",
                Unit::PerSecond,
                DiskSeries::ReadIops,
                DiskSeries::WriteIops,
            ),
            (
                " latency",
                Unit::Nanoseconds,
                DiskSeries::ReadLatency,
                DiskSeries::WriteLatency,
            ),
        ] {
            pair(
                format!("{name}{what}"),
                unit,
                line,
                ("read", read as usize),
                ("write", write as usize),
                [third, fourth],
            );
        }
    }
    for nic in &figures.nics {
        let line = history.nic(&nic.name);
        let name = text::visible(&nic.name);
        for (what, unit, a, b) in [
            (
                "",
                Unit::BytesPerSecond,
                ("rx", NicSeries::Rx),
                ("tx", NicSeries::Tx),
            ),
            (
                " packets",
                Unit::PerSecond,
                ("rx", NicSeries::RxPackets),
                ("tx", NicSeries::TxPackets),
            ),
            (
                " trouble",
                Unit::PerSecond,
                ("errors", NicSeries::Errors),
                ("drops", NicSeries::Drops),
            ),
        ] {
            pair(
                format!("{name}{what}"),
                unit,
                line,
                (a.0, a.1 as usize),
                (b.0, b.1 as usize),
                [fifth, sixth],
            );
        }
    }
    for vcpu in &figures.vcpus {
        let line = history.vcpu(vcpu.number);
        graphs.push(Graph {
            title: format!("vCPU {}", vcpu.number),
            unit: Unit::Percent,
            top: None,
            series: one(line, VcpuSeries::Busy as usize, first),
        });
        let series = [
            ("wait", VcpuSeries::Wait, third),
            ("steal", VcpuSeries::Steal, sixth),
        ]
        .map(|(label, series, style)| Series {
            label,
            line,
            index: series as usize,
            style,
        })
        .to_vec();
        graphs.push(Graph {
            title: format!("vCPU {} held up", vcpu.number),
            unit: Unit::Percent,
            top: None,
            series,
        });
    }
    graphs
}
