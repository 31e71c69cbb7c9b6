//! Virtual networks and what of a host they stand on: links, routes, filters.

use std::net::IpAddr;
use std::time::SystemTime;

use super::Uuid;

/// Everything about the networks of a host, read at one time.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct HostNetworks {
    /// Virtual networks by name; why libvirt would not list them.
    pub networks: Vec<Network>,
    /// Why there are none, where the driver would not list them.
    pub networks_error: Option<String>,
    /// Links of the host, by their number or name.
    pub links: Vec<Link>,
    /// Who told of the links.
    pub links_from: LinksFrom,
    /// Why no links are known.
    pub links_error: Option<String>,
    /// Why less is known of them than could be.
    pub links_note: Option<String>,
    /// The address of another host by which virtty's own login over ssh comes to it.
    pub ssh: Option<IpAddr>,
    /// Routes of the main table that are no mere consequence of an address.
    pub routes: Vec<Route>,
    /// Addresses that the host has heard of, by hardware address.
    pub neighbours: Vec<Neighbour>,
    /// Network filters, by name.
    pub filters: Vec<NwFilter>,
    /// Why there are none, where the driver has none.
    pub filters_error: Option<String>,
    /// Filters at work on taps.
    pub bindings: Vec<FilterBinding>,
    /// Who sets the host's network up when it starts; `None` where its files are not seen.
    pub keeper: Option<Keeper>,
    /// What of the firewall stands between guests on bridges and the world.
    pub firewall: Firewall,
    /// Its files, where their keeper is ifupdown.
    pub files: KeeperFiles,
    /// A change of a bridge that waits to be kept.
    pub change: Option<PendingChange>,
}

impl HostNetworks {
    /// What of the links is not seen where libvirt alone tells of them, and why.
    pub const UNSEEN: &str = "counters, routes and VLANs are not visible from here: libvirt does not tell them (over +ssh, virtty asks \
        the host itself where files-over-ssh is set in the section [host] of its settings)";
}

/// A change of a host's links that is taken back unless somebody keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PendingChange {
    /// What it is, in a few words.
    pub title: String,
    /// When it is taken back.
    pub until: SystemTime,
    /// The process that takes it back is there.
    pub is_guarded: bool,
}

/// Who told of the links of a host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LinksFrom {
    /// The kernel of this machine.
    Kernel,
    /// The kernel of the host, which was asked over ssh.
    Ssh,
    /// libvirt's interface driver, which tells less.
    #[default]
    Libvirt,
}

/// A virtual network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Network {
    /// Its UUID.
    pub uuid: Uuid,
    /// Its name; untrusted.
    pub name: String,
    /// It is started.
    pub active: bool,
    /// It is defined on disk.
    pub persistent: bool,
    /// Started with the host; `None` where libvirt does not say.
    pub autostart: Option<bool>,
    /// What holds now, or from the next start on when it is not active.
    pub definition: NetworkDefinition,
    /// What holds from the next start on, where that differs.
    pub next: Option<NetworkDefinition>,
    /// Why its XML cannot be read.
    pub error: Option<String>,
    /// Its XML, live where it is active.
    pub xml: String,
    /// Leases of its DHCP server; why they cannot be read.
    pub leases: Result<Vec<Lease>, String>,
}

/// What the XML of a network says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NetworkDefinition {
    /// `forward/@mode`: nat, route, open, bridge, private, vepa, passthrough, hostdev; `None` is isolated.
    pub forward: Option<String>,
    /// Devices of the host that it forwards to.
    pub forward_devices: Vec<String>,
    /// `bridge/@name`.
    pub bridge: Option<String>,
    /// `bridge/@stp`.
    pub stp: Option<bool>,
    /// `mtu/@size` in bytes.
    pub mtu: Option<u32>,
    /// `domain/@name`: its DNS domain.
    pub domain: Option<String>,
    /// It answers DNS queries.
    pub dns: bool,
    /// Its addresses and their DHCP, in the order of the document.
    pub subnets: Vec<Subnet>,
    /// `dns/host`.
    pub dns_hosts: Vec<DnsHost>,
    /// Names of port groups.
    pub portgroups: Vec<String>,
    /// `@connections`: NICs that are attached, of an active network.
    pub connections: Option<u32>,
}

