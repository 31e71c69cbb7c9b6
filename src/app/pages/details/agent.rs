//! What the guest says of itself, through its agent; and how to get an agent.

use super::Details;
use super::sheet::{Sheet, SheetLine};
use crate::app::{Guest, State, Tone};
use crate::protocol::GuestFact;

/// The channel that the agent needs, as the XML has it.
const CHANNEL: &str =
    "<channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0'/></channel>";

/// The agent's facts.
pub(super) fn lines(state: &State, guest: &Guest, details: &Details, width: u16) -> Vec<SheetLine> {
    let mut sheet = Sheet::default();
    // The channel in the XML, and whether somebody answers there.
    let agent = guest
        .domain
        .definition
        .as_deref()
        .map(|definition| definition.guest_agent);
    let facts = details.guest.got().filter(|facts| !facts.is_empty());
    if !guest.domain.state.is_active() {
        sheet.text("It does not run: there is no agent to ask.", Tone::Dim);
    } else if let Some(facts) = facts {
        groups(facts, &mut sheet);
    } else {
        match agent {
            Some(None) => no_channel(&mut sheet),
            Some(Some(false)) => not_connected(&mut sheet),
            _ if details.guest.got().is_some() => {
                sheet.text("The agent says nothing of the guest.", Tone::Dim);
            }
            _ => {
                for (index, line) in details
                    .waiting(state, &details.guest, "what the guest agent says")
                    .into_iter()
                    .enumerate()
                {
                    let tone = if index == 0 { Tone::Normal } else { Tone::Dim };
                    sheet.text(line, tone);
                }
            }
        }
    }
    sheet.lines(width)
}

fn groups(facts: &[GuestFact], sheet: &mut Sheet) {
    for group in facts.chunk_by(|one, next| one.group == next.group) {
        if let Some(first) = group.first() {
            sheet.heading(first.group.clone());
        }
        let rows = group
            .iter()
            .map(|fact| {
                [
                    (fact.name.clone(), Tone::Dim),
                    (fact.value.clone(), Tone::Normal),
                ]
            })
            .collect();
        sheet.facts(rows);
    }
}

fn no_channel(sheet: &mut Sheet) {
    sheet.toned("Guest agent", "no channel", Tone::Warn);
    sheet.text(
        "Without an agent nothing is known of what runs inside. It takes this channel in the XML and the package \
         qemu-guest-agent in the guest:",
        Tone::Normal,
    );
    sheet.text(CHANNEL, Tone::Info);
}

fn not_connected(sheet: &mut Sheet) {
    sheet.toned("Guest agent", "not connected", Tone::Warn);
    sheet.text(
        "The channel is there, nobody answers on it: install and start qemu-guest-agent in the guest, or wait until \
         the guest has booted.",
        Tone::Normal,
    );
}
