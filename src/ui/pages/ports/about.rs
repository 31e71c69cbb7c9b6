//! What is told of the selected row, below a rule: all of it, and the way out.

use ratatui::layout::Rect;

use super::{Painter, tone_of};
use crate::app::{EndpointId, Finding, Gravity, PortSection, Ports, State, Tone};
use crate::model::{DomainId, ListenKind, Uri};
use crate::ports::{self, Subject};
use crate::ui::painter::wrap;

/// Draws it; nothing while no row is selected.
pub fn render(state: &State, page: &Ports, area: Rect, painter: &mut Painter<'_>) {
    if area.height < 2 {
        return;
    }
    let told = match page.section() {
        PortSection::Listening => page
            .listening()
            .selected()
            .map(|id| about_endpoint(state, id)),
        PortSection::Findings => page
            .findings()
            .selected()
            .map(|finding| about_finding(state, page, finding)),
    };
    let Some(told) = told else {
        return;
    };
    let rule = "─".repeat(usize::from(area.width));
    painter.text(area.x, area.y, area.width, &rule, painter.theme.border);
    let width = area.width.saturating_sub(2);
    let mut y = area.y + 1;
    for (words, tone) in told {
        let lines = wrap(&words, width);
        // Half a command would be worse than none.
        if tone == Tone::Info && lines.len() > usize::from(area.bottom() - y) {
            break;
        }
        let style = painter.tone(tone);
        for (at, words) in (y..area.bottom()).zip(&lines) {
            painter.text(area.x + 1, at, width, words, style);
            y = at + 1;
        }
    }
}

type Told = Vec<(String, Tone)>;

fn about_endpoint(state: &State, id: EndpointId) -> Told {
    let (Some(guest), Some(endpoint)) = (state.guest(id.domain), state.endpoint(id)) else {
        return Told::new();
    };
    let mut words = vec![
        format!("{} of {}", endpoint.kind.word(), guest.domain.name),
        ports::written(endpoint).unwrap_or_else(|| {
            let words = match endpoint.listen {
                Some(ListenKind::None) => "nothing listens",
                _ => "no address",
            };
            words.to_owned()
        }),
    ];
    words.extend(
        endpoint
            .listen
            .map(|kind| format!("listen {}", kind.word())),
    );
    words.extend(endpoint.tls_port.map(|port| format!("TLS {port}")));
    words.extend(
        endpoint
            .websocket_port
            .map(|port| format!("WebSocket {port}")),
    );
    words.extend(endpoint.password.map(|set| {
        let word = if set { "password set" } else { "no password" };
        word.to_owned()
    }));
    let mut told = vec![(words.join(" · "), Tone::Normal)];
    if !guest.viewers.is_empty() {
        let viewers = guest.viewers.join(", ");
        told.push((format!("Viewers of this domain: {viewers}"), Tone::Info));
    }
    match ports::warning(endpoint) {
        Some(warning) => {
            let advice = warning.advice(endpoint.kind);
            told.push((format!("It {}. {advice}", warning.text()), Tone::Warn));
        }
        None => {
            let usable = uri(state, id.domain).and_then(|uri| ports::target_text(endpoint, &uri));
            told.extend(usable.map(|usable| (format!("From here: {usable}"), Tone::Dim)));
        }
    }
    told
}

fn about_finding(state: &State, page: &Ports, finding: Finding) -> Told {
    let domain = finding.domain();
    let (Some(guest), Some(found)) = (state.guest(domain), page.found(finding)) else {
        return Told::new();
    };
    let what = match finding.port(state) {
        (Some(kind), Some(port)) => format!("{} {port} of {}", kind.word(), guest.domain.name),
        _ => format!("Ports of {}", guest.domain.name),
    };
    let mut told = vec![
        (
            format!("{what}: {}.", found.summary(state)),
            tone_of(found.gravity),
        ),
        (found.advice(state).to_owned(), Tone::Normal),
    ];
    if found.gravity != Gravity::Fixed
        && let Some(uri) = uri(state, domain)
    {
        let subject = Subject {
            uuid: domain.uuid,
            uri: &uri,
        };
        told.push((ports::edit_command(subject), Tone::Info));
    }
    told
}

fn uri(state: &State, domain: DomainId) -> Option<Uri> {
    state.connection(domain.connection)?.uri().parse().ok()
}
