//! An element as pairs of a path and a value, so that two worlds can be laid side by side.

use roxmltree::Node;

/// Where something stands below an element: `source@network`, `bandwidth/inbound@average`; empty for its own text.
pub type Path = String;

/// Everything an element says, in the order of the text. Addresses are one value each.
pub fn flatten(node: Node<'_, '_>) -> Vec<(Path, String)> {
    let mut found = Vec::new();
    walk(node, "", &mut found);
    found
}

fn walk(node: Node<'_, '_>, path: &str, found: &mut Vec<(Path, String)>) {
    for attribute in node.attributes() {
        found.push((
            format!("{path}@{}", attribute.name()),
            attribute.value().to_owned(),
        ));
    }
    let mut inner = false;
    for child in node.children().filter(Node::is_element) {
        inner = true;
        let name = child.tag_name().name();
        let below = if path.is_empty() {
            name.to_owned()
        } else {
            format!("{path}/{name}")
        };
        match name {
            "address" => found.push((below, address(child))),
            _ => walk(child, &below, found),
        }
    }
    let text = node.text().map(str::trim).unwrap_or_default();
    if !text.is_empty() {
        found.push((path.to_owned(), text.to_owned()));
    } else if !inner && node.attributes().len() == 0 && !path.is_empty() {
        // <readonly/> says something by standing there.
        found.push((path.to_owned(), "yes".to_owned()));
    }
}

/// `pci 0000:01:00.0`, `usb 1.2`, `drive 0:0:0:1`.
pub fn address(node: Node<'_, '_>) -> String {
    let value = |name: &str| node.attribute(name);
    let number = |name: &str| {
        let text = value(name).unwrap_or("0");
        let digits = text.strip_prefix("0x");
        digits
            .map_or_else(
                || text.parse().ok(),
                |hex| u32::from_str_radix(hex, 16).ok(),
            )
            .unwrap_or(0)
    };
    match value("type") {
        None | Some("pci") if value("slot").is_some() => format!(
            "pci {:04x}:{:02x}:{:02x}.{:x}",
            number("domain"),
            number("bus"),
            number("slot"),
            number("function")
        ),
        Some("drive") => format!(
            "drive {}:{}:{}:{}",
            number("controller"),
            number("bus"),
            number("target"),
            number("unit")
        ),
        kind => {
            let mut words: Vec<&str> = kind.into_iter().collect();
            words.extend(
                node.attributes()
                    .filter(|attribute| attribute.name() != "type")
                    .map(|attribute| attribute.value()),
            );
            words.join(" ")
        }
    }
}

/// Whether libvirt fills it in while the domain runs, or writes it otherwise then: it says nothing of what comes next.
/// `next` is what the next start has of it.
pub fn is_of_running(element: &str, path: &str, value: &str, next: &[(Path, String)]) -> bool {
    let of_next = |wanted: &str| {
        next.iter()
            .find(|(path, _)| path == wanted)
            .map(|(_, value)| value.as_str())
    };
    let in_any = ["alias@name", "address", "acpi@index"].contains(&path)
        || path.starts_with("seclabel")
        || path.ends_with("@index") && path.starts_with("source");
    if in_any {
        return path != "alias@name" || !value.starts_with("ua-");
    }
    match element {
        "disk" => path.starts_with("backingStore") || path.starts_with("mirror"),
        "interface" => {
            let made = ["vnet", "macvtap", "macvlan"];
            match path {
                "target@dev" => made.iter().any(|prefix| value.starts_with(prefix)),
                "source@portid" => true,
                "source@bridge" => of_next("source@network").is_some(),
                "actual" => true,
                _ => path.starts_with("actual") || path.starts_with("backend"),
            }
        }
        "graphics" => match path {
            "@port" | "@tlsPort" | "@websocket" => {
                of_next("@autoport").is_none_or(|autoport| autoport == "yes")
            }
            "@socket" => true,
            _ => path.starts_with("listen") || path == "@listen" && of_next("@listen").is_none(),
        },
        "serial" | "parallel" | "console" | "channel" => {
            path == "@tty"
                || path == "target@state"
                || path.starts_with("source") && matches!(of_next("@type"), Some("pty" | "unix"))
        }
        "hostdev" => path.starts_with("source/address") && of_next("source/vendor@id").is_some(),
        "tpm" => path.starts_with("backend") && path.contains("encryption"),
        "memory" => path == "target/current@unit" || path.starts_with("target/current"),
        "vsock" => path == "cid@address" && of_next("cid@auto") == Some("yes"),
        "cpu" => {
            matches!(of_next("cpu@mode"), Some("host-model" | "maximum"))
                && !path.starts_with("cpu/topology")
                && !path.starts_with("cpu/numa")
                || matches!(
                    path,
                    "cpu@check" | "cpu@match" | "cpu@migratable" | "cpu/model@fallback"
                )
        }
        "os" => {
            let chosen = of_next("os@firmware").is_some();
            chosen
                && ["os/loader", "os/nvram", "os/firmware"]
                    .iter()
                    .any(|part| path.starts_with(part))
        }
        // While it runs each virtual CPU has a line of its own.
        "vcpus" => of_next("vcpus/vcpu@id").is_none(),
        // Where libvirt puts it when nothing is said.
        "resource" => path == "resource/partition" && value == "/machine",
        _ => false,
    }
}