/// An `<ip>` of a network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subnet {
    /// Address of the host in it.
    pub address: IpAddr,
    /// Length of its prefix in bits.
    pub prefix: u32,
    /// What its DHCP server gives out, first and last.
    pub ranges: Vec<(IpAddr, IpAddr)>,
    /// Reservations.
    pub hosts: Vec<DhcpHost>,
    /// It has a `<dhcp>`.
    pub dhcp: bool,
}

/// A reservation of an address (`dhcp/host`).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DhcpHost {
    /// Hardware address in lower case.
    pub mac: Option<String>,
    /// `@id`, the DUID of IPv6.
    pub id: Option<String>,
    /// The address.
    pub address: Option<IpAddr>,
    /// The name it is given.
    pub name: Option<String>,
}

/// A name that the network's DNS server knows (`dns/host`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DnsHost {
    /// The address, as it is written.
    pub address: String,
    /// Its names.
    pub names: Vec<String>,
}

/// A lease of a network's DHCP server (`virNetworkDHCPLease`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// Bridge it was given on.
    pub interface: Option<String>,
    /// When it ends; `None` for one without end.
    pub expires: Option<SystemTime>,
    /// Hardware address in lower case.
    pub mac: Option<String>,
    /// The address.
    pub address: IpAddr,
    /// Length of its prefix in bits.
    pub prefix: u32,
    /// What the client calls itself; untrusted.
    pub hostname: Option<String>,
    /// Client id or DUID.
    pub client_id: Option<String>,
}

/// A link of a host: a NIC, a bridge, a tap.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Link {
    /// Its name; untrusted.
    pub name: String,
    /// The kernel's number of it.
    pub index: Option<u32>,
    /// bridge, vlan, bond, tun, veth, …; `None` for a device of its own.
    pub kind: Option<String>,
    /// Hardware address in lower case.
    pub mac: Option<String>,
    /// Largest packet in bytes.
    pub mtu: Option<u32>,
    /// It is switched on.
    pub enabled: Option<bool>,
    /// A cable or a peer is there.
    pub carrier: Option<bool>,
    /// The bridge or bond that it is in.
    pub master: Option<String>,
    /// The link below a VLAN or macvtap.
    pub parent: Option<String>,
    /// Its addresses.
    pub addresses: Vec<LinkAddress>,
    /// Megabits a second.
    pub speed_mbps: Option<u32>,
    /// What a bridge has more.
    pub bridge: Option<BridgeFacts>,
    /// What the bridge does with this member: forwarding, learning, blocking, disabled.
    pub port_state: Option<String>,
    /// Received and sent since it was made.
    pub counters: Option<LinkCounters>,
    /// A device of the host's hardware, or what stands for one.
    pub physical: bool,
    /// It carries frames of Ethernet, as bridges do; `None` where that is not told.
    pub ethernet: Option<bool>,
    /// It is of a wireless network.
    pub wireless: bool,
}

/// An address of a link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkAddress {
    /// The address.
    pub address: IpAddr,
    /// Length of its prefix in bits.
    pub prefix: u32,
    /// It came by DHCP or router advertisement, and ends when nobody renews it.
    pub dynamic: bool,
    /// It is of use beyond the link.
    pub global: bool,
    /// The other end's address, where the link has but two ends; the prefix is that of this one.
    pub peer: Option<IpAddr>,
    /// It has a broadcast address.
    pub broadcast: bool,
    /// Another name than the link's, as in `eth0:1`.
    pub label: Option<String>,
    /// Cost of the route that the kernel makes of it.
    pub metric: Option<u32>,
    /// The kernel makes no route of it (`noprefixroute`): somebody else did.
    pub no_route: bool,
}

impl LinkAddress {
    /// One that stays, and has nothing special.
    #[must_use]
    pub fn new(address: IpAddr, prefix: u32) -> Self {
        Self {
            address,
            prefix,
            dynamic: false,
            global: true,
            peer: None,
            broadcast: address.is_ipv4(),
            label: None,
            metric: None,
            no_route: false,
        }
    }

    /// Whether it is in the same subnet as another.
    #[must_use]
    pub fn meets(&self, address: IpAddr) -> bool {
        same_network(self.address, address, self.prefix)
    }
}

