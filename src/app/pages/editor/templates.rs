//! What a new definition begins with, by its kind.

use crate::model::StoredKind;

/// A definition that libvirt takes once it has a name of its own. A UUID is libvirt's to choose.
#[must_use]
pub fn template(kind: StoredKind) -> &'static str {
    match kind {
        StoredKind::Domain => DOMAIN,
        StoredKind::Network => NETWORK,
        StoredKind::Pool => POOL,
        StoredKind::NwFilter => FILTER,
        StoredKind::Secret => SECRET,
    }
}

const DOMAIN: &str = "<domain type='kvm'>
  <name>new</name>
  <memory unit='GiB'>2</memory>
  <vcpu>2</vcpu>
  <os>
    <type arch='x86_64' machine='q35'>hvm</type>
    <boot dev='hd'/>
  </os>
  <features>
    <acpi/>
    <apic/>
  </features>
  <cpu mode='host-model'/>
  <clock offset='utc'/>
  <devices>
    <disk type='file' device='disk'>
      <driver name='qemu' type='qcow2'/>
      <source file='/var/lib/libvirt/images/new.qcow2'/>
      <target dev='vda' bus='virtio'/>
    </disk>
    <interface type='network'>
      <source network='default'/>
      <model type='virtio'/>
    </interface>
    <channel type='unix'>
      <target type='virtio' name='org.qemu.guest_agent.0'/>
    </channel>
    <console type='pty'/>
    <graphics type='vnc' autoport='yes' listen='127.0.0.1'/>
    <video>
      <model type='virtio'/>
    </video>
    <rng model='virtio'>
      <backend model='random'>/dev/urandom</backend>
    </rng>
  </devices>
</domain>
";

const NETWORK: &str = "<network>
  <name>new</name>
  <forward mode='nat'/>
  <bridge stp='on' delay='0'/>
  <ip address='192.168.150.1' netmask='255.255.255.0'>
    <dhcp>
      <range start='192.168.150.2' end='192.168.150.254'/>
    </dhcp>
  </ip>
</network>
";

const POOL: &str = "<pool type='dir'>
  <name>new</name>
  <target>
    <path>/var/lib/libvirt/new</path>
  </target>
</pool>
";

const FILTER: &str = "<filter name='new' chain='root'>
  <filterref filter='no-ip-spoofing'/>
  <rule action='accept' direction='out' priority='500'>
    <all/>
  </rule>
</filter>
";

const SECRET: &str = "<secret ephemeral='no' private='yes'>
  <description>what it is for</description>
  <usage type='volume'>
    <volume>/var/lib/libvirt/images/new.qcow2</volume>
  </usage>
</secret>
";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::{FOLDER, Schemas};

    #[test]
    fn templates_fit_libvirts_schema() {
        let mut schemas = Schemas::new(FOLDER);
        for kind in StoredKind::ALL {
            let checked = schemas.check(template(kind).as_bytes());
            assert_eq!(checked.unchecked, None);
            assert_eq!(checked.findings, [], "{kind:?}");
        }
    }
}
