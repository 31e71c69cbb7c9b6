//! Networks, pools and volumes by name.

use roxmltree::Document;

use super::{Connection, Result};
use crate::model::{Resource, ResourceKind};

impl Connection {
    /// Networks, storage pools, and the volumes of active pools, `most` at most of the last. What a driver lacks or what
    /// vanishes meanwhile is left out.
    ///
    /// # Errors
    /// That the connection is closed.
    pub fn resources(&self, most: usize) -> Result<Vec<Resource>> {
        let handle = self.handle()?;
        let meter = self.meter();
        let mut found = Vec::new();
        let networks = meter.call("virConnectListAllNetworks", || handle.list_all_networks(0));
        for network in networks.unwrap_or_default() {
            let active = meter.call("virNetworkIsActive", || network.is_active());
            if let (Ok(name), Ok(active)) = (network.name(), active) {
                let kind = ResourceKind::Network { active };
                found.push(Resource { name, kind });
            }
        }
        let pools = meter.call("virConnectListAllStoragePools", || {
            handle.list_all_storage_pools(0)
        });
        let mut volumes = Vec::new();
        for pool in pools.unwrap_or_default() {
            let active = meter.call("virStoragePoolIsActive", || pool.is_active());
            let (Ok(name), Ok(active)) = (pool.name(), active) else {
                continue;
            };
            let xml = meter.call("virStoragePoolGetXMLDesc", || pool.xml_desc(0));
            let path = xml.ok().and_then(|xml| target(&xml));
            if active && volumes.len() < most {
                let listed =
                    meter.call("virStoragePoolListAllVolumes", || pool.list_all_volumes(0));
                for volume in listed
                    .unwrap_or_default()
                    .into_iter()
                    .take(most - volumes.len())
                {
                    let Ok(volume) = volume.name() else { continue };
                    volumes.push(Resource {
                        kind: ResourceKind::Volume {
                            pool: name.clone(),
                            // By the pool's own folder: a round trip for each volume would be too much.
                            path: path.as_ref().map(|path| format!("{path}/{volume}")),
                        },
                        name: volume,
                    });
                }
            }
            let kind = ResourceKind::Pool { active, path };
            found.push(Resource { name, kind });
        }
        found.append(&mut volumes);
        Ok(found)
    }
}

/// The folder of a pool.
fn target(xml: &str) -> Option<String> {
    let document = Document::parse(xml).ok()?;
    let target = document
        .root_element()
        .children()
        .find(|node| node.has_tag_name("target"))?;
    let path = target.children().find(|node| node.has_tag_name("path"))?;
    path.text()
        .map(|path| path.trim_end_matches('/').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folder_of_a_pool_is_its_target() {
        let xml =
            "<pool><source><dir path='/x'/></source><target><path>/srv/vm/</path></target></pool>";
        assert_eq!(target(xml).as_deref(), Some("/srv/vm"));
        assert_eq!(target("<pool/>"), None);
    }
}
