//! The networks of a host: a tree of networks, links or filters, and below it what there is to know of the selected line.

use ratatui::layout::Rect;

use super::tabs;
use super::{Painter, centred};
use crate::app::{Mapped, NetClient, NetItem, NetLine, NetTab, Networks, State, Target, Tone};
use crate::model::Network;
use crate::text;

/// Columns of the words on the left of the facts.
const LABEL: u16 = 11;
/// Blanks between two columns.
const GAP: u16 = 2;

/// Draws the page.
pub fn render(state: &State, page: &Networks, area: Rect, painter: &mut Painter<'_>) {
    let bar = Rect { height: 1, ..area };
    let labels = NetTab::ALL.map(|tab| (tab.label(), Tone::Normal));
    let at = NetTab::ALL.iter().position(|tab| *tab == page.tab);
    tabs::render(&labels, at.unwrap_or(0), bar, painter);
    if let Some(connection) = state.connection(page.connection)
        && state.connections.len() > 1
    {
        let words = text::visible(&connection.label).into_owned();
        painter.right(
            bar.x,
            bar.y,
            bar.width.saturating_sub(1),
            &words,
            painter.theme.dim,
        );
    }
    let mut body = Rect {
        y: area.y.saturating_add(1),
        height: area.height.saturating_sub(1),
        ..area
    };
    if let Some(words) = page.waiting(state) {
        let room = area.width.saturating_sub(2);
        painter.text(body.x + 1, body.y, room, &words, painter.theme.warn);
        body.y += 1;
        body.height = body.height.saturating_sub(1);
    }
    let Some(read) = page.read() else {
        let lines = match page.failure() {
            Some(failure) => vec![
                "The networks cannot be read.".to_owned(),
                failure.reason.clone(),
            ],
            None => vec!["Reading the networks …".to_owned()],
        };
        return centred(&lines, body, painter);
    };
    if page.list().rows().is_empty() {
        return centred(&nothing(page, read), body, painter);
    }
    let height = u16::try_from(page.list_lines(state)).unwrap_or(u16::MAX);
    let list = Rect {
        height: height.saturating_add(1).min(body.height),
        ..body
    };
    draw_list(state, page, list, painter);
    let below = Rect {
        y: list.bottom(),
        height: body.bottom().saturating_sub(list.bottom()),
        ..body
    };
    if !below.is_empty() {
        draw_told(state, page, below, painter);
    }
}

fn nothing(page: &Networks, read: &crate::model::HostNetworks) -> Vec<String> {
    if !page.filter().is_empty() {
        return vec![
            format!("Nothing here holds '{}'.", page.filter()),
            "Esc shows all.".to_owned(),
        ];
    }
    let (none, why) = match page.tab {
        NetTab::Networks => ("No virtual networks.", &read.networks_error),
        NetTab::Bridges => ("No links are known.", &read.links_error),
        NetTab::Filters => ("No network filters.", &read.filters_error),
    };
    let mut lines = vec![none.to_owned()];
    lines.extend(why.clone());
    lines
}

/// Widths of the columns behind the name, for the sections: heading, width, on the right.
type Column = (&'static str, u16, bool);

const NETWORKS: &[Column] = &[
    ("State", 8, false),
    ("Auto", 4, false),
    ("Mode", 8, false),
    ("Bridge", 10, false),
    ("Subnet", 18, false),
    ("NICs", 4, true),
    ("DHCP range", 31, false),
];
const LINKS: &[Column] = &[
    ("State", 10, false),
    ("Speed", 10, true),
    ("Drops", 5, true),
    ("Address", 18, false),
    ("MAC", 17, false),
];
const FILTERS: &[Column] = &[
    ("Chain", 10, false),
    ("Rules", 5, true),
    ("At work", 7, true),
];

fn columns(tab: NetTab) -> &'static [Column] {
    match tab {
        NetTab::Networks => NETWORKS,
        NetTab::Bridges => LINKS,
        NetTab::Filters => FILTERS,
    }
}

