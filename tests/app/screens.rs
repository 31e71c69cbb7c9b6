//! Displays with something on them.
#![allow(dead_code, reason = "shared by several test targets")]

use std::sync::Arc;

use virtty::display::{Area, Picture, TextCell, TextScreen};
use virtty::protocol::{
    DisplayFrame, DisplayId, DisplayNews, DisplayPhase, DisplayWay, News, Shown,
};

use crate::session::{Session, running};

/// What the first display that was opened reports.
pub fn report(session: &mut Session, news: DisplayNews) {
    report_of(session, 0, news);
}

/// What a display reports.
pub fn report_of(session: &mut Session, number: u32, news: DisplayNews) {
    session.news(0, 0, News::Display(DisplayId(number), news));
}

/// A frame of a guest of 720 by 400 pixels.
fn showing(shown: Shown) -> DisplayNews {
    DisplayNews::Frame(DisplayFrame {
        shown,
        size: (720, 400),
        part: Area {
            x: 0,
            y: 0,
            width: 720,
            height: 400,
        },
        blank: false,
        bytes: 1000,
        ticket: Arc::new(()),
    })
}

/// Pixels, made for 80 by 22 cells.
pub fn frame() -> DisplayNews {
    let pixels = (0..79 * 44).map(|at| at * 977 % 0x0100_0000).collect();
    showing(Shown::Picture(Arc::new(
        Picture::of(79, 44, pixels).unwrap(),
    )))
}

/// A text screen with these lines.
pub fn letters(lines: &[&str]) -> DisplayNews {
    let blank = TextCell {
        symbol: ' ',
        front: 7,
        back: 0,
    };
    let mut cells = vec![blank; 80 * 25];
    for (line, text) in lines.iter().enumerate() {
        for (column, symbol) in text.chars().enumerate() {
            cells[line * 80 + column].symbol = symbol;
        }
    }
    let last = lines.len().saturating_sub(1);
    let cursor = (lines[last].chars().count(), last);
    showing(Shown::Text(Arc::new(TextScreen {
        columns: 80,
        lines: 25,
        cells,
        cursor: Some((
            u16::try_from(cursor.0).unwrap(),
            u16::try_from(cursor.1).unwrap(),
        )),
    })))
}

/// Seen over VNC.
pub fn attached() -> DisplayNews {
    DisplayNews::Phase(DisplayPhase::Attached(DisplayWay::Vnc))
}

/// The first domain's display, seen over VNC.
pub fn opened(width: u16, height: u16) -> Session {
    let mut session = Session::active(
        width,
        height,
        vec![running(1, "web-1"), running(2, "web-2")],
    );
    session.keys("v");
    report(&mut session, attached());
    report(&mut session, frame());
    session
}
