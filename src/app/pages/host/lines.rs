//! The lines of the sections that are lists of words.

use roxmltree::{Document, Node};

use super::{Host, HostTab};
use crate::app::Tone;
use crate::hostfacts::{MachineType, OWN_FILES, fact_words};

/// A line of words: a label, a value, and what it means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostLine {
    /// What it is about; untrusted.
    pub label: String,
    /// What there is to say; untrusted.
    pub value: String,
    /// Its meaning.
    pub tone: Tone,
}

fn line(label: impl Into<String>, value: impl Into<String>) -> HostLine {
    HostLine {
        label: label.into(),
        value: value.into(),
        tone: Tone::Normal,
    }
}

impl Host {
    /// How many rows the section has.
    pub(super) fn rows(&self) -> usize {
        match self.tab {
            HostTab::Checks => self.report().map_or(0, |report| report.checks.len()),
            HostTab::Map => self.map_rows().len(),
            HostTab::Domains => self.guests().len(),
            HostTab::Tuning => self.knobs().len(),
            HostTab::Facts | HostTab::Capabilities => self.lines().len(),
        }
    }

    /// The lines of a section of words.
    #[must_use]
    pub fn lines(&self) -> Vec<HostLine> {
        let Some(report) = self.report() else {
            return Vec::new();
        };
        match self.tab {
            HostTab::Facts => fact_words(&report.facts)
                .into_iter()
                .map(|(label, value)| HostLine {
                    tone: if label == OWN_FILES {
                        Tone::Warn
                    } else {
                        Tone::Normal
                    },
                    label,
                    value,
                })
                .collect(),
            HostTab::Capabilities => {
                let words: Vec<_> = self
                    .filter()
                    .to_lowercase()
                    .split_whitespace()
                    .map(str::to_owned)
                    .collect();
                let xml = report.domain_capabilities.as_deref();
                let mut lines = xml.map(capabilities).unwrap_or_default();
                lines.extend(report.machines.iter().map(machine));
                lines.retain(|line| {
                    let text = format!("{} {}", line.label, line.value).to_lowercase();
                    words.iter().all(|word| text.contains(word))
                });
                lines
            }
            _ => Vec::new(),
        }
    }
}

/// What guests of this host may have.
fn capabilities(xml: &str) -> Vec<HostLine> {
    let Ok(document) = Document::parse(xml) else {
        return Vec::new();
    };
    let root = document.root_element();
    let mut lines = Vec::new();
    for node in root.children().filter(Node::is_element) {
        match node.tag_name().name() {
            name @ ("machine" | "arch" | "domain" | "path") => {
                lines.push(line(name, node.text().unwrap_or_default()));
            }
            "vcpu" => lines.push(line(
                "vCPUs at most",
                node.attribute("max").unwrap_or_default(),
            )),
            "cpu" => models(node, &mut lines),
            name => enums(name, node, &mut lines),
        }
    }
    lines
}

fn machine(machine: &MachineType) -> HostLine {
    let mut words = Vec::new();
    words.extend(
        machine
            .canonical
            .as_ref()
            .map(|name| format!("short for {name}")),
    );
    words.extend(
        machine
            .most_vcpus
            .map(|most| format!("at most {most} vCPUs")),
    );
    if machine.deprecated {
        words.push("deprecated".to_owned());
    }
    HostLine {
        tone: if machine.deprecated {
            Tone::Warn
        } else {
            Tone::Normal
        },
        ..line(
            format!("machine {}", machine.name),
            format!("{} {}", machine.arch, words.join(", ")),
        )
    }
}

fn models(cpu: Node<'_, '_>, lines: &mut Vec<HostLine>) {
    for mode in cpu.children().filter(|node| node.has_tag_name("mode")) {
        let name = mode.attribute("name").unwrap_or_default();
        let supported = mode.attribute("supported") == Some("yes");
        lines.push(HostLine {
            label: format!("CPU mode {name}"),
            value: if supported {
                "usable"
            } else {
                "not on this host"
            }
            .to_owned(),
            tone: if supported { Tone::Good } else { Tone::Dim },
        });
        for model in mode.children().filter(|node| node.has_tag_name("model")) {
            let Some(usable) = model.attribute("usable") else {
                continue;
            };
            let name = model.text().unwrap_or_default();
            let missing = mode
                .children()
                .find(|node| node.has_tag_name("blockers") && node.attribute("model") == Some(name))
                .map(|blockers| {
                    let features = blockers
                        .children()
                        .filter_map(|feature| feature.attribute("name"));
                    features.collect::<Vec<_>>().join(" ")
                });
            lines.push(HostLine {
                label: format!("CPU model {name}"),
                value: match (usable, missing) {
                    ("yes", _) => "usable".to_owned(),
                    ("no", Some(features)) => format!("the CPU lacks {features}"),
                    ("no", None) => "not usable on this CPU".to_owned(),
                    _ => "not known whether it is usable".to_owned(),
                },
                tone: if usable == "yes" {
                    Tone::Good
                } else {
                    Tone::Dim
                },
            });
        }
    }
}

fn enums(name: &str, node: Node<'_, '_>, lines: &mut Vec<HostLine>) {
    let mut label = name.to_owned();
    if let Some(parent) = node
        .parent()
        .filter(|parent| parent.has_tag_name("devices"))
    {
        label = format!("{} {name}", parent.tag_name().name());
    }
    if node.attribute("supported") == Some("no") {
        lines.push(HostLine {
            label: label.clone(),
            value: "not supported".to_owned(),
            tone: Tone::Dim,
        });
    }
    for child in node.children().filter(Node::is_element) {
        match child.tag_name().name() {
            "enum" => {
                let values: Vec<_> = child
                    .children()
                    .filter_map(|value| value.text())
                    .map(str::trim)
                    .filter(|v| !v.is_empty())
                    .collect();
                if !values.is_empty() {
                    lines.push(line(
                        format!("{label} {}", child.attribute("name").unwrap_or_default()),
                        values.join(" "),
                    ));
                }
            }
            "value" => lines.push(line(
                format!("{label} file"),
                child.text().unwrap_or_default(),
            )),
            inner => enums(inner, child, lines),
        }
    }
}
