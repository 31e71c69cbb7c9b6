//! Reading domain XML: the definition, and where its displays and serial lines listen.
//!
//! Only libvirt's own vocabulary counts: what stands in metadata, comments, CDATA or a foreign namespace (such as
//! `qemu:commandline`) is never taken for a device. Ports come from the XML of a running domain alone, since the
//! inactive one may name others. Documents with a DTD are refused; every text is untrusted.

mod checkpoint;
mod devices;
mod disks;
mod document;
mod graphics;
mod metadata;
mod snapshot;

pub use checkpoint::checkpoint;
pub use disks::disks;
pub use document::{MAX_BYTES, XmlError};
pub use graphics::Endpoints;
pub(crate) use graphics::reach_of;
pub use metadata::own_metadata;
pub use snapshot::snapshot;

use document::{attribute, child, children, has_controls, owned, text, with_domain, written};
use roxmltree::Node;

use crate::model::{Definition, EndpointKind, Uuid};

/// Whether the XML was read with `VIR_DOMAIN_XML_SECURE`, so that an absent password is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Secrets {
    /// Passwords are in the XML where they are set.
    Included,
    /// libvirt left them out: an absent password says nothing.
    LeftOut,
}

/// Namespace of the operating system's identity in the metadata.
const LIBOSINFO: &str = "http://libosinfo.org/xmlns/libvirt/domain/1.0";

/// Who a document is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// `<name>`; untrusted text.
    pub name: String,
    /// `<uuid>`.
    pub uuid: Option<Uuid>,
    /// `domain/@id`, which the XML of a running domain has.
    pub runtime_id: Option<u32>,
}

/// Name, UUID and id of the domain that `xml` describes.
///
/// # Errors
/// When the text is no domain XML, or its UUID or id cannot be true.
pub fn identity(xml: &str) -> Result<Identity, XmlError> {
    with_domain(xml, |domain| {
        let uuid = text(domain, "uuid")
            .map(|text| {
                text.trim().parse().map_err(|_| XmlError::BadValue {
                    place: "uuid".to_owned(),
                    value: text.clone(),
                    why: "not a UUID",
                })
            })
            .transpose()?;
        Ok(Identity {
            name: text(domain, "name").unwrap_or_default(),
            uuid,
            runtime_id: runtime_id(domain)?,
        })
    })
}

/// Graphics and serial endpoints of a live XML; none for a domain that is off, whose XML has no id.
///
/// # Errors
/// When the text is no domain XML. Devices whose values cannot be true are among the refused ones.
pub fn endpoints(xml: &str, secrets: Secrets) -> Result<Endpoints, XmlError> {
    with_domain(xml, |domain| {
        Ok(match runtime_id(domain)? {
            Some(_) => graphics::endpoints(domain, secrets),
            None => Endpoints::default(),
        })
    })
}

/// The number of the first display of a kind among a domain's `<graphics>`, counted from 0 as libvirt does.
#[must_use]
pub fn graphics_index(xml: &str, kind: EndpointKind) -> Option<u32> {
    with_domain(xml, |domain| Ok(graphics::index_of(domain, kind))).ok()?
}

/// The password of a domain's VNC display, where the XML has the secrets in it.
#[must_use]
pub fn vnc_password(xml: &str) -> Option<String> {
    with_domain(xml, |domain| Ok(graphics::vnc_password(domain))).ok()?
}

/// What the table and the details show of a domain's XML (`virDomainGetXMLDesc` without secrets).
/// `live` says that the domain runs and the XML is its live one: only then it has endpoints.
///
/// # Errors
/// When the text is no domain XML.
pub fn definition(xml: &str, live: bool) -> Result<Definition, XmlError> {
    with_domain(xml, |domain| {
        let endpoints = if live && runtime_id(domain)?.is_some() {
            graphics::endpoints(domain, Secrets::LeftOut)
        } else {
            Endpoints::default()
        };
        let title = text(domain, "title");
        let breaks_at_restart = has_controls(xml)
            || title
                .as_deref()
                .is_some_and(|title| title.contains(['\n', '\r']));
        let os = child(domain, "os");
        let os_type = os.and_then(|os| child(os, "type"));
        Ok(Definition {
            virt_type: owned(domain, "type").unwrap_or_default(),
            title,
            description: text(domain, "description"),
            tags: metadata::tags(domain),
            notes: metadata::notes(domain),
            os_type: os.and_then(|os| text(os, "type")),
            os_id: os_id(domain),
            arch: os_type.and_then(|kind| owned(kind, "arch")),
            machine: os_type.and_then(|kind| owned(kind, "machine")),
            firmware: os.and_then(firmware),
            emulator: children(domain, "devices").find_map(|devices| text(devices, "emulator")),
            endpoints: endpoints.found,
            endpoint_errors: endpoints.refused.iter().map(XmlError::to_string).collect(),
            fixed_ports: graphics::fixed_ports(domain, live),
            disks: devices::disks(domain),
            nics: devices::nics(domain),
            breaks_at_restart,
            guest_agent: devices::guest_agent(domain),
        })
    })
}

/// `domain/@id`; `None` for a domain that is off (absent or -1).
fn runtime_id(domain: Node<'_, '_>) -> Result<Option<u32>, XmlError> {
    match written(domain, "id") {
        None | Some("-1") => Ok(None),
        Some(id) => id.parse().map(Some).map_err(|_| XmlError::BadValue {
            place: "domain/@id".to_owned(),
            value: id.to_owned(),
            why: "not the id of a running domain",
        }),
    }
}

fn os_id(domain: Node<'_, '_>) -> Option<String> {
    child(domain, "metadata")?
        .descendants()
        .find(|node| node.has_tag_name((LIBOSINFO, "os")))
        .and_then(|os| owned(os, "id"))
}

/// `UEFI` with its loader, or `BIOS` for a fully virtualised PC without one.
fn firmware(os: Node<'_, '_>) -> Option<String> {
    let loader = child(os, "loader");
    let pflash = loader.is_some_and(|loader| attribute(loader, "type") == Some("pflash"));
    if pflash || attribute(os, "firmware") == Some("efi") {
        return Some(match text(os, "loader") {
            Some(path) => format!("UEFI ({path})"),
            None => "UEFI".to_owned(),
        });
    }
    let kind = child(os, "type")?;
    let is_pc = matches!(attribute(kind, "arch"), Some("x86_64" | "i686"));
    (kind.text() == Some("hvm") && is_pc).then(|| "BIOS".to_owned())
}
