//! Words for what the XML says.

/// Element, path below it, words. An empty path is the element's own text. Paths that no row names are their own words.
const LABELS: &[(&str, &str, &str)] = &[
    ("", "alias@name", "Alias"),
    ("", "address", "Address"),
    ("", "boot@order", "Boot order"),
    ("", "name", "Name"),
    ("", "uuid", "UUID"),
    ("", "title", "Title"),
    ("", "description", "Description"),
    ("", "@type", "Type"),
    ("domain", "@type", "Hypervisor"),
    ("os", "os/type", "Guest type"),
    ("os", "os/type@arch", "Architecture"),
    ("os", "os/type@machine", "Machine"),
    ("os", "os@firmware", "Firmware"),
    ("os", "os/loader", "Firmware code"),
    ("os", "os/loader@secure", "Secure boot"),
    ("os", "os/nvram", "Variables"),
    ("os", "os/boot@dev", "Boot device"),
    ("os", "os/bootmenu@enable", "Boot menu"),
    ("os", "os/bootmenu@timeout", "Menu waits (ms)"),
    ("os", "os/kernel", "Kernel"),
    ("os", "os/initrd", "Initrd"),
    ("os", "os/cmdline", "Kernel arguments"),
    ("os", "os/dtb", "Device tree"),
    ("", "emulator", "Emulator"),
    ("", "clock@offset", "Clock"),
    ("", "on_poweroff", "On power off"),
    ("", "on_reboot", "On reboot"),
    ("", "on_crash", "On crash"),
    ("", "vcpu", "Maximum"),
    ("", "vcpu@current", "vCPUs"),
    ("", "vcpu@placement", "Placement"),
    ("", "vcpu@cpuset", "Host CPUs"),
    ("", "iothreads", "I/O threads"),
    ("cpu", "cpu@mode", "CPU mode"),
    ("cpu", "cpu/model", "CPU model"),
    ("cpu", "cpu/feature", "CPU features"),
    ("features", "features", "Features"),
    ("cpu", "cpu/topology@sockets", "Sockets"),
    ("cpu", "cpu/topology@dies", "Dies"),
    ("cpu", "cpu/topology@cores", "Cores"),
    ("cpu", "cpu/topology@threads", "Threads"),
    ("", "memory", "Maximum"),
    ("", "currentMemory", "Memory"),
    ("", "maxMemory", "With devices"),
    ("", "maxMemory@slots", "Slots"),
    ("", "memballoon@model", "Balloon"),
    ("", "memballoon/stats@period", "Balloon asked (s)"),
    ("disk", "@device", "Device"),
    ("disk", "target@dev", "Target"),
    ("disk", "target@bus", "Bus"),
    ("disk", "driver@type", "Format"),
    ("disk", "driver@cache", "Cache"),
    ("disk", "source@file", "Source"),
    ("disk", "source@dev", "Source"),
    ("disk", "readonly", "Read-only"),
    ("disk", "shareable", "Shareable"),
    ("disk", "serial", "Serial number"),
    ("interface", "mac@address", "MAC address"),
    ("interface", "source@network", "Network"),
    ("interface", "source@bridge", "Bridge"),
    ("interface", "source@dev", "Host interface"),
    ("interface", "source@mode", "Mode"),
    ("interface", "model@type", "Model"),
    ("interface", "target@dev", "On host"),
    ("interface", "link@state", "Link"),
    ("interface", "mtu@size", "MTU"),
    ("interface", "bandwidth/inbound@average", "In (KiB/s)"),
    ("interface", "bandwidth/inbound@peak", "In, peak (KiB/s)"),
    ("interface", "bandwidth/inbound@burst", "In, burst (KiB)"),
    ("interface", "bandwidth/outbound@average", "Out (KiB/s)"),
    ("interface", "bandwidth/outbound@peak", "Out, peak (KiB/s)"),
    ("interface", "bandwidth/outbound@burst", "Out, burst (KiB)"),
    ("interface", "filterref@filter", "Filter"),
    ("interface", "driver@queues", "Queues"),
    ("input", "@bus", "Bus"),
    ("graphics", "@port", "Port"),
    ("graphics", "@tlsPort", "TLS port"),
    ("graphics", "@autoport", "Port by libvirt"),
    ("graphics", "@websocket", "Websocket"),
    ("graphics", "@listen", "Listens on"),
    ("graphics", "@passwd", "Password"),
    ("graphics", "@passwdValidTo", "Valid until"),
    ("graphics", "@keymap", "Keymap"),
    ("graphics", "listen@type", "Listens by"),
    ("graphics", "listen@address", "Listens on"),
    ("sound", "@model", "Model"),
    ("audio", "@id", "Number"),
    ("serial", "source@path", "On host"),
    ("serial", "target@port", "Port"),
    ("serial", "target@type", "Target"),
    ("serial", "target/model@name", "Model"),
    ("channel", "source@path", "On host"),
    ("channel", "source@mode", "Mode"),
    ("channel", "target@type", "Target"),
    ("channel", "target@name", "Name"),
    ("channel", "target@state", "State"),
    ("hostdev", "@mode", "Mode"),
    ("hostdev", "@managed", "Managed"),
    ("hostdev", "source/address", "Host address"),
    ("hostdev", "source/vendor@id", "Vendor"),
    ("hostdev", "source/product@id", "Product"),
    ("hostdev", "driver@name", "Driver"),
    ("hostdev", "rom@bar", "ROM bar"),
    ("redirdev", "@bus", "Bus"),
    ("video", "model@type", "Model"),
    ("video", "model@vram", "Memory (KiB)"),
    ("video", "model@heads", "Heads"),
    ("video", "model@primary", "Primary"),
    ("watchdog", "@model", "Model"),
    ("watchdog", "@action", "Action"),
    ("filesystem", "source@dir", "Folder"),
    ("filesystem", "target@dir", "Name in the guest"),
    ("filesystem", "driver@type", "Driver"),
    ("filesystem", "@accessmode", "Access"),
    ("controller", "@model", "Model"),
    ("controller", "@index", "Number"),
    ("tpm", "@model", "Model"),
    ("tpm", "backend@type", "Backend"),
    ("tpm", "backend@version", "Version"),
    ("rng", "@model", "Model"),
    ("rng", "backend", "Source"),
    ("rng", "backend@model", "Backend"),
    ("rng", "rate@bytes", "At most (bytes)"),
    ("rng", "rate@period", "in (ms)"),
    ("panic", "@model", "Model"),
    ("memory", "@model", "Model"),
    ("memory", "target/size", "Size"),
    ("memory", "target/node", "NUMA node"),
    ("memory", "target/requested", "Requested"),
    ("memory", "target/current", "Current"),
    ("vsock", "@model", "Model"),
    ("vsock", "cid@address", "CID"),
    ("vsock", "cid@auto", "CID by libvirt"),
];

