//! libvirt's XML documents as such, whatever their kind: compared, merged, edited in place. Pure.
//!
//! - [`Tree`]: a document that is well-formed, with a fingerprint for every element;
//! - [`changes`]: what differs, element by element, the order of devices and white space apart;
//! - [`effects()`]: which of that can be had at once while the domain runs, and which at its next start;
//! - [`adopt()`]: one document with the content of another, where every line that need not change stays as it is;
//! - [`merge()`]: three ways, with conflicts marked in the text;
//! - [`standing`]: which object of a host a document stands for; [`blame()`]: which place a message of libvirt is about;
//! - [`Element`]: documents written;
//! - [`TextDiff`]: what differs line by line;
//! - [`scan`]: words of a text that may be broken, for colours, folding, masks and completion;
//! - [`secrets`]: where passwords stand, and how they are kept off the screen.

mod adopt;
mod applying;
mod blame;
mod compare;
mod edit;
mod effects;
mod element;
mod identity;
mod lines;
mod merge;
mod partial;
mod places;
pub mod scan;
pub mod secrets;
mod tree;
mod units;

pub use adopt::{adopt, reapply};
pub use applying::{Identity, Refusal, Standing, standing, with_uuid};
pub use blame::blame;
pub use compare::{Change, Step, What, changes, is_equal};
pub use edit::{Edit, apply_edits, insert_child, set_attribute, set_text};
pub use effects::{Effect, LiveOperation, When, effects, is_pluggable};
pub use element::{Element, escaped};
pub use identity::label;
pub use lines::{Hunk, Row, TextDiff, rows, unified};
pub use merge::{Conflict, Merge, merge};
pub use partial::leave_out;
pub use places::Lines;
pub use tree::{DEEPEST, Malformed, Tree};
pub use units::{highest, kibibytes};

#[cfg(test)]
mod tests;
