//! The namespace of what the user says about a domain.

/// Namespace of our element in the `<metadata>` of a domain, which holds a `<tag>` for each tag and `<notes>`.
pub const METADATA_NAMESPACE: &str = "https://virtty.dev/xmlns/domain/1";

/// Namespace of our element in the `<metadata>` of a domain whose disks are the base of linked clones: a `<disk target=…>` for each.
pub const BASE_NAMESPACE: &str = "https://virtty.dev/xmlns/base/1";
