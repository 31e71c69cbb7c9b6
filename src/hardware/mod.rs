//! The hardware of a domain: what it runs with and what it starts with next, side by side. Pure.
//!
//! - [`Hardware`]: every part of a domain in virt-manager's order, read of its running and of its stored definition;
//! - [`Edit`]: changes at [`Place`]s, made in the text of a definition;
//! - [`Item`]: one of them with its [`Fact`]s, and whether the next start makes something else of it.
//!
//! libvirt fills a running definition in with what it chose: names of taps, ports, files of consoles. That is shown, but is no
//! change that waits (`flat`).

mod device;
mod edit;
mod flat;
mod host_device;
mod item;
mod kind;
mod list;
mod names;
mod place;
mod titles;
mod waiting;

pub use device::{NewDevice, PciAddress, Wire, usb_id};
pub use edit::{Change, Edit, EditError, To, without};
pub use host_device::{HostDevice, HostDeviceKind};
pub use item::{Fact, Item, ItemId, Pending};
pub use kind::Kind;
pub use list::Hardware;
pub use place::{Place, Spot, nics};
pub use waiting::waiting;

#[cfg(test)]
mod tests;
