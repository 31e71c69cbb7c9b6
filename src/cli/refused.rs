//! Options of virt-install and virt-clone that virtty does not have: each is refused with the way to what it is for.

/// The option, and what is done instead.
const REFUSED: &[(&str, &str)] = &[
    (
        "--unattended",
        "virtty writes no answers for installers: hand yours over with --location … --initrd-inject FILE (preseed.cfg, ks.cfg) and \
         --extra-args, or take a cloud image with --import --cloud-init",
    ),
    (
        "--reinstall",
        "a domain that is there is installed anew by its own disc: virtty change-media DOMAIN TARGET ISO --insert, then let it boot \
         from that (virtty edit, <boot order>)",
    ),
    (
        "--container",
        "virtty makes full virtual machines alone; a container of LXC is defined by its XML (virtty xml apply)",
    ),
    (
        "--idmap",
        "that is of containers, which virtty does not make",
    ),
    (
        "--paravirt",
        "virtty makes full virtual machines alone; a guest of Xen is defined by its XML (virtty xml apply)",
    ),
    (
        "--livecd",
        "give the image as --disk ISO,device=cdrom and boot from it: --boot cdrom",
    ),
    ("--nodisks", "that is --disk none now"),
    ("--nonetworks", "that is --network none now"),
    ("--vnc", "that is --graphics vnc now"),
    (
        "--sdl",
        "that is --graphics of a desktop; take vnc or spice",
    ),
    ("--vncport", "that is --graphics vnc,port=… now"),
    ("--vnclisten", "that is --graphics vnc,listen=… now"),
    ("--keymap", "that is --graphics …,keymap=… now"),
    ("--mac", "that is --network …,mac=… now"),
    ("--bridge", "that is --network bridge=… now"),
    ("--file", "that is --disk PATH now"),
    ("--file-size", "that is --disk PATH,size=… now"),
    ("--nonsparse", "that is --disk …,sparse=no now"),
    ("--cpuset", "that is --vcpus …,cpuset=… now"),
    (
        "--check-cpu",
        "more vCPUs than the host has CPUs are told anyway",
    ),
    (
        "--accelerate",
        "KVM is taken where the host has it; --virt-type says otherwise",
    ),
    (
        "--force",
        "nothing is asked here that it could answer; --check says what does not stand in the way",
    ),
    (
        "--prompt",
        "nothing is asked here; the form of the console (n) asks",
    ),
    (
        "--reflink",
        "copies are made by the host's libvirt, which does so where its file system can",
    ),
    (
        "--replace",
        "a domain that is there is never written over: delete it first (virtty undefine), or choose another name",
    ),
    (
        "--nvram",
        "the clone's own is made beside that of the original",
    ),
    (
        "--preserve-data",
        "write into a volume that is there by virtty vol-upload, and share it: --disk TARGET=share",
    ),
];

/// What is said of an option that nobody knows; `None` where nothing is.
pub(super) fn why(option: &str) -> Option<String> {
    let named = option.split('=').next().unwrap_or(option);
    let row = REFUSED.iter().find(|row| row.0 == named)?;
    Some(format!("{named} is not possible: {}", row.1))
}
