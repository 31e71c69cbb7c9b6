//! Lines ready to paste: addresses, viewer and console commands, tunnels.

use std::fmt::Write as _;

use super::address::{Target, bracketed, main_port, target};
use super::login::{Here, login, uri_from_elsewhere};
use crate::model::{Endpoint, EndpointKind, Reach, Uri, Uuid};
use crate::text::{shell_quote, visible};

/// The domain whose endpoints are copied.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// Its UUID: commands name it by this, which no name can disguise.
    pub uuid: Uuid,
    /// Its connection.
    pub uri: &'a Uri,
}

/// What a copied line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Form {
    /// `host:port`, or a path.
    Address,
    /// `host:display`, VNC only.
    Display,
    /// `vnc://host:port`.
    Url,
    /// `ssh -L …`.
    Tunnel,
    /// `virt-viewer …` here.
    Viewer,
    /// `virt-viewer …` on the machine the SSH session came from.
    ViewerElsewhere,
    /// `virsh … console` here.
    Console,
    /// `virsh … console` on the machine the SSH session came from.
    ConsoleElsewhere,
}

impl Form {
    /// Its label in the menu.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Address => "Address",
            Self::Display => "Display",
            Self::Url => "URL",
            Self::Tunnel => "SSH tunnel",
            Self::Viewer => "Viewer",
            Self::ViewerElsewhere => "Viewer, from your machine",
            Self::Console => "Console",
            Self::ConsoleElsewhere => "Console, from your machine",
        }
    }
}

/// One entry of the copy menu.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// What it is.
    pub form: Form,
    /// Of which kind of endpoint, when it is about one.
    pub kind: Option<EndpointKind>,
    /// The text to copy, without hidden characters.
    pub text: String,
}

/// The copy menu of a domain: what each endpoint offers, then the commands that find the display by themselves.
#[must_use]
pub fn choices(subject: Subject<'_>, endpoints: &[Endpoint], here: &Here) -> Vec<Choice> {
    let mut menu: Vec<_> = endpoints
        .iter()
        .flat_map(|endpoint| addresses(endpoint, subject.uri, here))
        .collect();
    let has = |wanted: fn(EndpointKind) -> bool| endpoints.iter().any(|e| wanted(e.kind));
    if has(has_viewer) {
        menu.extend(viewers(subject, here));
    }
    if has(|kind| kind == EndpointKind::Serial) {
        menu.extend(consoles(subject, here));
    }
    menu
}

/// The copy menu of one endpoint.
#[must_use]
pub fn endpoint_choices(subject: Subject<'_>, endpoint: &Endpoint, here: &Here) -> Vec<Choice> {
    choices(subject, std::slice::from_ref(endpoint), here)
}

/// The command that changes the definition of a domain: the way out of a warning.
#[must_use]
pub fn edit_command(subject: Subject<'_>) -> String {
    let uri = shell_quote(subject.uri.as_str());
    format!("virsh -c {uri} edit {}", subject.uuid)
}

fn has_viewer(kind: EndpointKind) -> bool {
    matches!(kind, EndpointKind::Vnc | EndpointKind::Spice)
}

fn addresses(endpoint: &Endpoint, uri: &Uri, here: &Here) -> Vec<Choice> {
    let Some(target) = target(endpoint, uri) else {
        return Vec::new();
    };
    let choice = |form, text| Choice {
        form,
        kind: Some(endpoint.kind),
        text,
    };
    let address = match &target {
        Target::Tcp { .. } => target.to_string(),
        Target::Unix(path) => visible(path).into_owned(),
    };
    let mut menu = vec![choice(Form::Address, address)];
    if let (EndpointKind::Vnc, Target::Tcp { host, .. }, Some(number)) = (
        endpoint.kind,
        &target,
        endpoint.port.and_then(|port| port.checked_sub(5900)),
    ) {
        let host = bracketed(host);
        menu.push(choice(
            Form::Display,
            format!("{}:{number}", visible(&host)),
        ));
    }
    if has_viewer(endpoint.kind) {
        menu.push(choice(Form::Url, url(endpoint, &target)));
    }
    menu.extend(ssh_forward(endpoint, uri, here).map(|line| choice(Form::Tunnel, line)));
    menu
}

