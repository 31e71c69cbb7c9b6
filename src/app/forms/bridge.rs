//! Changing the bridges of a host: what would be done stands beside the fields, and is taken back unless it is kept in time.

use std::net::IpAddr;

use crate::action::{Action, Context};
use crate::app::pages::networks::deeds;
use crate::app::{
    Connection, Effect, Field, FieldOption, Form, FormUse, Layer, Menu, MenuEntry, Purpose, State,
    Submitted, Tone, Wrong,
};
use crate::model::{ConnectionId, DomainId, HostNetworks, Link, LinksFrom, Uuid};
use crate::network::{BridgePlan, BridgeWish, bad_link_name, bridge_plan};
use crate::protocol::Verb;
use crate::text::{shell_quote, visible};

/// What is wanted, as far as it is known before anything is typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BridgeForm {
    /// A new bridge, over this link where one was selected.
    Make(ConnectionId, Option<String>),
    /// This link into a bridge.
    Add(ConnectionId, String),
    /// Of a bridge, this link out of it.
    TakeOut(ConnectionId, String, String),
    /// This bridge away.
    Remove(ConnectionId, String),
}

impl BridgeForm {
    fn host(&self) -> ConnectionId {
        match self {
            Self::Make(host, _)
            | Self::Add(host, _)
            | Self::TakeOut(host, ..)
            | Self::Remove(host, _) => *host,
        }
    }
}

/// The word for no device.
const NONE: &str = "";

/// Opens the form; the page of networks knows the host.
pub fn open(state: &mut State, wanted: BridgeForm, all: &HostNetworks) {
    let free = |link: &&Link| {
        link.name != "lo" && link.master.is_none() && !link.is_bridge() && !link.is_tap()
    };
    let (title, accept, fields) = match &wanted {
        BridgeForm::Make(_, link) => {
            let mut devices = vec![FieldOption::new(NONE, "none")];
            devices.extend(all.links.iter().filter(free).map(|link| {
                let own: Vec<String> = link
                    .addresses
                    .iter()
                    .filter(|one| one.global)
                    .map(|one| one.address.to_string())
                    .collect();
                FieldOption::new(&link.name, &format!("{} {}", link.name, own.join(" ")))
            }));
            let name = (0..100)
                .map(|number| format!("br{number}"))
                .find(|name| all.links.iter().all(|link| link.name != *name))
                .unwrap_or_default();
            let chosen = link.as_deref().unwrap_or(NONE);
            let fields = vec![
                Field::text("bridge", "Name", &name)
                    .help("At most 15 letters, digits, - _ and dots."),
                Field::choice("member", "Over", devices, chosen)
                    .help("Its addresses and the routes through it move onto the bridge."),
                Field::check("stp", "Spanning tree (STP)", false)
                    .help("Only where several bridges could make a loop."),
                Field::number("delay", "Forward delay", Some(0), "s", 0..=30)
                    .help("How long a new member waits before it forwards; with STP 2 s at least."),
            ];
            ("New bridge".to_owned(), "Make", fields)
        }
        BridgeForm::Add(_, member) => {
            let bridges = all.links.iter().filter(|link| link.is_bridge());
            let options: Vec<FieldOption> =
                bridges.map(|link| FieldOption::plain(&link.name)).collect();
            let fields = vec![Field::choice("bridge", "Bridge", options, "")];
            let title = format!("Put {} into a bridge", visible(member));
            (title, "Put in", fields)
        }
        BridgeForm::TakeOut(_, bridge, member) => {
            let (bridge, member) = (visible(bridge), visible(member));
            (
                format!("Take {member} out of {bridge}"),
                "Take out",
                Vec::new(),
            )
        }
        BridgeForm::Remove(_, bridge) => (
            format!("Take bridge {} away", visible(bridge)),
            "Take away",
            Vec::new(),
        ),
    };
    let is_here = all.links_from == LinksFrom::Kernel;
    let accept = if is_here { accept } else { "Copy" };
    let mut form = Form::new(FormUse::Bridge(wanted), title, accept, fields);
    form.lead = match all.links_from {
        LinksFrom::Kernel => vec![(
            Tone::Normal,
            "Done at once, and taken back after 60 s unless you keep it (K).".to_owned(),
        )],
        LinksFrom::Ssh | LinksFrom::Libvirt => vec![(
            Tone::Warn,
            "Shown only: virtty changes bridges of the machine that it runs on. Enter copies the commands."
                .to_owned(),
        )],
    };
    let key = state.keymap.hint(&[Context::Form], Action::ReadPreview);
    if all.links_from == LinksFrom::Libvirt {
        form.lead.push((
            Tone::Warn,
            "Addresses and routes that libvirt does not tell are missing in it.".to_owned(),
        ));
    }
    form.lead.extend(key.map(|key| {
        let words = format!("{key} shows commands and files in full, to read and to copy.");
        (Tone::Dim, words)
    }));
    form.open(state);
}