/// The place of the name and of each column that there is room for.
fn places(tab: NetTab, area: Rect) -> (Rect, Vec<Rect>) {
    let columns = columns(tab);
    let free = area.width.saturating_sub(2);
    let mut shown = columns.len();
    let wide = |shown: usize| -> u16 { columns.iter().take(shown).map(|c| c.1 + GAP).sum() };
    while shown > 0 && free.saturating_sub(wide(shown)) < 16 {
        shown -= 1;
    }
    let name = free.saturating_sub(wide(shown)).min(40);
    let mut x = area.x.saturating_add(1 + name + GAP);
    let mut found = Vec::new();
    for (at, column) in columns.iter().take(shown).enumerate() {
        // The last takes what is left.
        let last = at + 1 == shown && !column.2;
        let width = if last {
            area.right().saturating_sub(x)
        } else {
            column.1
        };
        found.push(Rect { x, width, ..area });
        x = x.saturating_add(column.1 + GAP);
    }
    let name = Rect {
        x: area.x.saturating_add(1),
        width: name,
        ..area
    };
    (name, found)
}

fn draw_list(state: &State, page: &Networks, area: Rect, painter: &mut Painter<'_>) {
    let head = Rect { height: 1, ..area };
    let (name, places) = places(page.tab, head);
    let dim = painter.theme.dim;
    painter.text(name.x, head.y, name.width, "Name", dim);
    for (place, column) in places.iter().zip(columns(page.tab)) {
        put(*place, head.y, column.0, dim, column.2, painter);
    }
    let live = state
        .connection(page.connection)
        .is_some_and(crate::app::Connection::is_live);
    let rows = page
        .list()
        .visible(usize::from(area.height.saturating_sub(1)));
    let top = page.list().top();
    for ((y, row), index) in (area.y + 1..area.bottom()).zip(rows).zip(top..) {
        let Some(line) = page.line(*row) else {
            continue;
        };
        let at = Rect {
            y,
            height: 1,
            ..area
        };
        draw_line(state, line, at, name, &places, page.tab, painter);
        if !live {
            painter.restyle(at, painter.theme.stale);
        }
        if page.list().selected() == Some(*row) {
            painter.restyle(at, painter.theme.selected);
            let mark = painter.theme.selected.patch(painter.theme.accent);
            painter.text(at.x, y, 1, "▌", mark);
        }
        painter.hit(at, Target::Choice(index));
    }
}

fn put(
    place: Rect,
    y: u16,
    words: &str,
    style: ratatui::style::Style,
    right: bool,
    painter: &mut Painter<'_>,
) {
    if right {
        painter.right(place.x, y, place.width, words, style);
    } else {
        painter.text(place.x, y, place.width, words, style);
    }
}

fn draw_line(
    state: &State,
    line: &NetLine,
    at: Rect,
    name: Rect,
    places: &[Rect],
    tab: NetTab,
    painter: &mut Painter<'_>,
) {
    let mark = match (line.folded, line.depth) {
        (Some(true), _) => "▸ ",
        (Some(false), _) => "▾ ",
        (None, 0) => "  ",
        (None, _) => "└ ",
    };
    let indent = line.depth * 2;
    let x = name.x + indent;
    painter.text(x, at.y, 2, mark, painter.theme.dim);
    let room = name.width.saturating_sub(indent + 2);
    let (words, tone) = name_of(line);
    let style = painter.tone(tone);
    painter.text(x + 2, at.y, room, &words, style);
    if let NetItem::Client(client) = &line.item {
        return draw_client(state, client, at, name, painter);
    }
    if let NetItem::Name(host) = &line.item {
        // Where the addresses of the others stand.
        let x = name.right() + GAP;
        painter.text(x, at.y, 17, "DNS name", painter.theme.dim);
        let x = x + 17 + GAP;
        let room = at.right().saturating_sub(x);
        painter.text(x, at.y, room, &host.address, painter.theme.text);
        return;
    }
    if let NetItem::Range(..) = &line.item {
        let x = name.right() + GAP;
        let room = at.right().saturating_sub(x);
        painter.text(x, at.y, room, "given out by DHCP", painter.theme.dim);
        return;
    }
    for (place, (words, tone)) in places.iter().zip(cells(line)) {
        let right = columns(tab)
            .iter()
            .zip(places)
            .find(|(_, one)| *one == place)
            .is_some_and(|(column, _)| column.2);
        let style = painter.tone(tone);
        put(*place, at.y, &words, style, right, painter);
    }
}