/// `vnc://host:port`, `spice://host:port?tls-port=…`, `vnc+unix:///path`.
fn url(endpoint: &Endpoint, target: &Target) -> String {
    let scheme = endpoint.kind.word();
    match target {
        Target::Unix(path) => format!("{scheme}+unix://{}", percent_encoded(path, "/")),
        Target::Tcp { host, port } => {
            let host = bracketed(&percent_encoded(host, ":"));
            match (endpoint.port, endpoint.tls_port) {
                (Some(port), Some(tls)) => format!("{scheme}://{host}:{port}?tls-port={tls}"),
                (None, Some(tls)) => format!("{scheme}://{host}?tls-port={tls}"),
                _ => format!("{scheme}://{host}:{port}"),
            }
        }
    }
}

/// RFC 3986 unreserved characters and those of `also` as they are, all other bytes as `%XX`.
fn percent_encoded(text: &str, also: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        let c = char::from(byte);
        if c.is_ascii_alphanumeric() || "-._~".contains(c) || also.contains(c) {
            out.push(c);
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

/// `ssh -L 5901:127.0.0.1:5901 user@host`: the endpoint on the reader's own machine. `None` when nothing listens, for
/// the terminal of a serial line, or when no name of the host is known.
#[must_use]
pub fn ssh_forward(endpoint: &Endpoint, uri: &Uri, here: &Here) -> Option<String> {
    let login = login(uri, here)?;
    let forward = match (&endpoint.socket, endpoint.reach) {
        (Some(path), Some(Reach::Socket)) => {
            let local = if endpoint.kind == EndpointKind::Spice {
                5930
            } else {
                5901
            };
            format!("{local}:{path}")
        }
        (Some(_), _) => return None,
        (None, reach) => {
            let port = main_port(endpoint)?;
            let host = match (&endpoint.host, reach) {
                (_, Some(Reach::Everywhere)) | (None, _) => "127.0.0.1".to_owned(),
                (Some(host), _) => bracketed(host),
            };
            // Only root may listen below 1024.
            let local = if port < 1024 { port + 10_000 } else { port };
            format!("{local}:{host}:{port}")
        }
    };
    let port = login
        .port
        .map(|port| format!("-p {port} "))
        .unwrap_or_default();
    Some(format!(
        "ssh {port}-L {} {}",
        shell_quote(&forward),
        shell_quote(&login.destination)
    ))
}

fn viewers(subject: Subject<'_>, here: &Here) -> Vec<Choice> {
    let line = |uri: &str| {
        format!(
            "virt-viewer -c {} --uuid {}",
            shell_quote(uri),
            subject.uuid
        )
    };
    commands(subject, here, [Form::Viewer, Form::ViewerElsewhere], line)
}

fn consoles(subject: Subject<'_>, here: &Here) -> Vec<Choice> {
    let line = |uri: &str| format!("virsh -c {} console {}", shell_quote(uri), subject.uuid);
    commands(subject, here, [Form::Console, Form::ConsoleElsewhere], line)
}

fn commands(
    subject: Subject<'_>,
    here: &Here,
    [form, elsewhere]: [Form; 2],
    line: impl Fn(&str) -> String,
) -> Vec<Choice> {
    let choice = |form, uri: &str| Choice {
        form,
        kind: None,
        text: line(uri),
    };
    let mut menu = vec![choice(form, subject.uri.as_str())];
    menu.extend(uri_from_elsewhere(subject.uri, here).map(|uri| choice(elsewhere, &uri)));
    menu
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domxml::{Secrets, endpoints};

    fn vnc(attributes: &str, listen: &str) -> Endpoint {
        let xml = format!(
            "<domain id='1'><devices><graphics type='vnc' {attributes}>{listen}</graphics></devices></domain>"
        );
        endpoints(&xml, Secrets::LeftOut).unwrap().found.remove(0)
    }

    fn here() -> Here {
        Here {
            user: Some("anna".to_owned()),
            hostname: Some("kvm1".to_owned()),
            ssh_connection: Some("198.51.100.9 50122 192.0.2.1 22".to_owned()),
        }
    }

    fn texts(uri: &str, endpoint: &Endpoint, here: &Here) -> Vec<String> {
        let uri = uri.parse().unwrap();
        let subject = Subject {
            uuid: Uuid([0x11; 16]),
            uri: &uri,
        };
        let menu = endpoint_choices(subject, endpoint, here);
        menu.into_iter().map(|choice| choice.text).collect()
    }

    #[test]
    fn over_ssh_the_lines_work_from_the_reader_s_machine() {
        let endpoint = vnc("port='5901' autoport='yes' listen='127.0.0.1'", "");
        let uuid = "11111111-1111-1111-1111-111111111111";
        assert_eq!(
            texts("qemu:///system", &endpoint, &here()),
            [
                "127.0.0.1:5901".to_owned(),
                "127.0.0.1:1".to_owned(),
                "vnc://127.0.0.1:5901".to_owned(),
                "ssh -L 5901:127.0.0.1:5901 anna@192.0.2.1".to_owned(),
                format!("virt-viewer -c qemu:///system --uuid {uuid}"),
                format!("virt-viewer -c qemu+ssh://anna@192.0.2.1/system --uuid {uuid}"),
            ]
        );
    }

    #[test]
    fn a_tunnel_leads_to_the_host_of_the_uri() {
        let endpoint = vnc("port='5902' listen='::1'", "");
        let forward = |uri: &str| ssh_forward(&endpoint, &uri.parse().unwrap(), &here()).unwrap();
        assert_eq!(
            forward("qemu+ssh://root@kvm7:2222/system"),
            "ssh -p 2222 -L '5902:[::1]:5902' root@kvm7"
        );
        assert_eq!(
            forward("qemu+tls://kvm7:16514/system"),
            "ssh -L '5902:[::1]:5902' kvm7"
        );
        assert_eq!(
            forward("qemu+tcp://127.0.0.1:16509/system"),
            "ssh -L '5902:[::1]:5902' anna@192.0.2.1"
        );
    }

    #[test]
    fn a_tunnel_without_ssh_names_this_machine() {
        let here = Here {
            ssh_connection: None,
            ..here()
        };
        let uri = "qemu:///system".parse().unwrap();
        let low = vnc("port='443' listen='0.0.0.0'", "");
        assert_eq!(
            ssh_forward(&low, &uri, &here).unwrap(),
            "ssh -L 10443:127.0.0.1:443 anna@kvm1"
        );
        assert_eq!(ssh_forward(&low, &uri, &Here::default()), None);
    }

    #[test]
    fn a_socket_with_a_blank_is_one_word() {
        let endpoint = vnc("", "<listen type='socket' socket='/run/a b.sock'/>");
        let texts = texts("qemu:///system", &endpoint, &here());
        assert_eq!(texts[0], "/run/a b.sock");
        assert_eq!(texts[1], "vnc+unix:///run/a%20b.sock");
        assert_eq!(texts[2], "ssh -L '5901:/run/a b.sock' anna@192.0.2.1");
    }

    #[test]
    fn a_scope_survives_in_a_url() {
        let endpoint = vnc("port='5907' listen='fe80::1%eth0'", "");
        let texts = texts("qemu:///system", &endpoint, &here());
        assert_eq!(texts[0], "[fe80::1%eth0]:5907");
        assert_eq!(texts[2], "vnc://[fe80::1%25eth0]:5907");
    }

    #[test]
    fn below_5900_there_is_no_display_number() {
        let endpoint = vnc("port='443' listen='127.0.0.1'", "");
        let uri: Uri = "qemu:///system".parse().unwrap();
        assert!(
            addresses(&endpoint, &uri, &here())
                .iter()
                .all(|choice| choice.form != Form::Display)
        );
    }

    #[test]
    fn nothing_is_offered_for_what_does_not_listen() {
        for endpoint in [
            vnc("port='-1' autoport='yes'", ""),
            vnc("port='5901'", "<listen type='none'/>"),
        ] {
            let uri: Uri = "qemu:///system".parse().unwrap();
            assert_eq!(addresses(&endpoint, &uri, &here()), []);
        }
    }
}
