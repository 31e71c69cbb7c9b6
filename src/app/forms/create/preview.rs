//! What would come of the form: what speaks against it, the volumes, and the XML from the element on that the present field
//! is about.

use crate::app::{Form, Tone, Wrong};
use crate::create::{Concern, Plan};
use crate::text;

/// The lines beside the fields.
pub fn preview(form: &Form, plan: &Plan, wrong: &[Wrong]) -> Vec<(Tone, String)> {
    let mut lines = Vec::new();
    let concerns = plan.concerns.iter();
    for concern in concerns.filter(|concern| concern.refuses && !concern.text.is_empty()) {
        // A form that has just been opened is not full of reproaches.
        if !form.text("name").is_empty() {
            lines.push((Tone::Bad, sentence(&concern.text)));
        }
    }
    // What has a field is told there.
    let placed = |concern: &&Concern| super::read::field_of(form, concern.about).is_some();
    for warning in plan.concerns.iter().filter(|concern| !concern.refuses) {
        if !placed(&warning) {
            lines.push((Tone::Warn, sentence(&warning.text)));
        }
    }
    let volumes = plan
        .volumes
        .iter()
        .chain(plan.seed.iter().map(|(_, volume)| volume));
    for volume in volumes {
        let (name, pool) = (text::visible(&volume.name), text::visible(&volume.pool));
        // Volumes are named by the domain, which has no name at first.
        if !form.text("name").is_empty() {
            lines.push((Tone::Good, format!("New volume {name} in {pool}")));
        }
    }
    if !lines.is_empty() {
        lines.push((Tone::Normal, String::new()));
    }
    if !wrong.is_empty() && plan.xml.is_empty() {
        return lines;
    }
    let key = form
        .fields
        .get(form.at)
        .map_or("", |field| field.key.as_str());
    let xml = plan.install_xml.as_deref().unwrap_or(&plan.xml);
    let all: Vec<&str> = xml.lines().collect();
    let at = all.iter().position(|line| {
        let line = line.trim_start();
        elements(key)
            .iter()
            .any(|element| line.starts_with(element))
    });
    let at = at.unwrap_or(0);
    if at > 0 {
        lines.push((Tone::Dim, "…".to_owned()));
    }
    for line in &all[at..] {
        lines.push((Tone::Normal, text::visible(line).into_owned()));
    }
    lines
}

/// How the lines begin that a field is about, the first that is found.
fn elements(key: &str) -> &'static [&'static str] {
    match key {
        "os" => &["<metadata", "<os"],
        "source" | "media" | "location" | "kernel" | "initrd" | "arguments" | "firmware" => {
            &["<os"]
        }
        "memory" | "max-memory" => &["<memory"],
        "vcpus" | "max-vcpus" | "cpuset" => &["<vcpu"],
        "sockets" | "cores" | "threads" | "cpu" => &["<cpu"],
        "image" => &["<disk"],
        key if key.starts_with("disk") => &["<disk"],
        key if key.starts_with("nic") => &["<interface"],
        "display" | "listen" | "port" | "password" => &["<graphics"],
        "tpm" => &["<tpm", "<devices"],
        "serial" => &["<serial", "<devices"],
        "agent" => &["<channel", "<devices"],
        "title" => &["<title", "<name"],
        _ => &[],
    }
}

/// A concern as a sentence.
pub fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let capital = letters.next().map(|first| first.to_uppercase().to_string());
    let text = format!("{}{}", capital.unwrap_or_default(), letters.as_str());
    if text.ends_with(['.', '?', '!']) {
        text
    } else {
        format!("{text}.")
    }
}