/// What is not worth a line of its own: it stands in the XML below.
const HIDDEN: &[(&str, &str)] = &[
    ("graphics", "@type"),
    ("disk", "driver@name"),
    ("disk", "@type"),
    ("interface", "source@portid"),
    ("disk", "source@index"),
    ("channel", "@type"),
    ("", "memory@unit"),
    ("", "currentMemory@unit"),
    ("", "maxMemory@unit"),
    ("memory", "target/size@unit"),
    ("memory", "target/requested@unit"),
    ("memory", "target/current@unit"),
    ("os", "os/type"),
];

/// The words for a path of an element.
pub fn label(element: &str, path: &str) -> String {
    let find = |wanted: &str| {
        LABELS
            .iter()
            .find(|(of, known, _)| *of == wanted && *known == path)
            .map(|(_, _, label)| (*label).to_owned())
    };
    find(element)
        .or_else(|| find(""))
        .unwrap_or_else(|| path.trim_start_matches('@').replace('@', " "))
}

/// Whether a path is left out.
pub fn is_hidden(element: &str, path: &str) -> bool {
    HIDDEN
        .iter()
        .any(|(of, known)| (of.is_empty() || *of == element) && *known == path)
}

/// What an absent value means.
const DEFAULTS: &[(&str, &str, &str)] = &[
    ("interface", "link@state", "up"),
    ("cpu", "cpu/topology@dies", "1"),
    ("disk", "@device", "disk"),
];

/// The value that stands for an absent one, where libvirt writes it only now and then.
pub fn default(element: &str, path: &str) -> Option<&'static str> {
    let found = DEFAULTS
        .iter()
        .find(|(of, known, _)| *of == element && *known == path);
    found.map(|(_, _, value)| *value)
}
