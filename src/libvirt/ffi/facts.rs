//! What a host has that a document may name.

use std::collections::{BTreeMap, BTreeSet};

use roxmltree::{Document, Node};

use super::{Connection, Result};
use crate::schema::{Facts, PciDevice};

/// Volumes of a pool that are read; nobody chooses from more.
const MOST_VOLUMES: usize = 500;

impl Connection {
    /// Names of everything that a document may name: networks, bridges, pools, volumes, machine types, CPU models and
    /// features, node devices, NUMA cells, filters, secrets. Some twenty round trips and one for each pool and node device.
    /// What the driver does not have, or will not say, is left empty.
    #[must_use]
    pub fn document_facts(&self) -> Facts {
        let mut facts = Facts::default();
        // Each part by itself: a driver may lack any.
        let parts: [fn(&Self, &mut Facts) -> Result<()>; 6] = [
            Self::network_facts,
            Self::pool_facts,
            Self::capability_facts,
            Self::domain_capability_facts,
            Self::node_device_facts,
            Self::filter_and_secret_facts,
        ];
        for part in parts {
            if let Err(error) = part(self, &mut facts) {
                tracing::debug!("facts for completion: {error}");
            }
        }
        facts
    }

    fn network_facts(&self, facts: &mut Facts) -> Result<()> {
        let (handle, meter) = (self.handle()?, self.meter());
        let networks = meter.call("virConnectListAllNetworks", || handle.list_all_networks(0))?;
        for network in networks {
            facts.networks.extend(network.name().ok());
            let bridge = meter.call("virNetworkGetBridgeName", || network.bridge_name());
            facts.bridges.extend(bridge.ok());
        }
        facts.networks.sort();
        Ok(())
    }

    fn pool_facts(&self, facts: &mut Facts) -> Result<()> {
        let (handle, meter) = (self.handle()?, self.meter());
        let pools = meter.call("virConnectListAllStoragePools", || {
            handle.list_all_storage_pools(0)
        })?;
        let mut volumes_of = BTreeMap::new();
        for pool in pools {
            let Ok(name) = pool.name() else { continue };
            facts.pools.push(name.clone());
            // One that is not active has none to tell.
            let volumes = meter.call("virStoragePoolListAllVolumes", || pool.list_all_volumes(0));
            let mut names: Vec<String> = volumes
                .unwrap_or_default()
                .iter()
                .take(MOST_VOLUMES)
                .filter_map(|volume| volume.name().ok())
                .collect();
            names.sort();
            volumes_of.insert(name, names);
        }
        facts.pools.sort();
        facts.volumes = volumes_of;
        Ok(())
    }

    fn capability_facts(&self, facts: &mut Facts) -> Result<()> {
        let handle = self.handle()?;
        let xml = self
            .meter()
            .call("virConnectGetCapabilities", || handle.capabilities())?;
        let Ok(document) = Document::parse(&xml) else {
            return Ok(());
        };
        let (mut machines, mut arches) = (BTreeSet::new(), BTreeSet::new());
        let (mut emulators, mut features) = (BTreeSet::new(), BTreeSet::new());
        let mut cells = BTreeSet::new();
        for node in document.descendants() {
            let parent = node.parent_element().map(|parent| parent.tag_name().name());
            let text = || node.text().map(|text| text.trim().to_owned());
            match (parent, node.tag_name().name()) {
                (Some("guest"), "arch") => {
                    arches.extend(node.attribute("name").map(str::to_owned));
                }
                (Some("arch" | "domain"), "machine") => machines.extend(text()),
                (Some("arch" | "domain"), "emulator") => emulators.extend(text()),
                (Some("cpu"), "feature") => {
                    features.extend(node.attribute("name").map(str::to_owned));
                }
                (Some("cells"), "cell") => {
                    cells.extend(node.attribute("id").and_then(|id| id.parse::<u32>().ok()));
                }
                _ => {}
            }
        }
        facts.machines = machines.into_iter().collect();
        facts.arches = arches.into_iter().collect();
        facts.emulators = emulators.into_iter().collect();
        facts.cpu_features = features.into_iter().collect();
        facts.cells = cells.into_iter().collect();
        Ok(())
    }

    fn domain_capability_facts(&self, facts: &mut Facts) -> Result<()> {
        let handle = self.handle()?;
        let xml = self.meter().call("virConnectGetDomainCapabilities", || {
            handle.domain_capabilities(None, None, None, None, 0)
        })?;
        let Ok(document) = Document::parse(&xml) else {
            return Ok(());
        };
        let mut features: BTreeSet<String> = facts.cpu_features.drain(..).collect();
        for mode in document
            .descendants()
            .filter(|node| node.has_tag_name("mode"))
        {
            let custom = mode.attribute("name") == Some("custom");
            for node in mode.children().filter(Node::is_element) {
                let usable = node.attribute("usable") != Some("no");
                if custom && usable && node.has_tag_name("model") {
                    let name = node.text().map(|text| text.trim().to_owned());
                    facts.cpu_models.extend(name);
                }
                if node.has_tag_name("feature") {
                    features.extend(node.attribute("name").map(str::to_owned));
                }
            }
        }
        facts.cpu_features = features.into_iter().collect();
        Ok(())
    }

    fn node_device_facts(&self, facts: &mut Facts) -> Result<()> {
        let (handle, meter) = (self.handle()?, self.meter());
        let wanted = virt_sys::VIR_CONNECT_LIST_NODE_DEVICES_CAP_NET
            | virt_sys::VIR_CONNECT_LIST_NODE_DEVICES_CAP_PCI_DEV;
        let devices = meter.call("virConnectListAllNodeDevices", || {
            handle.list_all_node_devices(wanted)
        })?;
        for device in devices {
            let xml = meter.call("virNodeDeviceGetXMLDesc", || device.xml_desc(0));
            let (Ok(name), Ok(xml)) = (device.name(), xml) else {
                continue;
            };
            let Ok(document) = Document::parse(&xml) else {
                continue;
            };
            let text = |wanted: &str| {
                document
                    .descendants()
                    .find(|node| node.has_tag_name(wanted))
                    .and_then(|node| node.text())
                    .map(|text| text.trim().to_owned())
            };
            if let Some(interface) = text("interface") {
                facts.net_devices.push(interface);
                continue;
            }
            let number = |wanted: &str| text(wanted).and_then(|text| text.parse().ok());
            if let (Some(domain), Some(bus), Some(slot), Some(function)) = (
                number("domain"),
                number("bus"),
                number("slot"),
                number("function"),
            ) {
                facts.pci_devices.push(PciDevice {
                    name,
                    product: text("product").filter(|text| !text.is_empty()),
                    address: [domain, bus, slot, function],
                });
            }
        }
        facts.net_devices.sort();
        facts.pci_devices.sort_by_key(|device| device.address);
        Ok(())
    }

    fn filter_and_secret_facts(&self, facts: &mut Facts) -> Result<()> {
        let (handle, meter) = (self.handle()?, self.meter());
        let secrets = meter.call("virConnectListAllSecrets", || handle.list_all_secrets(0));
        for secret in secrets.unwrap_or_default() {
            facts.secrets.extend(secret.uuid_string().ok());
        }
        let filters = meter.call("virConnectListAllNWFilters", || {
            handle.list_all_nw_filters(0)
        })?;
        facts
            .filters
            .extend(filters.iter().filter_map(|filter| filter.name().ok()));
        facts.filters.sort();
        Ok(())
    }
}
