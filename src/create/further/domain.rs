//! Options about a part of the domain that is no device, such as `--features` and `--cputune`.

use super::{Extra, Makes, Places, Setting, Step};
use crate::create::suboptions::{Invalid, Suboptions};
use crate::text::visible;
use crate::xml::Element;

/// An option about an element of the domain.
pub struct Section {
    /// As it is written.
    pub option: &'static str,
    /// The way to the element.
    base: &'static [&'static str],
    /// What the first word without a name stands for.
    first: Option<&'static str>,
    /// Shorter words, and the places they stand for.
    short: &'static [(&'static str, &'static str)],
}

const fn new(
    option: &'static str,
    base: &'static [&'static str],
    first: Option<&'static str>,
    short: &'static [(&'static str, &'static str)],
) -> Section {
    Section {
        option,
        base,
        first,
        short,
    }
}

/// All of them.
pub const SECTIONS: &[Section] = &[
    new(
        "--memorybacking",
        &["memoryBacking"],
        None,
        &[
            ("source_type", "source.type"),
            ("size", "hugepages.page.size"),
        ],
    ),
    new("--memtune", &["memtune"], Some("hard_limit"), &[]),
    new(
        "--numatune",
        &["numatune"],
        Some("memory.nodeset"),
        &[("mode", "memory.mode"), ("nodeset", "memory.nodeset")],
    ),
    new(
        "--blkiotune",
        &["blkiotune"],
        Some("weight"),
        &[
            ("device_path", "device.path"),
            ("device_weight", "device.weight"),
        ],
    ),
    new("--cputune", &["cputune"], None, &[]),
    new("--iothreads", &[], Some("iothreads"), &[]),
    new("--events", &[], None, &[]),
    new("--resource", &["resource"], None, &[]),
    new("--features", &["features"], None, &[]),
    new("--clock", &["clock"], Some("offset"), &[]),
    new("--pm", &["pm"], None, &[]),
    new("--security", &["seclabel"], None, &[]),
    new("--sysinfo", &["sysinfo"], Some("type"), &[]),
    new("--launchSecurity", &["launchSecurity"], Some("type"), &[]),
    new("--keywrap", &["keywrap"], None, &[]),
];

/// What an option of [`SECTIONS`] says.
///
/// # Errors
/// What is wrong, with the nearest word that is known.
pub fn section(section: &Section, text: &str) -> Result<Extra, Invalid> {
    let mut words = Suboptions::read(section.option, text)?;
    let mut settings = Vec::new();
    let mut places = Places::below(section.option, section.base);
    let first = words.first();
    let mut all: Vec<(String, Option<String>)> = Vec::new();
    match (section.option, first, section.first) {
        (_, None, _) => {}
        // The host's own, or made up by the hypervisor: nothing is written down.
        ("--sysinfo", Some(word), _) if matches!(word.as_str(), "host" | "emulate") => {
            let way = ["os", "smbios"].map(Step::first).to_vec();
            settings.push(Setting::attribute(&word, way, "mode", &word));
        }
        (_, Some(word), Some(place)) => all.push((place.to_owned(), Some(word))),
        (_, Some(word), None) => {
            return Err(words.wrong(format!(
                "'{}': a word and its value, parted by =",
                visible(&word)
            )));
        }
    }
    all.extend(words.rest());
    for (key, value) in all {
        if let Some(value) = &value
            && let Some(special) = special(section.option, &key, value)
        {
            settings.extend(special);
            continue;
        }
        // Those without an element of their own stand beside all others of the domain.
        let own = match section.option {
            "--events" => "on_",
            "--iothreads" => "iothread",
            _ => "",
        };
        if !key.starts_with(own) {
            let message = format!(
                "does not take '{}', only what begins with {own}",
                visible(&key)
            );
            return Err(Invalid {
                option: section.option,
                message,
            });
        }
        let mut found = places.find(&key, value.as_deref(), section.short)?;
        let own = std::mem::take(&mut found.steps);
        found.steps = section.base.iter().copied().map(Step::first).collect();
        found.steps.extend(own);
        settings.push(found);
    }
    Ok(Extra {
        option: section.option,
        text: text.to_owned(),
        makes: Makes::Settings(settings),
    })
}

/// Words that name an element by its attribute: the timers of a clock, the entries of SMBIOS.
fn special(option: &str, key: &str, value: &str) -> Option<Vec<Setting>> {
    let word = format!("{key}={value}");
    match option {
        "--clock" => {
            let (timer, what) = key.split_once('_').or(key.split_once('.'))?;
            // libvirt's formatdomain, "Time keeping".
            let timers = [
                "rtc",
                "pit",
                "hpet",
                "tsc",
                "kvmclock",
                "hypervclock",
                "platform",
                "armvtimer",
            ];
            let known = ["present", "tickpolicy", "track", "frequency", "mode"];
            (timers.contains(&timer) && known.contains(&what)).then(|| {
                let timer = Step::With("timer", "name", timer.to_owned());
                let way = vec![Step::first("clock"), timer];
                vec![Setting::attribute(&word, way, what, value)]
            })
        }
        "--sysinfo" => {
            let (block, entry) = key.split_once('.')?;
            let known = ["bios", "system", "baseBoard", "chassis"];
            let block = known.iter().find(|name| name.eq_ignore_ascii_case(block))?;
            let entry = Step::With("entry", "name", entry.to_owned());
            let way = ["os", "smbios"].map(Step::first).to_vec();
            let sysinfo = Step::first("sysinfo");
            let mut text = Setting::text("", block, value);
            text.steps = vec![sysinfo.clone(), Step::first(block), entry];
            Some(vec![
                Setting::attribute(&word, way, "mode", "sysinfo"),
                Setting::attribute("", vec![sysinfo], "type", "smbios"),
                text,
            ])
        }
        _ => None,
    }
}

