//! The mouse over a display.

use super::DisplayPage;
use crate::app::{Effect, Pointer, State};
use crate::protocol::{DisplayId, DisplayPhase, DisplayVerb, DisplayWay};

/// Bits of the wheel.
const WHEEL_UP: u8 = 1 << 3;
const WHEEL_DOWN: u8 = 1 << 4;

/// Passes a movement on to the guest, when the pointer is over its screen: a column and a line of the page.
pub(in crate::app) fn pointed(
    state: &mut State,
    id: DisplayId,
    pointer: Pointer,
    (column, line): (u16, u16),
    effects: &mut Vec<Effect>,
) {
    let Some(display) = state.displays.get(id) else {
        return;
    };
    let before = display.buttons;
    if display.view_only || display.phase != DisplayPhase::Attached(DisplayWay::Vnc) {
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
            tell(state, id, (x, y), held, effects);
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
            tell(state, id, (x, y), held | wheel, effects);
            tell(state, id, (x, y), held, effects);
        }
        _ => tell(state, id, (x, y), held, effects),
    }
}

fn tell(
    state: &mut State,
    id: DisplayId,
    (x, y): (u16, u16),
    buttons: u8,
    effects: &mut Vec<Effect>,
) {
    if let Some(display) = state.displays.get_mut(id) {
        display.buttons = buttons & 0b111;
        display.pointer = Some((x, y));
    }
    state.tell_display(id, DisplayVerb::Point { x, y, buttons }, effects);
}