fn wish(form: &Form, wanted: &BridgeForm) -> BridgeWish {
    match wanted {
        BridgeForm::Make(..) => BridgeWish::Make {
            bridge: form.text("bridge").to_owned(),
            member: Some(form.text("member").to_owned()).filter(|name| name != NONE),
            stp: form.checked("stp"),
            delay_seconds: form
                .amount("delay")
                .and_then(|delay| u32::try_from(delay).ok())
                .unwrap_or(0),
        },
        BridgeForm::Add(_, member) => BridgeWish::Add {
            bridge: form.text("bridge").to_owned(),
            member: member.clone(),
        },
        BridgeForm::TakeOut(_, bridge, member) => BridgeWish::TakeOut {
            bridge: bridge.clone(),
            member: member.clone(),
        },
        BridgeForm::Remove(_, bridge) => BridgeWish::Remove {
            bridge: bridge.clone(),
        },
    }
}

fn planned(
    state: &State,
    form: &Form,
    wanted: &BridgeForm,
) -> Option<(Result<BridgePlan, String>, LinksFrom)> {
    let all = state.networks_of(wanted.host())?;
    let ssh: Option<IpAddr> = state.ssh_address(wanted.host());
    let plan = bridge_plan(&wish(form, wanted), all, &all.files, ssh);
    Some((plan, all.links_from))
}

/// Writes what would be done.
pub fn changed(state: &State, form: &mut Form, wanted: &BridgeForm) {
    form.preview.clear();
    form.hold = None;
    let Some((plan, from)) = planned(state, form, wanted) else {
        form.hold = Some("The links of the host are not known any more.".to_owned());
        return;
    };
    match plan {
        Err(why) => {
            let upper: String = sentence(&why);
            form.preview.push((Tone::Bad, upper.clone()));
            form.hold = Some(upper);
        }
        Ok(plan) => {
            form.preview = preview(&plan);
        }
    }
    let elsewhere = state
        .connection(wanted.host())
        .filter(|_| from != LinksFrom::Kernel);
    form.command = command(&wish(form, wanted), elsewhere.map(Connection::uri));
}

/// A reason as a sentence.
fn sentence(why: &str) -> String {
    let mut chars = why.chars();
    let first = chars.next().map(|c| c.to_uppercase().to_string());
    format!("{}{}.", first.unwrap_or_default(), chars.as_str())
}

/// virtty's own command that does the same, or shows it for the host that is named.
fn command(wish: &BridgeWish, elsewhere: Option<&str>) -> Option<String> {
    let words: Vec<String> = match wish {
        BridgeWish::Make {
            bridge,
            member,
            stp,
            delay_seconds,
        } => {
            let mut words = vec![
                "iface-bridge".to_owned(),
                member.clone().unwrap_or_else(|| "none".to_owned()),
                bridge.clone(),
                "--delay".to_owned(),
                delay_seconds.to_string(),
            ];
            if !stp {
                words.push("--no-stp".to_owned());
            }
            words
        }
        BridgeWish::Remove { bridge } => vec!["iface-unbridge".to_owned(), bridge.clone()],
        BridgeWish::Add { bridge, member } => {
            vec!["iface-attach".to_owned(), member.clone(), bridge.clone()]
        }
        BridgeWish::TakeOut { bridge, member } => {
            vec!["iface-detach".to_owned(), member.clone(), bridge.clone()]
        }
    };
    let words: Vec<_> = words.iter().map(|word| shell_quote(word)).collect();
    let words = words.join(" ");
    Some(match elsewhere {
        Some(uri) => format!("virtty -c {} {words}", shell_quote(uri)),
        None => format!("virtty {words} --apply"),
    })
}

