//! Installing from a tree on the network or from a disc that lies here: which of its files are kernel and initrd.
//!
//! Distributions lay their trees out in a few ways; those of Fedora and its kin say so themselves (`.treeinfo`).

/// Where an installer is: `--location`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Location {
    /// A URL of a tree, or the path of an ISO image on this machine.
    pub place: String,
    /// Its kernel, below the place, where it is not where it usually is.
    pub kernel: Option<String>,
    /// Its initrd likewise.
    pub initrd: Option<String>,
    /// Files of this machine that go into the root of its initrd.
    pub inject: Vec<String>,
}

impl Location {
    /// Whether it is a tree that is read through the network.
    #[must_use]
    pub fn is_url(&self) -> bool {
        ["http://", "https://", "ftp://"]
            .iter()
            .any(|scheme| self.place.starts_with(scheme))
    }
}

/// Kernel and initrd of an installer, by their paths below its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pair {
    /// The kernel.
    pub kernel: String,
    /// The initrd.
    pub initrd: String,
    /// The argument by which the kernel is told where its tree is; the place goes behind it.
    pub method: Option<&'static str>,
}

/// What Debian, Ubuntu, Fedora and SUSE call an architecture in their trees.
fn names(arch: &str) -> (&str, &str) {
    match arch {
        "x86_64" => ("amd64", "amd"),
        "aarch64" => ("arm64", "a64"),
        "i686" => ("i386", "386"),
        other => (other, other),
    }
}

/// Pairs that may be there, the likeliest first.
#[must_use]
pub fn candidates(arch: &str) -> Vec<Pair> {
    let (debian, short) = names(arch);
    let pair = |kernel: String, initrd: String, method| Pair {
        kernel,
        initrd,
        method,
    };
    let netboot = "current/images/netboot";
    let mut pairs = vec![
        pair(
            "images/pxeboot/vmlinuz".to_owned(),
            "images/pxeboot/initrd.img".to_owned(),
            Some("inst.repo="),
        ),
        pair(
            format!("{netboot}/debian-installer/{debian}/linux"),
            format!("{netboot}/debian-installer/{debian}/initrd.gz"),
            None,
        ),
        pair(
            format!("main/installer-{debian}/{netboot}/debian-installer/{debian}/linux"),
            format!("main/installer-{debian}/{netboot}/debian-installer/{debian}/initrd.gz"),
            None,
        ),
        pair(
            format!("boot/{arch}/loader/linux"),
            format!("boot/{arch}/loader/initrd"),
            Some("install="),
        ),
    ];
    for folder in [format!("install.{short}"), "install".to_owned()] {
        pairs.push(pair(
            format!("{folder}/vmlinuz"),
            format!("{folder}/initrd.gz"),
            None,
        ));
    }
    pairs.push(pair(
        "casper/vmlinuz".to_owned(),
        "casper/initrd".to_owned(),
        None,
    ));
    pairs
}

/// What a tree says of itself in `.treeinfo`.
#[must_use]
pub fn treeinfo(text: &str, arch: &str) -> Option<Pair> {
    let section = format!("[images-{arch}]");
    let mut inside = false;
    let (mut kernel, mut initrd) = (None, None);
    for line in text.lines().map(str::trim) {
        if line.starts_with('[') {
            inside = line == section;
            continue;
        }
        let Some((key, value)) = line.split_once('=').filter(|_| inside) else {
            continue;
        };
        let value = value.trim();
        // What leads out of the tree is not of it.
        if value.starts_with('/') || value.contains("..") || value.contains("://") {
            continue;
        }
        match key.trim() {
            "kernel" => kernel = Some(value.to_owned()),
            "initrd" => initrd = Some(value.to_owned()),
            _ => {}
        }
    }
    Some(Pair {
        kernel: kernel?,
        initrd: initrd?,
        method: Some(if text.to_lowercase().contains("suse") {
            "install="
        } else {
            "inst.repo="
        }),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tree_says_where_its_kernel_is() {
        let text = "[general]\nfamily = Fedora\n[images-x86_64]\nkernel = images/pxeboot/vmlinuz\ninitrd=images/pxeboot/initrd.img\n\
                    [images-xen]\nkernel = other\n";
        let pair = treeinfo(text, "x86_64").unwrap();
        assert_eq!(pair.kernel, "images/pxeboot/vmlinuz");
        assert_eq!(pair.method, Some("inst.repo="));
        assert_eq!(treeinfo(text, "aarch64"), None);
        assert_eq!(
            treeinfo("[images-x86_64]\nkernel=/etc/passwd\ninitrd=../x", "x86_64"),
            None
        );
    }

    #[test]
    fn every_candidate_stays_below_its_place() {
        for arch in ["x86_64", "aarch64", "s390x"] {
            for pair in candidates(arch) {
                assert!(!pair.kernel.starts_with('/') && !pair.initrd.contains(".."));
            }
        }
        assert!(
            candidates("x86_64")
                .iter()
                .any(|pair| pair.kernel == "install.amd/vmlinuz")
        );
    }
}
