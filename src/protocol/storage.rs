//! What can be done to storage pools, volumes and secrets.

use std::fmt;

use crate::model::{Secret, Uuid};

/// A pool, as virsh names it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PoolName {
    /// Its name or UUID; untrusted.
    pub name: String,
    /// The UUID of the pool that was looked at: another of the same name is not meant.
    pub uuid: Option<Uuid>,
}

/// A volume, as virsh names it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct VolumeName {
    /// Its pool; without one `name` is a path or a key.
    pub pool: Option<PoolName>,
    /// Its name; untrusted.
    pub name: String,
    /// The path that was looked at: a volume elsewhere is not meant.
    pub path: Option<String>,
}

/// What is done with what a pool's place already holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Overwrite {
    /// libvirt decides.
    #[default]
    Unsaid,
    /// It is overwritten.
    Yes,
    /// It is refused.
    No,
}

/// A pool to make.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NewPool {
    /// Its name.
    pub name: String,
    /// `@type`.
    pub kind: String,
    /// `source/host/@name`.
    pub source_host: Option<String>,
    /// `source/dir/@path`.
    pub source_path: Option<String>,
    /// `source/device/@path`.
    pub source_device: Option<String>,
    /// `source/name`.
    pub source_name: Option<String>,
    /// `target/path`.
    pub target: Option<String>,
    /// `source/format/@type`.
    pub source_format: Option<String>,
    /// `source/auth/@type`.
    pub auth_type: Option<String>,
    /// `source/auth/@username`.
    pub auth_username: Option<String>,
    /// `source/auth/secret/@usage`.
    pub secret_usage: Option<String>,
    /// `source/auth/secret/@uuid`.
    pub secret_uuid: Option<String>,
    /// `source/adapter/@name`.
    pub adapter_name: Option<String>,
    /// `source/initiator/iqn/@name`.
    pub source_initiator: Option<String>,
    /// Its place is made too; a device only where it holds nothing.
    pub build: bool,
    /// It is started too.
    pub start: bool,
    /// It is started with its host too.
    pub autostart: bool,
}

/// How much of a new volume is given room at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Preallocation {
    /// What is said by the allocation.
    #[default]
    Unsaid,
    /// Nothing: it grows as it is written.
    Off,
    /// The tables of qcow2.
    Metadata,
    /// All of it, reserved.
    Falloc,
    /// All of it, written.
    Full,
}

/// A volume to make.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NewVolume {
    /// Its name.
    pub name: String,
    /// The size that the guest sees, in bytes.
    pub capacity_bytes: u64,
    /// What is given room at once, in bytes; libvirt decides where nothing is said.
    pub allocation_bytes: Option<u64>,
    /// Such as qcow2.
    pub format: Option<String>,
    /// What it is based on: a path, or a volume of its pool.
    pub backing: Option<String>,
    /// Format of that.
    pub backing_format: Option<String>,
    /// How much is given room at once.
    pub preallocation: Preallocation,
    /// `target/clusterSize` in bytes.
    pub cluster_bytes: Option<u64>,
    /// `target/compat`.
    pub compat: Option<String>,
    /// `features/lazy_refcounts`.
    pub lazy_refcounts: bool,
    /// It is encrypted by LUKS with the value of this secret.
    pub secret: Option<Uuid>,
}

/// A copy of a volume to make.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct VolumeCopy {
    /// Its name.
    pub name: String,
    /// Its pool, where that is another.
    pub pool: Option<String>,
    /// Its format, where that is another.
    pub format: Option<String>,
    /// Metadata is given room at once.
    pub prealloc_metadata: bool,
    /// Blocks are shared with the original, where the file system can.
    pub reflink: bool,
    /// Compressed, as qemu-img does it on this machine: `zlib` or `zstd`.
    pub compression: Option<String>,
}

/// What is sent or fetched of a volume.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Transfer {
    /// The file on this machine.
    pub file: String,
    /// From this byte of the volume on.
    pub offset: u64,
    /// So many bytes; 0 is all.
    pub length: u64,
    /// Holes are told, not sent.
    pub sparse: bool,
    /// Of a drive only what its disc says that it holds: its ISO 9660 file system.
    pub disc: bool,
}