fn name_of(line: &NetLine) -> (String, Tone) {
    match &line.item {
        NetItem::Network(network, _) => {
            let tone = if network.active {
                Tone::Strong
            } else {
                Tone::Dim
            };
            (network.name.clone(), tone)
        }
        NetItem::Client(client) => {
            let tone = match (client.running, client.domain) {
                (false, Some(_)) => Tone::Dim,
                _ => Tone::Normal,
            };
            let name = client.name.as_deref().or(client.hostname());
            (name.unwrap_or("–").to_owned(), tone)
        }
        NetItem::Name(host) => (host.names.join(" "), Tone::Dim),
        NetItem::Range(first, last) => (format!("{first} – {last}"), Tone::Dim),
        NetItem::Link(mapped) => {
            let mut words = mapped.link.name.clone();
            if let Some(name) = mapped
                .client
                .as_ref()
                .and_then(|client| client.name.as_ref())
            {
                words.push_str(&format!(" → {name}"));
            } else if let Some(network) = &mapped.network {
                words.push_str(&format!("  network {network}"));
            }
            if mapped.carries_ssh {
                words.push_str("  (your SSH)");
            }
            let tone = match (line.depth, mapped.link.enabled) {
                _ if mapped.carries_ssh => Tone::Warn,
                (_, Some(false)) => Tone::Dim,
                (0, _) => Tone::Strong,
                _ => Tone::Normal,
            };
            (words, tone)
        }
        NetItem::Filter(filter) => (filter.name.clone(), Tone::Normal),
        NetItem::Binding(binding, client) => {
            let name = client.as_ref().and_then(|client| client.name.as_deref());
            match name {
                Some(name) => (format!("{} → {name}", binding.port), Tone::Normal),
                None => (binding.port.clone(), Tone::Normal),
            }
        }
    }
}

fn cells(line: &NetLine) -> Vec<(String, Tone)> {
    match &line.item {
        NetItem::Network(network, running) => network_cells(network, *running),
        NetItem::Link(mapped) => link_cells(mapped),
        NetItem::Filter(filter) => vec![
            (dash(filter.chain.clone()), Tone::Dim),
            (filter.rules.to_string(), Tone::Normal),
        ],
        NetItem::Client(_) | NetItem::Name(_) | NetItem::Range(..) | NetItem::Binding(..) => {
            Vec::new()
        }
    }
}

fn dash(words: Option<String>) -> String {
    words.unwrap_or_else(|| "–".to_owned())
}

fn network_cells(network: &Network, running: usize) -> Vec<(String, Tone)> {
    let definition = &network.definition;
    let state = match (network.active, network.error.is_some()) {
        (_, true) => ("broken", Tone::Bad),
        (true, _) => ("active", Tone::Good),
        (false, _) => ("inactive", Tone::Dim),
    };
    let auto = match network.autostart {
        Some(true) => ("yes", Tone::Normal),
        Some(false) => ("no", Tone::Dim),
        None => ("–", Tone::Dim),
    };
    let subnets: Vec<String> = definition
        .subnets
        .iter()
        .map(|subnet| subnet.cidr())
        .collect();
    let subnets = if subnets.is_empty() {
        "–".to_owned()
    } else {
        subnets.join(" ")
    };
    let ranges: Vec<String> = definition
        .subnets
        .iter()
        .flat_map(|subnet| &subnet.ranges)
        .map(|(first, last)| format!("{first} – {last}"))
        .collect();
    let ranges = match ranges.is_empty() {
        true => "–".to_owned(),
        false => ranges.join(", "),
    };
    vec![
        (state.0.to_owned(), state.1),
        (auto.0.to_owned(), auto.1),
        (network.mode().to_owned(), Tone::Normal),
        (dash(definition.bridge.clone()), Tone::Normal),
        (subnets, Tone::Normal),
        (running.to_string(), Tone::Normal),
        (ranges, Tone::Normal),
    ]
}

