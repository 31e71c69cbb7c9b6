//! Ports that are open to everybody, and ports that two domains want.

use crate::app::{State, Tone};
use crate::ports;
use crate::text;

/// One thing to look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// What is wrong; made visible.
    pub words: String,
    /// What to do about it.
    pub advice: &'static str,
    /// How grave.
    pub tone: Tone,
}

/// Everything to look at, gravest first.
pub(super) fn find(state: &State) -> Vec<Trouble> {
    let several = state.connections.len() > 1;
    let mut open = Vec::new();
    let mut clashing = Vec::new();
    let mut fixed = Vec::new();
    for connection in &state.connections {
        let on = if several {
            format!(" on {}", text::visible(&connection.label))
        } else {
            String::new()
        };
        let guests: Vec<_> = state
            .table
            .by_name()
            .iter()
            .filter(|id| id.connection == connection.id)
            .filter_map(|id| state.guest(*id))
            .collect();
        for guest in &guests {
            let name = text::visible(&guest.domain.name);
            for endpoint in guest.endpoints() {
                if let Some(warning) = ports::warning(endpoint) {
                    let address = ports::written(endpoint).unwrap_or_default();
                    let kind = endpoint.kind.word();
                    open.push(Trouble {
                        words: format!("{name}{on}: {kind} {address} {}", warning.text()),
                        advice: "Let it listen on 127.0.0.1 and come through an SSH tunnel (y copies one), or set a \
                                 password.",
                        tone: Tone::Warn,
                    });
                }
            }
            let definition = guest.domain.definition.as_deref();
            for port in definition.iter().flat_map(|d| &d.fixed_ports) {
                if !guest.domain.state.is_active() {
                    let host = port.host.as_deref().unwrap_or("the default address");
                    fixed.push(Trouble {
                        words: format!(
                            "{name}{on}: will want {} port {} on {}",
                            port.kind.word(),
                            port.port,
                            text::visible(host)
                        ),
                        advice: "",
                        tone: Tone::Dim,
                    });
                }
            }
        }
        let owned = guests.iter().map(|guest| {
            let ports = guest
                .domain
                .definition
                .as_deref()
                .map_or(&[][..], |definition| &definition.fixed_ports);
            (guest.domain.name.clone(), ports)
        });
        for clash in ports::clashes(owned) {
            let owners: Vec<_> = clash
                .owners
                .iter()
                .map(|name| text::visible(name))
                .collect();
            let words = match owners.as_slice() {
                [one] => format!("Port {}{on} is fixed twice by {one}", clash.port),
                several => format!(
                    "Port {}{on} is fixed by {}: only one of them can run at a time",
                    clash.port,
                    several.join(", ")
                ),
            };
            clashing.push(Trouble {
                words,
                advice: "Give one of them another port, or autoport='yes'.",
                tone: Tone::Bad,
            });
        }
    }
    clashing.into_iter().chain(open).chain(fixed).collect()
}
