//! The commands of virsh about pools, volumes and secrets, one row each.

use super::Effect::{Changes, Reads};
use super::table::{flag, opt, row};
use super::{Command, Kind, Need, Opt};

pub(super) const POOL: Opt = opt(
    "pool",
    Kind::Pool,
    Need::Required,
    "Name or UUID of the storage pool.",
);
const OF_POOL: Opt = opt(
    "pool",
    Kind::Pool,
    Need::Optional,
    "Its storage pool; without one the volume is named by its path or key.",
);
const VOLUME: Opt = opt(
    "vol",
    Kind::Volume,
    Need::Required,
    "Name, path or key of the volume.",
);
const SECRET: Opt = opt(
    "secret",
    Kind::Secret,
    Need::Required,
    "UUID of the secret.",
);
const FILE: Opt = opt(
    "file",
    Kind::LocalFile,
    Need::Required,
    "File on this machine.",
);
const DOCUMENT: Opt = opt(
    "file",
    Kind::LocalFile,
    Need::Required,
    "File on this machine with the XML.",
);
const OVERWRITE: Opt = flag("overwrite", "Overwrite what its place already holds.");
const NO_OVERWRITE: Opt = flag(
    "no-overwrite",
    "Refuse when its place already holds something.",
);
const BUILD: Opt = flag("build", "Build its place first.");

const fn text(name: &'static str, doc: &'static str) -> Opt {
    opt(name, Kind::Text, Need::Optional, doc)
}

const NAME: Opt = opt("name", Kind::Text, Need::Required, "Its name.");
const TYPE: Opt = opt(
    "type",
    Kind::Choice(&[
        "dir",
        "fs",
        "netfs",
        "logical",
        "disk",
        "iscsi",
        "iscsi-direct",
        "scsi",
        "mpath",
        "rbd",
        "sheepdog",
        "gluster",
        "zfs",
        "vstorage",
    ]),
    Need::Required,
    "What it is made of.",
);
const SOURCE_HOST: Opt = text("source-host", "Host that has what it is made of.");
const SOURCE_PATH: Opt = text("source-path", "Folder there, such as an NFS export.");
const SOURCE_DEV: Opt = text("source-dev", "Device that it is made of.");
const SOURCE_NAME: Opt = text("source-name", "Name there: a volume group, a Ceph pool.");
const TARGET: Opt = text("target", "Folder where it appears on the host.");
const SOURCE_FORMAT: Opt = text(
    "source-format",
    "Format of the source, such as nfs or ext4.",
);
const AUTH_TYPE: Opt = text("auth-type", "How one logs in there: chap or ceph.");
const AUTH_USER: Opt = text("auth-username", "Who logs in there.");
const SECRET_USAGE: Opt = text("secret-usage", "What the secret of the login is for.");
const SECRET_UUID: Opt = text("secret-uuid", "UUID of the secret of the login.");
const ADAPTER: Opt = text("adapter-name", "SCSI adapter of the host.");
const INITIATOR: Opt = text("source-initiator", "IQN that the host calls itself.");

const CAPACITY: Opt = opt(
    "capacity",
    Kind::Bytes,
    Need::Required,
    "The size: bytes, or with a unit as in 20G.",
);
const PREALLOC: Opt = flag(
    "prealloc-metadata",
    "Give the tables of qcow2 room at once.",
);
const OFFSET: Opt = opt(
    "offset",
    Kind::Bytes,
    Need::Optional,
    "From this byte of the volume on.",
);
const LENGTH: Opt = opt(
    "length",
    Kind::Bytes,
    Need::Optional,
    "At most so many bytes.",
);
const SPARSE: Opt = flag(
    "sparse",
    "Leave holes out of what is sent; into a volume that is there they are sent as zeros.",
);
const SPARSE_FILE: Opt = flag("sparse", "Leave holes out of what is fetched.");