fn link_cells(mapped: &Mapped) -> Vec<(String, Tone)> {
    let link = &mapped.link;
    let state = match (link.enabled, link.carrier, link.port_state.as_deref()) {
        (Some(false), ..) => ("off".to_owned(), Tone::Dim),
        (_, Some(false), _) => ("no carrier".to_owned(), Tone::Warn),
        (_, _, Some("forwarding")) => ("forwards".to_owned(), Tone::Good),
        (_, _, Some(other)) => (other.to_owned(), Tone::Warn),
        (_, Some(true), None) => ("up".to_owned(), Tone::Good),
        (Some(true), None, None) => ("on".to_owned(), Tone::Normal),
        (None, None, None) => ("–".to_owned(), Tone::Dim),
    };
    let drops = link
        .counters
        .map(|counters| counters.rx_dropped + counters.tx_dropped);
    let drops_tone = if drops.is_some_and(|drops| drops > 0) {
        Tone::Warn
    } else {
        Tone::Dim
    };
    let client = mapped.client.as_ref();
    let own = link
        .addresses
        .iter()
        .find(|one| one.global)
        .map(|one| format!("{}/{}", one.address, one.prefix));
    let guest = client
        .and_then(NetClient::address)
        .map(|address| address.to_string());
    // The guest's, not that of the tap, which differs in its first byte.
    let mac = client
        .and_then(|client| client.mac.clone())
        .or_else(|| link.mac.clone());
    let drops = drops.map(short);
    vec![
        state,
        (
            dash(link.speed_mbps.map(crate::app::link_speed)),
            Tone::Normal,
        ),
        (dash(drops), drops_tone),
        (dash(guest.or(own)), Tone::Normal),
        (dash(mac), Tone::Dim),
    ]
}

/// A count in few columns, whole while it is small.
fn short(count: u64) -> String {
    #[allow(clippy::cast_precision_loss, reason = "three digits are shown")]
    match count {
        0..=9999 => count.to_string(),
        _ => text::count(count as f64),
    }
}

/// Somebody on a network: hardware address, address, and what holds it there.
fn draw_client(
    state: &State,
    client: &NetClient,
    area: Rect,
    name: Rect,
    painter: &mut Painter<'_>,
) {
    let mut x = name.right() + GAP;
    let room = |x: u16| area.right().saturating_sub(x);
    let mac = dash(client.mac.clone());
    painter.text(x, area.y, room(x).min(17), &mac, painter.theme.dim);
    x += 17 + GAP;
    let address = dash(client.address().map(|address| address.to_string()));
    let wide = u16::try_from(text::width(&address)).unwrap_or(15).max(15);
    painter.text(x, area.y, room(x).min(wide), &address, painter.theme.text);
    x += wide + GAP;
    let (words, tone) = holds(state, client);
    let style = painter.tone(tone);
    painter.text(x, area.y, room(x), &words, style);
}

/// Why a client has its address.
fn holds(state: &State, client: &NetClient) -> (String, Tone) {
    let mut words: Vec<String> = Vec::new();
    if client.reserved.is_some() {
        words.push("reserved".to_owned());
    }
    let mut tone = Tone::Normal;
    match (client.leases.first(), client.expires()) {
        (Some(_), Some(at)) => match at.duration_since(state.now.wall) {
            Ok(left) => words.push(format!("lease {}", text::duration_short(left))),
            Err(_) => words.push("lease ended".to_owned()),
        },
        (Some(_), None) => words.push("lease".to_owned()),
        (None, _) if client.domain.is_some() && !client.running => {
            words.push("off".to_owned());
            tone = Tone::Dim;
        }
        (None, _) if client.domain.is_some() && client.dhcp => {
            words.push("no lease".to_owned());
            tone = Tone::Dim;
        }
        (None, _) => {}
    }
    if client.domain.is_none() && !client.leases.is_empty() {
        words.push("no domain here".to_owned());
        tone = Tone::Dim;
    }
    (words.join(", "), tone)
}

fn draw_told(state: &State, page: &Networks, area: Rect, painter: &mut Painter<'_>) {
    let rule = "─".repeat(usize::from(area.width));
    painter.text(area.x, area.y, area.width, &rule, painter.theme.dim);
    let title = format!(" {} ", text::visible(&page.told_title()));
    painter.text(
        area.x + 2,
        area.y,
        area.width.saturating_sub(4),
        &title,
        painter.theme.title,
    );
    let mut y = area.y + 1;
    for (label, words, tone) in page.told(state) {
        if y >= area.bottom() {
            break;
        }
        painter.text(area.x + 1, y, LABEL, label, painter.theme.dim);
        let room = area.width.saturating_sub(LABEL + 2);
        let style = painter.tone(tone);
        // What should be read to its end gets the lines that it needs.
        let lines = match tone {
            Tone::Warn | Tone::Bad | Tone::Dim => text::wrap(&words, room.into()),
            _ => vec![words],
        };
        for words in lines {
            if y < area.bottom() {
                painter.text(area.x + 1 + LABEL, y, room, &words, style);
            }
            y += 1;
        }
    }
}
