//! The disks of a domain with their chains (libvirt's formatdomain, hard drives).

use roxmltree::Node;

use super::XmlError;
use super::devices::disk_source;
use super::document::{attribute, child, devices, owned, text, with_domain};
use crate::model::{DiskFacts, DiskLayer, DiskMirror};

/// Deepest chain that is followed.
const MOST_LAYERS: usize = 256;

/// What the XML says of each disk, in its order. Sizes are not in it.
///
/// # Errors
/// When the text is no domain XML.
pub fn disks(xml: &str) -> Result<Vec<DiskFacts>, XmlError> {
    with_domain(xml, |domain| {
        Ok(devices(domain, "disk").map(disk).collect())
    })
}

fn disk(node: Node<'_, '_>) -> DiskFacts {
    let target = child(node, "target");
    let driver = child(node, "driver");
    let (layers, complete) = chain(node);
    DiskFacts {
        target: target
            .and_then(|target| owned(target, "dev"))
            .unwrap_or_default(),
        alias: child(node, "alias").and_then(|alias| owned(alias, "name")),
        device: owned(node, "device").unwrap_or_else(|| "disk".to_owned()),
        bus: target.and_then(|target| owned(target, "bus")),
        driver: driver.map(attributes).unwrap_or_default(),
        serial: text(node, "serial"),
        readonly: child(node, "readonly").is_some(),
        shareable: child(node, "shareable").is_some(),
        layers,
        complete,
        mirror: child(node, "mirror").map(mirror),
        limits: child(node, "iotune").map(limits).unwrap_or_default(),
        error: None,
        job: None,
        next_start: None,
    }
}

fn attributes(driver: Node<'_, '_>) -> Vec<(String, String)> {
    driver
        .attributes()
        .filter(|attribute| !matches!(attribute.name(), "name" | "type"))
        .map(|attribute| (attribute.name().to_owned(), attribute.value().to_owned()))
        .collect()
}

/// The layers, the active one first; and whether the last one ends the chain for certain.
fn chain(disk: Node<'_, '_>) -> (Vec<DiskLayer>, bool) {
    let mut layers = Vec::new();
    let format = child(disk, "driver").and_then(|driver| owned(driver, "type"));
    let Some(top) = layer(disk, format) else {
        return (layers, true);
    };
    layers.push(top);
    let mut below = child(disk, "backingStore");
    while let Some(store) = below.take() {
        let format = child(store, "format").and_then(|format| owned(format, "type"));
        // An empty element says that there is nothing below.
        let Some(next) = layer(store, format) else {
            return (layers, true);
        };
        layers.push(next);
        if layers.len() < MOST_LAYERS {
            below = child(store, "backingStore");
        }
    }
    (layers, false)
}

fn layer(node: Node<'_, '_>, format: Option<String>) -> Option<DiskLayer> {
    let source = child(node, "source")?;
    Some(DiskLayer {
        index: attribute(source, "index").and_then(|index| index.parse().ok()),
        kind: owned(node, "type").unwrap_or_else(|| "file".to_owned()),
        source: disk_source(source)?,
        format,
        ..DiskLayer::default()
    })
}

fn mirror(node: Node<'_, '_>) -> DiskMirror {
    DiskMirror {
        source: child(node, "source")
            .and_then(disk_source)
            .unwrap_or_default(),
        ready: attribute(node, "ready") == Some("yes"),
    }
}

fn limits(node: Node<'_, '_>) -> Vec<(String, u64)> {
    node.children()
        .filter(Node::is_element)
        .filter_map(|limit| {
            let value = limit.text()?.trim().parse().ok()?;
            Some((limit.tag_name().name().to_owned(), value))
        })
        .filter(|(_, value)| *value > 0)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chain_is_read_from_the_top_to_its_end() {
        let xml = "<domain type='qemu' id='1'><name>a</name><devices>
            <disk type='file' device='disk'><driver name='qemu' type='qcow2' cache='none' io='native' discard='unmap' error_policy='stop'/>
              <source file='/p/top' index='3'/>
              <backingStore type='file' index='2'><format type='qcow2'/><source file='/p/mid' index='2'/>
                <backingStore type='block' index='1'><format type='raw'/><source dev='/dev/base'/><backingStore/></backingStore>
              </backingStore>
              <mirror type='file' job='copy' ready='yes'><format type='raw'/><source file='/p/new'/></mirror>
              <target dev='vda' bus='virtio'/><iotune><total_bytes_sec>1024</total_bytes_sec><read_iops_sec>0</read_iops_sec></iotune>
              <serial>abc</serial><alias name='virtio-disk0'/></disk>
            <disk type='file' device='cdrom'><driver name='qemu' type='raw'/><target dev='sda' bus='sata'/><readonly/></disk>
            <disk type='file'><driver type='qcow2'/><source file='/p/off'/><target dev='vdb'/></disk>
            </devices></domain>";
        let disks = disks(xml).unwrap();
        let top = &disks[0];
        let paths: Vec<_> = top
            .layers
            .iter()
            .map(|layer| layer.source.as_str())
            .collect();
        assert_eq!(paths, ["/p/top", "/p/mid", "/dev/base"]);
        assert_eq!(top.layers[1].format.as_deref(), Some("qcow2"));
        assert_eq!(
            (top.layers[2].kind.as_str(), top.layers[0].index),
            ("block", Some(3))
        );
        assert!(top.complete && top.mirror.as_ref().unwrap().ready);
        assert_eq!(top.driver("error_policy"), Some("stop"));
        assert_eq!(top.limits, [("total_bytes_sec".to_owned(), 1024)]);
        assert_eq!(
            (top.serial.as_deref(), top.alias.as_deref()),
            (Some("abc"), Some("virtio-disk0"))
        );
        assert!(disks[1].layers.is_empty() && disks[1].complete);
        assert!(disks[2].layers.len() == 1 && !disks[2].complete);
    }
}