pub(super) const POOL_LIST: Command = row(
    "pool-list",
    Reads,
    "List the storage pools.",
    &[
        flag("inactive", "Those that are not in use."),
        flag("all", "Whether in use or not."),
        flag("autostart", "Those that start with their host."),
        flag("details", "Show their sizes too."),
    ],
);
pub(super) const POOL_INFO: Command = row(
    "pool-info",
    Reads,
    "Show what is known of a storage pool.",
    &[POOL, flag("bytes", "Sizes in bytes.")],
);
pub(super) const POOL_DUMPXML: Command = row(
    "pool-dumpxml",
    Reads,
    "Show the XML of a storage pool.",
    &[POOL, flag("inactive", "Its definition of the next start.")],
);
pub(super) const POOL_NAME: Command = row(
    "pool-name",
    Reads,
    "Show the name of a storage pool.",
    &[POOL],
);
pub(super) const POOL_UUID: Command = row(
    "pool-uuid",
    Reads,
    "Show the UUID of a storage pool.",
    &[POOL],
);
pub(super) const POOL_START: Command = row(
    "pool-start",
    Changes,
    "Take a storage pool into use.",
    &[POOL, BUILD, OVERWRITE, NO_OVERWRITE],
);
pub(super) const POOL_DESTROY: Command = row(
    "pool-destroy",
    Changes,
    "Take a storage pool out of use; nothing in it is deleted.",
    &[POOL],
);
pub(super) const POOL_REFRESH: Command = row(
    "pool-refresh",
    Changes,
    "Look anew at what is in a storage pool.",
    &[POOL],
);
pub(super) const POOL_BUILD: Command = row(
    "pool-build",
    Changes,
    "Make the place of a storage pool: a folder, a file system, a volume group.",
    &[POOL, OVERWRITE, NO_OVERWRITE],
);
pub(super) const POOL_DELETE: Command = row(
    "pool-delete",
    Changes,
    "Delete the place of a storage pool; its definition stays.",
    &[POOL],
);
pub(super) const POOL_UNDEFINE: Command = row(
    "pool-undefine",
    Changes,
    "Delete the definition of a storage pool; nothing in it is deleted.",
    &[POOL],
);
pub(super) const POOL_AUTOSTART: Command = row(
    "pool-autostart",
    Changes,
    "Take a storage pool into use together with its host.",
    &[POOL, flag("disable", "Do so no more.")],
);
/// What a pool is made of, by options.
const NEW_POOL: &[Opt] = &[
    NAME,
    TYPE,
    SOURCE_HOST,
    SOURCE_PATH,
    SOURCE_DEV,
    SOURCE_NAME,
    TARGET,
    SOURCE_FORMAT,
    AUTH_TYPE,
    AUTH_USER,
    SECRET_USAGE,
    SECRET_UUID,
    ADAPTER,
    INITIATOR,
];
pub(super) const POOL_DEFINE_AS: Command = row(
    "pool-define-as",
    Changes,
    "Define a storage pool.",
    NEW_POOL,
);
pub(super) const POOL_CREATE_AS: Command = row(
    "pool-create-as",
    Changes,
    "Take a storage pool into use that is gone when it is stopped.",
    NEW_POOL,
);
pub(super) const POOL_DEFINE: Command = row(
    "pool-define",
    Changes,
    "Define a storage pool by its XML.",
    &[DOCUMENT],
);
pub(super) const POOL_CREATE: Command = row(
    "pool-create",
    Changes,
    "Take a storage pool into use by its XML; it is gone when it is stopped.",
    &[DOCUMENT],
);
pub(super) const VOL_LIST: Command = row(
    "vol-list",
    Reads,
    "List the volumes of a storage pool.",
    &[POOL, flag("details", "Show types and sizes too.")],
);
pub(super) const VOL_INFO: Command = row(
    "vol-info",
    Reads,
    "Show the sizes of a volume.",
    &[VOLUME, OF_POOL, flag("bytes", "Its sizes in bytes.")],
);
pub(super) const VOL_DUMPXML: Command = row(
    "vol-dumpxml",
    Reads,
    "Show the XML of a volume.",
    &[VOLUME, OF_POOL],
);
pub(super) const VOL_PATH: Command = row(
    "vol-path",
    Reads,
    "Show where a volume is on its host.",
    &[VOLUME, OF_POOL],
);
pub(super) const VOL_NAME: Command =
    row("vol-name", Reads, "Show the name of a volume.", &[VOLUME]);
