//! The mouse over a display.

use super::{DisplayPage, page};
use crate::app::{Effect, Page, Pointer, State};
use crate::protocol::{DisplayPhase, DisplayVerb, DisplayWay};

/// Bits of the wheel.
const WHEEL_UP: u8 = 1 << 3;
const WHEEL_DOWN: u8 = 1 << 4;

/// Passes a movement on to the guest, when the pointer is over its screen.
pub(in crate::app) fn pointed(
    state: &mut State,
    pointer: Pointer,
    column: u16,
    line: u16,
    effects: &mut Vec<Effect>,
) {
    let Some(present) = page(state) else { return };
    let (id, before) = (present.display, present.buttons);
    if present.view_only {
        return;
    }
    let Some(display) = state.displays.get(id) else {
        return;
    };
    if display.phase != DisplayPhase::Attached(DisplayWay::Vnc) {
        return;
    }
    let at = DisplayPage::pixel_at(state, display, column, line);
    let held = match pointer {
        Pointer::Pressed(button) => before | 1 << button.min(2),
        Pointer::Released(button) => before & !(1 << button.min(2)),
        Pointer::Moved | Pointer::WheelUp | Pointer::WheelDown => before,
    };
    let Some((x, y)) = at else {
        // A button that is let go beside the picture is let go all the same.
        if held & before != before
            && let Some((x, y)) = state.displays.get(id).and_then(|display| display.pointer)
        {
            tell(state, (x, y), held, effects);
        }
        return;
    };
    match pointer {
        Pointer::WheelUp | Pointer::WheelDown => {
            let wheel = if pointer == Pointer::WheelUp {
                WHEEL_UP
            } else {
                WHEEL_DOWN
            };
            tell(state, (x, y), held | wheel, effects);
            tell(state, (x, y), held, effects);
        }
        _ => tell(state, (x, y), held, effects),
    }
}

fn tell(state: &mut State, (x, y): (u16, u16), buttons: u8, effects: &mut Vec<Effect>) {
    let Some(present) = page(state) else { return };
    present.buttons = buttons & 0b111;
    let id = present.display;
    if let Some(display) = state.displays.get_mut(id) {
        display.pointer = Some((x, y));
    }
    state.tell_display(id, DisplayVerb::Point { x, y, buttons }, effects);
}

impl State {
    /// Whether the mouse is the guest's.
    #[must_use]
    pub fn points_in_guest(&self) -> bool {
        self.layers.is_empty() && matches!(self.page(), Page::Display(_))
    }
}