/// A block device of a host, as something to read from (`virNodeDevice` with the capability storage).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Drive {
    /// Such as `/dev/sr0`.
    pub path: String,
    /// `cdrom`, `disk`, `floppy`: libvirt's word, where it has one.
    pub kind: Option<String>,
    /// Vendor and model; untrusted.
    pub model: Option<String>,
    /// How much it holds, in bytes.
    pub bytes: Option<u64>,
    /// Whether a disc is in it; `None` of what is not taken out.
    pub has_medium: Option<bool>,
    /// The disc in it, where this machine can read it.
    pub disc: Option<Disc>,
}

/// What the primary descriptor of an ISO 9660 file system says (ECMA-119, 8.4).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Disc {
    /// Its name; untrusted.
    pub label: String,
    /// How much of the medium belongs to it, in bytes.
    pub bytes: u64,
}

/// The value of a secret: shown by nothing that prints it.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretValue(Vec<u8>);

impl SecretValue {
    /// A value.
    #[must_use]
    pub fn new(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// Its bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }
}

impl Drop for SecretValue {
    fn drop(&mut self) {
        self.0.fill(0);
        // The filling must not be left out as useless.
        std::hint::black_box(&self.0);
    }
}

impl fmt::Debug for SecretValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretValue(…)")
    }
}

/// A secret, and who uses it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecretUse {
    /// The secret.
    pub secret: Secret,
    /// Whether it has a value; `None` where that may not be asked.
    pub has_value: Option<bool>,
    /// Domains, pools and volumes that name it, in words; untrusted names are in them.
    pub users: Vec<String>,
}

/// What can be done to a pool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PoolVerb {
    /// `virStoragePoolCreate`; with a value its place is built first.
    Start(Option<Overwrite>),
    /// `virStoragePoolDestroy`: what is in it stays.
    Stop,
    /// `virStoragePoolRefresh`.
    Refresh,
    /// `virStoragePoolBuild`.
    Build(Overwrite),
    /// `virStoragePoolDelete`: what it is made of goes.
    Delete,
    /// `virStoragePoolUndefine`: what is in it stays.
    Undefine,
    /// `virStoragePoolSetAutostart`.
    Autostart(bool),
}

/// What can be done to a volume.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VolumeVerb {
    /// `virStorageVolCreateXMLFrom`.
    Copy(VolumeCopy),
    /// `virStorageVolResize`.
    Resize {
        /// The new size in bytes, or by how much it grows.
        bytes: u64,
        /// It is by how much.
        delta: bool,
        /// It may become smaller, which cuts off what lies behind.
        shrink: bool,
        /// Room is given at once.
        allocate: bool,
    },
    /// `virStorageVolWipePattern`; zeros where nothing is said.
    Wipe(Option<String>),
    /// `virStorageVolDelete`.
    Delete,
    /// `virStorageVolUpload` into a volume that is there.
    Upload(Transfer),
    /// A file becomes a new volume of the pool.
    Import(Transfer),
    /// `virStorageVolDownload`.
    Download(Transfer),
}

/// What can be done to a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecretVerb {
    /// `virSecretSetValue`.
    SetValue(SecretValue),
    /// Its value is forgotten.
    Clear,
    /// `virSecretUndefine`.
    Undefine,
}

/// Kinds of documents that define something of storage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StorageDocument {
    /// A pool that stays.
    Pool,
    /// A pool that goes when it is stopped.
    TransientPool,
    /// A secret.
    Secret,
}

/// What can be done to storage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StorageVerb {
    /// To a pool.
    Pool(PoolName, PoolVerb),
    /// A pool is defined, or started without a definition when it is not to last.
    NewPool(Box<NewPool>, bool),
    /// A volume is made in a pool.
    NewVolume(PoolName, Box<NewVolume>),
    /// To a volume.
    Volume(VolumeName, VolumeVerb),
    /// Several volumes are deleted, after one look at who needs any of them.
    DeleteVolumes(Vec<VolumeName>),
    /// To a secret.
    Secret(Uuid, SecretVerb),
    /// What a document defines is defined: its text.
    Define(StorageDocument, String),
    /// The same from a file on this machine.
    DefineFile(StorageDocument, String),
    /// A volume as a document in a file on this machine says.
    VolumeFile(PoolName, String),
    /// A leftover outside of pools is deleted, where it is on this machine.
    DeleteFile(String),
}
