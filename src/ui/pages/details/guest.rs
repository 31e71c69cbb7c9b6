//! What the guest says of itself, through its agent.

use ratatui::layout::Rect;

use super::sheet::Sheet;
use super::{Painter, failed};
use crate::app::{Details, Guest, Tone};

/// The channel that the agent needs, as the XML has it.
const CHANNEL: &str =
    "<channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0'/></channel>";

/// Draws the agent's facts.
pub fn render(guest: &Guest, details: &Details, area: Rect, painter: &mut Painter<'_>) {
    let mut sheet = Sheet::default();
    let agent = guest
        .domain
        .definition
        .as_deref()
        .map(|definition| definition.guest_agent);
    if !guest.domain.state.is_active() {
        sheet.text("It does not run.", Tone::Dim);
    } else if let Some(facts) = details.guest.got().filter(|facts| !facts.is_empty()) {
        let mut group = None;
        for fact in facts {
            if group != Some(&fact.group) {
                sheet.heading(fact.group.clone());
                group = Some(&fact.group);
            }
            sheet.text(format!("{:<20} {}", fact.name, fact.value), Tone::Normal);
        }
    } else {
        match agent {
            Some(None) => {
                sheet.toned("Guest agent", "no channel", Tone::Warn);
                sheet.text(
                    "Without it nothing is known of what runs inside. It takes a channel in the XML and the package \
                     qemu-guest-agent in the guest:",
                    Tone::Normal,
                );
                sheet.text(CHANNEL, Tone::Info);
            }
            Some(Some(false)) => {
                sheet.toned("Guest agent", "not connected", Tone::Warn);
                sheet.text(
                    "The channel is there, nobody answers on it: install and start qemu-guest-agent in the guest, or \
                     wait until the guest has booted.",
                    Tone::Normal,
                );
            }
            Some(Some(true)) | None => {}
        }
        match details.guest.failure() {
            Some(failure) if agent != Some(None) && agent != Some(Some(false)) => {
                for line in failed(failure) {
                    sheet.text(line, Tone::Normal);
                }
            }
            Some(_) => {}
            None if details.guest.got().is_some() => {
                sheet.text("The agent says nothing.", Tone::Dim);
            }
            None if agent == Some(Some(true)) => sheet.text("Asking the guest agent …", Tone::Dim),
            None => {}
        }
    }
    sheet.render(details.top(), area, painter);
}