/// What a bridge has more than other links.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BridgeFacts {
    /// Its id in the spanning tree.
    pub id: Option<String>,
    /// The id of the tree's root.
    pub root: Option<String>,
    /// The spanning tree protocol is on.
    pub stp: Option<bool>,
    /// Seconds until a new member forwards.
    pub delay_seconds: Option<u32>,
    /// It keeps VLANs apart.
    pub vlan_filtering: Option<bool>,
}

/// Counters of a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LinkCounters {
    /// Bytes received.
    pub rx_bytes: u64,
    /// Bytes sent.
    pub tx_bytes: u64,
    /// Packets that were dropped on the way in.
    pub rx_dropped: u64,
    /// Packets that were dropped on the way out.
    pub tx_dropped: u64,
    /// Errors in both directions.
    pub errors: u64,
}

/// A route that somebody made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// Where it leads: `default`, or a network.
    pub to: String,
    /// By whom.
    pub gateway: Option<IpAddr>,
    /// Through which link; the first of them where there are several.
    pub device: String,
    /// Its cost.
    pub metric: Option<u32>,
    /// Who made it: static, dhcp, ra, boot.
    pub protocol: Option<String>,
    /// Of IPv6.
    pub ipv6: bool,
    /// The table that it is in, where that is not the main one.
    pub table: Option<String>,
    /// The gateway is behind the link although no address of it says so.
    pub onlink: bool,
    /// What else `ip route` says of it, in its own words: `src 10.0.0.5`, `mtu 1400`.
    pub more: Vec<String>,
    /// Several ways of the same cost, where there are several.
    pub hops: Vec<RouteHop>,
}

/// One of several ways of a route.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RouteHop {
    /// By whom.
    pub gateway: Option<IpAddr>,
    /// Through which link.
    pub device: String,
    /// How much of all goes this way.
    pub weight: Option<u32>,
    /// As [`Route::onlink`].
    pub onlink: bool,
}

impl Route {
    /// Whether it leads through a link.
    #[must_use]
    pub fn uses(&self, link: &str) -> bool {
        self.device == link || self.hops.iter().any(|hop| hop.device == link)
    }

    /// Whether the kernel made it of an address: it comes and goes with that.
    #[must_use]
    pub fn is_of_address(&self) -> bool {
        self.protocol.as_deref() == Some("kernel")
    }
}

/// A hardware address and an address that were seen together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Neighbour {
    /// Hardware address in lower case.
    pub mac: String,
    /// The address.
    pub address: IpAddr,
    /// The link on which.
    pub device: String,
}

/// A network filter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NwFilter {
    /// Its UUID.
    pub uuid: Uuid,
    /// Its name; untrusted.
    pub name: String,
    /// `@chain`.
    pub chain: Option<String>,
    /// Rules of its own.
    pub rules: usize,
    /// Filters that it refers to.
    pub references: Vec<String>,
    /// Its XML.
    pub xml: String,
}

/// A filter at work on a tap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilterBinding {
    /// The tap.
    pub port: String,
    /// Name of the filter.
    pub filter: String,
}

/// Who sets the network of a host up when it starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Keeper {
    /// ifupdown: `/etc/network/interfaces`, and what that names.
    Ifupdown,
    /// netplan: `/etc/netplan`.
    Netplan,
    /// NetworkManager.
    NetworkManager,
    /// systemd-networkd: `/etc/systemd/network`.
    Networkd,
    /// None of those.
    Unknown,
}

/// Files of ifupdown.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct KeeperFiles {
    /// Path and text, the main one first.
    pub interfaces: Vec<(String, String)>,
    /// Where a file of a bridge's own is read, with `{}` for its name; `None` where none is.
    pub own: Option<String>,
    /// It knows the options of bridges (package bridge-utils).
    pub knows_bridges: bool,
}

/// What of the firewall decides whether guests on a bridge reach anybody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Firewall {
    /// Packets of bridges pass through iptables (`bridge-nf-call-iptables`); `None` where that is not known.
    pub bridge_calls_iptables: Option<bool>,
    /// The host forwards IPv4.
    pub forwards_v4: Option<bool>,
    /// The host forwards IPv6.
    pub forwards_v6: Option<bool>,
    /// What iptables does with forwarded packets that no rule names: `true` drops them.
    pub drops_forwarded: Option<bool>,
}