fn preview(plan: &BridgePlan) -> Vec<(Tone, String)> {
    let mut lines: Vec<(Tone, String)> = Vec::new();
    let remarks = plan.remarks.iter();
    lines.extend(remarks.map(|remark| (Tone::Warn, remark.clone())));
    let head = |words: &str| (Tone::Strong, words.to_owned());
    let written = |command: &Vec<String>| {
        let words: Vec<_> = command.iter().map(|word| shell_quote(word)).collect();
        (Tone::Normal, words.join(" "))
    };
    lines.push(head("Now"));
    lines.extend(plan.commands.iter().map(written));
    lines.push(head("To take it back"));
    lines.extend(
        plan.back
            .iter()
            .map(|command| (Tone::Dim, written(command).1)),
    );
    let next = &plan.next_start;
    lines.push(head("For the next start of the host"));
    lines.extend(next.note.iter().map(|note| (Tone::Warn, note.clone())));
    if let Some(file) = &next.file {
        lines.push((
            Tone::Info,
            format!("{} is written when it is kept:", file.path),
        ));
        lines.extend(
            file.after
                .lines()
                .map(|line| (Tone::Normal, line.to_owned())),
        );
    }
    for (what, text) in &next.by_hand {
        lines.push((Tone::Info, format!("{what}:")));
        lines.extend(text.lines().map(|line| (Tone::Normal, line.to_owned())));
    }
    lines
}

/// The commands as a script, with what the host's own files must say.
fn script(plan: &BridgePlan) -> String {
    let mut text = String::new();
    for command in &plan.commands {
        let words: Vec<_> = command.iter().map(|word| shell_quote(word)).collect();
        text.push_str(&format!("{}\n", words.join(" ")));
    }
    for (what, more) in &plan.next_start.by_hand {
        text.push_str(&format!("# {what}:\n{more}"));
    }
    text
}

/// Offers what virtty does not write itself, to be copied once the form is gone.
fn offer_by_hand(state: &mut State, plan: &BridgePlan) {
    let texts = plan.next_start.by_hand.iter();
    let entries: Vec<MenuEntry> = texts
        .map(|(what, text)| MenuEntry {
            label: what.clone(),
            text: text.clone(),
        })
        .collect();
    if !entries.is_empty() {
        state.layers.push(Layer::Menu(Menu {
            title: format!("Copy what {} must be told", plan.next_start.keeper),
            entries,
            chosen: 0,
        }));
    }
}

/// Sends it; the form was the question.
pub fn submit(
    state: &mut State,
    form: &Form,
    wanted: &BridgeForm,
    effects: &mut Vec<Effect>,
) -> Submitted {
    let host = wanted.host();
    if let Some(why) = deeds::refusal(state, host, Action::TakeOutOfBridge) {
        return Submitted::Refused(vec![Wrong::whole(why)]);
    }
    let wish = wish(form, wanted);
    if let BridgeWish::Make { bridge, .. } = &wish
        && let Some(why) = bad_link_name(bridge)
    {
        return Submitted::Refused(vec![Wrong::at("bridge", sentence(why))]);
    }
    let plan = match planned(state, form, wanted) {
        Some((Ok(plan), LinksFrom::Kernel)) => plan,
        Some((Ok(plan), LinksFrom::Ssh | LinksFrom::Libvirt)) => {
            let text = script(&plan);
            state.copying = Some(text.clone());
            effects.push(Effect::Copy(text));
            return Submitted::Done;
        }
        Some((Err(why), _)) => return Submitted::Refused(vec![Wrong::whole(sentence(&why))]),
        _ => return Submitted::Refused(vec![Wrong::whole("It cannot be done from here.")]),
    };
    let target = DomainId {
        connection: host,
        uuid: Uuid([0; 16]),
    };
    offer_by_hand(state, &plan);
    let title = plan.title.clone();
    let line = command(&wish, None);
    let verb = Verb::ApplyBridge(Box::new(plan));
    let job = state.ask(target, Purpose::Act(Action::TakeOutOfBridge), verb, effects);
    state.jobs.name(job, title.clone());
    deeds::record(state, job, host, &title, line.unwrap_or_default());
    Submitted::Waiting(job)
}
