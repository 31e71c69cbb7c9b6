use super::*;
use crate::stats::Reading;
use crate::ui::theme::{Background, Depth};

fn theme(symbols: Symbols) -> Theme {
    Theme {
        symbols,
        ..Theme::new(Background::Dark, Depth::True)
    }
}

fn drawn(
    panel: &Panel<'_>,
    window: &Window<'_>,
    symbols: Symbols,
    width: u16,
    height: u16,
) -> String {
    let area = Rect::new(0, 0, width, height);
    let mut buffer = Buffer::empty(area);
    panel.draw(area, window, &theme(symbols), &mut buffer);
    (0..height)
        .map(|y| {
            let line: String = (0..width).map(|x| buffer[(x, y)].symbol()).collect();
            line.trim_end().to_owned() + "\n"
        })
        .collect()
}

/// Ten minutes of two series at 2 s, with a gap of a minute.
fn ten_minutes() -> (Timeline, Window<'static>) {
    let start = Instant::now();
    let mut line = Timeline::new(2, start);
    for tick in 0..=300_u32 {
        let at = start + Duration::from_secs(2) * tick;
        let phase = f64::from(tick) / 20.0;
        let reading = if (100..130).contains(&tick) {
            [Reading::Gap; 2]
        } else {
            [
                Reading::Value(50.0 + 45.0 * phase.sin()),
                Reading::Value((2e6 * phase.cos()).max(0.0)),
            ]
        };
        line.record(at, &reading);
    }
    let window = Window {
        anchor: start,
        end: start + Duration::from_secs(600),
        span: Duration::from_secs(600),
        end_label: "now",
    };
    (line, window)
}

fn series<'a>(line: &'a Timeline, index: usize, label: &'static str) -> Series<'a> {
    Series {
        label,
        line: Some(line),
        index,
        style: Style::new(),
    }
}

#[test]
fn single_series_has_scale_figures_and_ages() {
    let (line, window) = ten_minutes();
    let series = [series(&line, 0, "")];
    let panel = Panel {
        title: "CPU",
        unit: Unit::Percent,
        top: None,
        series: &series,
        time_axis: true,
    };
    insta::assert_snapshot!(drawn(&panel, &window, Symbols::Braille, 72, 7));
    insta::assert_snapshot!(drawn(&panel, &window, Symbols::Ascii, 40, 6));
}

#[test]
fn two_series_are_mirrored_on_one_scale() {
    let (line, window) = ten_minutes();
    let series = [series(&line, 1, "read"), series(&line, 1, "write")];
    let panel = Panel {
        title: "vda",
        unit: Unit::BytesPerSecond,
        top: None,
        series: &series,
        time_axis: true,
    };
    insta::assert_snapshot!(drawn(&panel, &window, Symbols::Braille, 60, 9));
    insta::assert_snapshot!(drawn(&panel, &window, Symbols::Blocks, 30, 7));
}

#[test]
fn graph_without_data_says_so_by_dashes() {
    let (_, window) = ten_minutes();
    let series = [Series {
        label: "",
        line: None,
        index: 0,
        style: Style::new(),
    }];
    let panel = Panel {
        title: "Memory",
        unit: Unit::Kibibytes,
        top: Some(1024.0 * 1024.0),
        series: &series,
        time_axis: false,
    };
    insta::assert_snapshot!(drawn(&panel, &window, Symbols::Braille, 40, 4));
}

#[test]
fn columns_stand_still_between_their_steps() {
    let (line, window) = ten_minutes();
    let series = [series(&line, 0, "")];
    let panel = Panel {
        title: "CPU",
        unit: Unit::Percent,
        top: None,
        series: &series,
        time_axis: false,
    };
    let at = |end: u64| Window {
        end: window.anchor + Duration::from_secs(end),
        ..window
    };
    // 100 columns of data: six seconds each. Three seconds into one and at its end are the same picture.
    let plot = |text: String| text.lines().skip(1).map(str::to_owned).collect::<Vec<_>>();
    let early = plot(drawn(&panel, &at(543), Symbols::Braille, 58, 6));
    let late = plot(drawn(&panel, &at(546), Symbols::Braille, 58, 6));
    assert_eq!(early, late);
}

#[test]
fn every_size_draws_without_panic() {
    let (line, window) = ten_minutes();
    let pair = [series(&line, 0, "read"), series(&line, 1, "write")];
    for symbols in [Symbols::Braille, Symbols::Blocks, Symbols::Ascii] {
        for width in 0..50 {
            for height in 0..9 {
                for count in 0..=2 {
                    let panel = Panel {
                        title: "a disk with a long name",
                        unit: Unit::BytesPerSecond,
                        top: None,
                        series: &pair[..count],
                        time_axis: true,
                    };
                    drawn(&panel, &window, symbols, width, height);
                }
            }
        }
    }
}