pub(super) const VOL_POOL: Command = row(
    "vol-pool",
    Reads,
    "Show the storage pool of a volume.",
    &[VOLUME, flag("uuid", "Its UUID instead of its name.")],
);
pub(super) const VOL_CREATE_AS: Command = row(
    "vol-create-as",
    Changes,
    "Make a volume in a storage pool.",
    &[
        POOL,
        NAME,
        CAPACITY,
        opt(
            "allocation",
            Kind::Bytes,
            Need::Optional,
            "Room that is given at once: bytes, or with a unit.",
        ),
        text("format", "Its format, such as raw or qcow2."),
        text("backing-vol", "Volume or path that it is based on."),
        text("backing-vol-format", "Format of that."),
        PREALLOC,
        opt(
            "preallocation",
            Kind::Choice(&["off", "metadata", "falloc", "full"]),
            Need::Optional,
            "How much is given room at once; virtty's own.",
        ),
        opt(
            "cluster-size",
            Kind::Bytes,
            Need::Optional,
            "Size of a cluster of qcow2; virtty's own.",
        ),
        opt(
            "compat",
            Kind::Choice(&["0.10", "1.1"]),
            Need::Optional,
            "Version of qcow2; virtty's own.",
        ),
        flag(
            "lazy-refcounts",
            "Write the counters of qcow2 late; virtty's own.",
        ),
        opt(
            "luks-secret",
            Kind::Secret,
            Need::Optional,
            "Encrypt it by LUKS with the value of this secret; virtty's own.",
        ),
    ],
);
pub(super) const VOL_CREATE: Command = row(
    "vol-create",
    Changes,
    "Make a volume by its XML.",
    &[POOL, DOCUMENT],
);
pub(super) const VOL_CLONE: Command = row(
    "vol-clone",
    Changes,
    "Copy a volume within its storage pool.",
    &[
        VOLUME,
        opt("newname", Kind::Text, Need::Required, "Name of the copy."),
        OF_POOL,
        PREALLOC,
        flag(
            "reflink",
            "Share blocks with the original, where the file system can.",
        ),
        text("to-pool", "Copy it into this pool; virtty's own."),
        text("format", "Give the copy this format; virtty's own."),
        opt(
            "compress",
            Kind::Choice(&["zlib", "zstd"]),
            Need::Optional,
            "Compress the copy, on this machine's own host by qemu-img; virtty's own.",
        ),
    ],
);
pub(super) const VOL_RESIZE: Command = row(
    "vol-resize",
    Changes,
    "Give a volume another size.",
    &[
        VOLUME,
        CAPACITY,
        OF_POOL,
        flag("allocate", "Give it all of its room at once."),
        flag("delta", "The size is what it grows by."),
        flag(
            "shrink",
            "Let it become smaller: what lies behind its end is lost.",
        ),
    ],
);
pub(super) const VOL_WIPE: Command = row(
    "vol-wipe",
    Changes,
    "Overwrite what is in a volume.",
    &[
        VOLUME,
        OF_POOL,
        opt(
            "algorithm",
            Kind::Choice(&[
                "zero",
                "nnsa",
                "dod",
                "bsi",
                "gutmann",
                "schneier",
                "pfitzner7",
                "pfitzner33",
                "random",
                "trim",
            ]),
            Need::Optional,
            "By what it is overwritten; zeros where nothing is said.",
        ),
    ],
);
pub(super) const VOL_DELETE: Command = row(
    "vol-delete",
    Changes,
    "Delete a volume.",
    &[VOLUME, OF_POOL],
);
pub(super) const VOL_UPLOAD: Command = row(
    "vol-upload",
    Changes,
    "Send a file or a drive of this machine into a volume.",
    &[
        VOLUME,
        FILE,
        OF_POOL,
        OFFSET,
        LENGTH,
        SPARSE,
        flag("create", "Make a new volume of it; virtty's own."),
        flag(
            "disc",
            "Of a drive only the disc in it, as long as its ISO 9660 file system says; virtty's own.",
        ),
    ],
);
pub(super) const VOL_DOWNLOAD: Command = row(
    "vol-download",
    Changes,
    "Fetch a volume into a file of this machine.",
    &[VOLUME, FILE, OF_POOL, OFFSET, LENGTH, SPARSE_FILE],
);
pub(super) const SECRET_LIST: Command = row("secret-list", Reads, "List the secrets.", &[]);
pub(super) const SECRET_DUMPXML: Command = row(
    "secret-dumpxml",
    Reads,
    "Show the XML of a secret, which has no value in it.",
    &[SECRET],
);
pub(super) const SECRET_DEFINE: Command = row(
    "secret-define",
    Changes,
    "Define a secret by its XML.",
    &[DOCUMENT],
);
pub(super) const SECRET_SET_VALUE: Command = row(
    "secret-set-value",
    Changes,
    "Give a secret its value.",
    &[
        SECRET,
        opt(
            "file",
            Kind::LocalFile,
            Need::Optional,
            "File on this machine that has the value, encoded by Base64.",
        ),
        flag("plain", "The value is in the file as it is."),
        flag("interactive", "Ask for it on the terminal."),
        flag("clear", "Forget the value; virtty's own."),
    ],
);
pub(super) const SECRET_GET_VALUE: Command = row(
    "secret-get-value",
    Reads,
    "Show the value of a secret, encoded by Base64.",
    &[SECRET, flag("plain", "Show it as it is.")],
);
pub(super) const SECRET_UNDEFINE: Command = row(
    "secret-undefine",
    Changes,
    "Delete a secret with its value.",
    &[SECRET],
);

/// The rows, in the order of the help.
pub const STORAGE: &[Command] = &[
    POOL_LIST,
    POOL_INFO,
    POOL_DUMPXML,
    POOL_NAME,
    POOL_UUID,
    POOL_START,
    POOL_DESTROY,
    POOL_REFRESH,
    POOL_BUILD,
    POOL_DELETE,
    POOL_UNDEFINE,
    POOL_AUTOSTART,
    POOL_DEFINE_AS,
    POOL_CREATE_AS,
    POOL_DEFINE,
    POOL_CREATE,
    VOL_LIST,
    VOL_INFO,
    VOL_DUMPXML,
    VOL_PATH,
    VOL_NAME,
    VOL_POOL,
    VOL_CREATE_AS,
    VOL_CREATE,
    VOL_CLONE,
    VOL_RESIZE,
    VOL_WIPE,
    VOL_DELETE,
    VOL_UPLOAD,
    VOL_DOWNLOAD,
    SECRET_LIST,
    SECRET_DUMPXML,
    SECRET_DEFINE,
    SECRET_SET_VALUE,
    SECRET_GET_VALUE,
    SECRET_UNDEFINE,
];