/// `--qemu-commandline '-device foo'`, `env=NAME=VALUE`.
///
/// # Errors
/// A quote that is not closed.
pub fn qemu_command_line(texts: &[String]) -> Result<Option<Vec<Extra>>, Invalid> {
    let Some(last) = texts.last() else {
        return Ok(None);
    };
    let mut element = Element::new("qemu:commandline")
        .with("xmlns:qemu", "http://libvirt.org/schemas/domain/qemu/1.0");
    for text in texts {
        if let Some((name, value)) = text
            .strip_prefix("env=")
            .and_then(|text| text.split_once('='))
        {
            element = element.child(
                Element::new("qemu:env")
                    .with("name", name)
                    .with("value", value),
            );
            continue;
        }
        let text = text.strip_prefix("args=").unwrap_or(text);
        let words = parted(text).ok_or_else(|| Invalid {
            option: "--qemu-commandline",
            message: format!("{}: a quote is not closed", visible(text)),
        })?;
        for word in words {
            element = element.child(Element::new("qemu:arg").with("value", word));
        }
    }
    let mut made: Vec<Extra> = texts[..texts.len() - 1]
        .iter()
        .map(|text| Extra {
            option: "--qemu-commandline",
            text: text.clone(),
            makes: Makes::Settings(Vec::new()),
        })
        .collect();
    made.push(Extra {
        option: "--qemu-commandline",
        text: last.clone(),
        makes: Makes::Element(element),
    });
    Ok(Some(made))
}

/// Words as a shell parts them, quotes taken off; `None` when one is left open.
fn parted(text: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    for letter in text.chars() {
        match (quote, letter) {
            (Some(open), letter) if letter == open => quote = None,
            (Some(_), letter) => word.get_or_insert_default().push(letter),
            (None, '\'' | '"') => {
                quote = Some(letter);
                word.get_or_insert_default();
            }
            (None, letter) if letter.is_whitespace() => words.extend(word.take()),
            (None, letter) => word.get_or_insert_default().push(letter),
        }
    }
    words.extend(word);
    quote.is_none().then_some(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(name: &str, text: &str) -> Result<String, String> {
        let found = SECTIONS.iter().find(|known| known.option == name).unwrap();
        let extra = section(found, text).map_err(|error| error.to_string())?;
        let mut domain = Element::new("domain");
        if let Makes::Settings(settings) = &extra.makes {
            super::super::apply(settings, &mut domain);
        }
        Ok(domain
            .document()
            .replace("\n  ", "")
            .replace('\n', "")
            .replace("  ", ""))
    }

    #[test]
    fn parts_of_the_domain_are_said() {
        let of = |name, text| written(name, text).unwrap();
        assert_eq!(
            of("--iothreads", "2"),
            "<domain><iothreads>2</iothreads></domain>"
        );
        assert_eq!(
            of("--numatune", "0-1,mode=preferred"),
            "<domain><numatune><memory nodeset='0-1' mode='preferred'/></numatune></domain>"
        );
        assert_eq!(
            of(
                "--cputune",
                "vcpupin0.vcpu=0,vcpupin0.cpuset=0-3,vcpupin1.vcpu=1,vcpupin1.cpuset=4"
            ),
            "<domain><cputune><vcpupin vcpu='0' cpuset='0-3'/><vcpupin vcpu='1' cpuset='4'/></cputune></domain>"
        );
        assert_eq!(
            of("--events", "on_reboot=destroy"),
            "<domain><on_reboot>destroy</on_reboot></domain>"
        );
        assert_eq!(
            of("--memorybacking", "hugepages=yes"),
            "<domain><memoryBacking><hugepages/></memoryBacking></domain>"
        );
        assert_eq!(
            of("--sysinfo", "host"),
            "<domain><os><smbios mode='host'/></os></domain>"
        );
        assert_eq!(
            of("--sysinfo", "bios.vendor=Acme,bios.version=1"),
            "<domain><os><smbios mode='sysinfo'/></os><sysinfo type='smbios'><bios><entry name='vendor'>Acme</entry>\
             <entry name='version'>1</entry></bios></sysinfo></domain>"
        );
        assert_eq!(
            written("--events", "on_rebot=destroy"),
            Err("--events does not take 'on_rebot'; did you mean 'on_reboot'?".to_owned())
        );
        assert!(
            written("--features", "acpi")
                .unwrap_err()
                .contains("parted by =")
        );
    }

    #[test]
    fn a_command_line_is_parted_as_by_a_shell() {
        assert_eq!(
            parted("-a 'b c' d\"e f\""),
            Some(vec!["-a".to_owned(), "b c".to_owned(), "de f".to_owned()])
        );
        assert_eq!(parted("'a"), None);
        assert_eq!(parted(" "), Some(Vec::new()));
    }
}