impl Network {
    /// How it reaches the world, in virt-manager's words.
    #[must_use]
    pub fn mode(&self) -> &str {
        self.definition.mode()
    }
}

impl NetworkDefinition {
    /// How it reaches the world, in virt-manager's words.
    #[must_use]
    pub fn mode(&self) -> &str {
        match self.forward.as_deref() {
            None => "isolated",
            Some("nat") => "NAT",
            Some("route") => "routed",
            Some(other) => other,
        }
    }

    /// The subnet that an address is in, with its place.
    #[must_use]
    pub fn subnet_of(&self, address: IpAddr) -> Option<(usize, &Subnet)> {
        self.subnets
            .iter()
            .enumerate()
            .find(|(_, subnet)| subnet.holds(address))
    }
}

impl Subnet {
    /// Whether an address is in it.
    #[must_use]
    pub fn holds(&self, address: IpAddr) -> bool {
        same_network(self.address, address, self.prefix)
    }

    /// The subnet as people write it: the first address of it, and its prefix.
    #[must_use]
    pub fn cidr(&self) -> String {
        format!("{}/{}", self.ends().0, self.prefix)
    }

    /// Its first address and its last.
    #[must_use]
    pub fn ends(&self) -> (IpAddr, IpAddr) {
        match self.address {
            IpAddr::V4(address) => {
                let (mask, bits) = (mask_v4(self.prefix), address.to_bits());
                let of = |bits| IpAddr::from(std::net::Ipv4Addr::from_bits(bits));
                (of(bits & mask), of(bits | !mask))
            }
            IpAddr::V6(address) => {
                let (mask, bits) = (mask_v6(self.prefix), address.to_bits());
                let of = |bits| IpAddr::from(std::net::Ipv6Addr::from_bits(bits));
                (of(bits & mask), of(bits | !mask))
            }
        }
    }
}

fn mask_v4(prefix: u32) -> u32 {
    u32::MAX
        .checked_shl(32_u32.saturating_sub(prefix))
        .unwrap_or(0)
}

fn mask_v6(prefix: u32) -> u128 {
    u128::MAX
        .checked_shl(128_u32.saturating_sub(prefix))
        .unwrap_or(0)
}

/// Whether two addresses are in the same network of this prefix.
#[must_use]
pub fn same_network(one: IpAddr, other: IpAddr, prefix: u32) -> bool {
    match (one, other) {
        (IpAddr::V4(one), IpAddr::V4(other)) => {
            (one.to_bits() ^ other.to_bits()) & mask_v4(prefix) == 0
        }
        (IpAddr::V6(one), IpAddr::V6(other)) => {
            (one.to_bits() ^ other.to_bits()) & mask_v6(prefix) == 0
        }
        _ => false,
    }
}

impl Link {
    /// Whether it is a bridge.
    #[must_use]
    pub fn is_bridge(&self) -> bool {
        self.kind.as_deref() == Some("bridge")
    }

    /// Whether it is the host's end of a guest's NIC, or could be.
    #[must_use]
    pub fn is_tap(&self) -> bool {
        matches!(self.kind.as_deref(), Some("tun" | "macvtap"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subnets_know_their_addresses() {
        let subnet = |address: &str, prefix| Subnet {
            address: address.parse().unwrap(),
            prefix,
            ranges: Vec::new(),
            hosts: Vec::new(),
            dhcp: false,
        };
        let four = subnet("192.168.122.1", 24);
        assert_eq!(four.cidr(), "192.168.122.0/24");
        assert!(four.holds("192.168.122.254".parse().unwrap()));
        assert!(!four.holds("192.168.123.1".parse().unwrap()));
        assert!(!four.holds("::1".parse().unwrap()));
        let six = subnet("fd00:1::1", 64);
        assert_eq!(six.cidr(), "fd00:1::/64");
        assert!(six.holds("fd00:1::abcd".parse().unwrap()));
        assert!(subnet("10.0.0.1", 0).holds("1.2.3.4".parse().unwrap()));
    }
}
