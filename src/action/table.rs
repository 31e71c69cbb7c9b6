//! The rows.

use super::{
    Context::{
        Agent, Always, Bench, Columns, Command, Console, Debug, Details, Dialog, Domain, Editor,
        Events, Finder, Form, Global, Graph, Hardware, Host, Jobs, Leftovers, List, Looking, Menu,
        Monitor, Networks, Plans, Pools, Ports, Reader, Review, Screen, Secrets, Snapshots,
        Storage, Table, Text, Typing, Volumes, Wall, Welcome, Wide, Xml,
    },
    Row, Traits,
};

/// An ordinary action.
const PLAIN: Traits = Traits {
    mutating: false,
    dangerous: false,
    hinted: false,
};
/// One worth a place in the footer.
const HINTED: Traits = Traits {
    hinted: true,
    ..PLAIN
};
/// One that changes the host.
const MUTATING: Traits = Traits {
    mutating: true,
    ..HINTED
};
/// One that can destroy work.
const DANGEROUS: Traits = Traits {
    dangerous: true,
    ..MUTATING
};

/// One that changes the host, and is wanted too seldom for the footer.
const SELDOM: Traits = Traits {
    mutating: true,
    ..PLAIN
};
/// One of those that can destroy work.
const SELDOM_DANGEROUS: Traits = Traits {
    dangerous: true,
    ..SELDOM
};

/// Makes the enum and its table of one list, so that neither can have a row that the other lacks.
macro_rules! actions {
    ($($(#[doc = $doc:literal])+ $action:ident: $name:literal, $label:literal, $virsh:expr, $traits:expr, $contexts:expr;)*) => {
        /// What a person wants done.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Action {
            $($(#[doc = $doc])+ $action,)*
        }

        /// The table of actions, in the order of the footer and of the documentation.
        pub const ACTIONS: &[Row] = &[
            $(Row {
                action: Action::$action,
                name: $name,
                label: $label,
                virsh: $virsh,
                doc: concat!($($doc),+).trim_ascii(),
                traits: $traits,
                contexts: $contexts,
            },)*
        ];
    };
}

actions! {
    /// Take a snapshot of the domain.
    SnapshotCreate: "snapshot-create", "Take Snapshot", Some("snapshot-create-as"), MUTATING, &[Snapshots];
    /// Take the domain back to a snapshot; what it does now is lost.
    SnapshotRevert: "snapshot-revert", "Revert", Some("snapshot-revert"), DANGEROUS, &[Snapshots];
    /// Delete a snapshot of the domain.
    SnapshotDelete: "snapshot-delete", "Delete Snapshot", Some("snapshot-delete"), DANGEROUS, &[Snapshots];
    /// Describe a snapshot otherwise, or give an external one another name.
    SnapshotEdit: "snapshot-edit", "Edit Snapshot", Some("snapshot-edit"), MUTATING, &[Snapshots];
    /// Make a new domain with disks of its own, as this one was at the snapshot.
    SnapshotClone: "snapshot-clone", "Clone Snapshot…", None, SELDOM, &[Snapshots];
    /// Let QEMU note from now on what the guest writes, for a later backup of that alone.
    CheckpointCreate: "checkpoint-create", "Checkpoint", Some("checkpoint-create-as"), MUTATING, &[Snapshots];
    /// Delete a checkpoint of the domain.
    CheckpointDelete: "checkpoint-delete", "Delete Checkpoint", Some("checkpoint-delete"), SELDOM_DANGEROUS, &[Snapshots];
    /// Write a backup of the disks into files on the host while the guest runs.
    Backup: "backup", "Back Up", Some("backup-begin"), MUTATING, &[Snapshots];

    /// Bring the data of a layer into one below it: from the active layer into the lowest, or from the selected layer.
    CommitDisk: "commit-disk", "Commit", Some("blockcommit"), MUTATING, &[Bench];
    /// Bring the data of the layers below into the disk, down to the selected one.
    PullDisk: "pull-disk", "Pull", Some("blockpull"), MUTATING, &[Bench];
    /// Copy the disk to somewhere else and go on with the copy.
    CopyDisk: "copy-disk", "Copy to", Some("blockcopy"), MUTATING, &[Bench];
    /// Give the disk another size while the guest runs.
    ResizeDisk: "resize-disk", "Resize", Some("blockresize"), MUTATING, &[Bench];
    /// Plug a disk into the domain.
    AttachDisk: "attach-disk", "Attach", Some("attach-disk"), MUTATING, &[Bench];
    /// Pull the disk out of the domain; its file stays.
    DetachDisk: "detach-disk", "Detach", Some("detach-disk"), DANGEROUS, &[Bench];
    /// Take the medium out of the drive, or put one in.
    ChangeMedia: "change-media", "Medium", Some("change-media"), MUTATING, &[Bench];
    /// Limit the block job on the disk.
    BlockJob: "block-job", "Limit job", Some("blockjob"), MUTATING, &[Bench, Jobs];
    /// Go on with the copy, when both sides are the same.
    PivotJob: "pivot-job", "Pivot", None, MUTATING, &[Bench, Jobs];
    /// Give the job up: of a disk, or what the domain is busy with.
    CancelJob: "cancel-job", "Cancel job", Some("domjobabort"), DANGEROUS, &[Bench, Jobs];
    /// Run the plan, after a question that names its domains.
    RunPlan: "run-plan", "Run", None, HINTED, &[Plans];
    /// Give the running plan up; what was asked goes on.
    AbortPlan: "abort-plan", "Abort", None, HINTED, &[Plans];
    /// Go on with a plan that stopped or was aborted.
    ResumePlan: "resume-plan", "Resume plan", None, HINTED, &[Plans];
    /// Try again what failed.
    RetryFailed: "retry-failed", "Try again", None, HINTED, &[Jobs];
    /// Try all again that failed.
    RetryAllFailed: "retry-all-failed", "Try all again", None, PLAIN, &[Jobs];
    /// Take what failed off the list.
    DismissFailed: "dismiss-failed", "Dismiss", None, HINTED, &[Jobs];
    /// Take all that failed off the list.
    DismissAllFailed: "dismiss-all-failed", "Dismiss all", None, PLAIN, &[Jobs];

    /// Take the pool into use.
    PoolStart: "pool-start", "Start Pool", Some("pool-start"), MUTATING, &[Pools];
    /// Take the pool out of use; what is in it stays.
    PoolStop: "pool-stop", "Stop Pool", Some("pool-destroy"), MUTATING, &[Pools];
    /// Let libvirt look anew at what is in the pool.
    PoolRefresh: "pool-refresh", "Refresh Pool", Some("pool-refresh"), MUTATING, &[Pools];
    /// Define a new pool, by a form.
    NewPool: "new-pool", "New Pool", Some("pool-define-as"), MUTATING, &[Pools];
    /// Start the pool with its host, or no more.
    PoolAutostart: "pool-autostart", "Pool Autostart", Some("pool-autostart"), SELDOM, &[Pools];
    /// Make the place of the pool; what a device holds is never overwritten by this.
    PoolBuild: "pool-build", "Build Pool", Some("pool-build"), SELDOM, &[Pools];
    /// Delete the place of a pool that is not active; its definition stays.
    PoolDelete: "pool-delete", "Delete Place", Some("pool-delete"), SELDOM_DANGEROUS, &[Pools];
    /// Delete the definition of a pool that is not active; what is in it stays.
    PoolUndefine: "pool-undefine", "Delete Pool", Some("pool-undefine"), SELDOM_DANGEROUS, &[Pools];
    /// Make a volume, by a form.
    NewVolume: "new-volume", "New Volume", Some("vol-create-as"), MUTATING, &[Volumes];
    /// Copy the volume, into another format too.
    CopyVolume: "copy-volume", "Copy Volume", Some("vol-clone"), MUTATING, &[Volumes];
    /// Give the volume another size.
    ResizeVolume: "resize-volume", "Resize Volume", Some("vol-resize"), MUTATING, &[Volumes];
    /// Make a volume of the disc in a drive, or of another device, by a form.
    MakeImage: "make-image", "Image of a Drive", None, SELDOM, &[Pools, Volumes];
    /// Send a file of this machine into a new volume, or over one that is there.
    UploadVolume: "upload-volume", "Upload", Some("vol-upload"), MUTATING, &[Volumes];
    /// Fetch the volume into a file of this machine.
    DownloadVolume: "download-volume", "Download", Some("vol-download"), HINTED, &[Volumes];
    /// Overwrite what is in the volume.
    WipeVolume: "wipe-volume", "Wipe", Some("vol-wipe"), SELDOM_DANGEROUS, &[Volumes];
    /// Delete the volume, or all that are marked, where nobody needs them.
    DeleteVolume: "delete-volume", "Delete", Some("vol-delete"), DANGEROUS, &[Volumes, Leftovers];
    /// Give the secret a value.
    SetSecret: "set-secret", "Set Value", Some("secret-set-value"), MUTATING, &[Secrets];
    /// Show the value of the secret until one goes on.
    ShowSecret: "show-secret", "Show Value", None, HINTED, &[Secrets];
    /// Forget the value of the secret.
    ClearSecret: "clear-secret", "Forget Value", None, DANGEROUS, &[Secrets];
    /// Define a secret, by a form.
    NewSecret: "new-secret", "New Secret", Some("secret-define"), MUTATING, &[Secrets];
    /// Delete the secret with its value.
    DeleteSecret: "delete-secret", "Delete Secret", Some("secret-undefine"), DANGEROUS, &[Secrets];
    /// Show the volumes of the selected pool.
    OpenVolumes: "open-volumes", "Volumes", None, HINTED, &[Pools];

    /// Start the network.
    StartNetwork: "start-network", "Start", Some("net-start"), MUTATING, &[Networks];
    /// Stop the network; its definition stays.
    StopNetwork: "stop-network", "Stop", Some("net-destroy"), DANGEROUS, &[Networks];
    /// Keep the address of the selected lease for its holder from now on, without stopping the network.
    ReserveAddress: "reserve-address", "Reserve", None, MUTATING, &[Networks];
    /// Make a network; among the bridges, a bridge over a device of the host.
    NewNetwork: "new-network", "New", None, MUTATING, &[Networks];
    /// Add a reservation or a DNS name to the network; among the bridges, put the link into one.
    AddToNetwork: "add-to-network", "Add", None, MUTATING, &[Networks];
    /// Take the link out of its bridge.
    TakeOutOfBridge: "take-out-of-bridge", "Take out", None, SELDOM, &[Networks];
    /// Keep the change of a bridge that waits; without this it is taken back.
    KeepBridge: "keep-bridge", "Keep", None, SELDOM, &[Networks];
    /// Take the change of a bridge back that waits to be kept.
    UndoBridge: "undo-bridge", "Take back", None, SELDOM, &[Networks];
    /// Start the network with its host, or no more.
    AutostartNetwork: "autostart-network", "Autostart", Some("net-autostart"), SELDOM, &[Networks];
    /// Delete what is selected: the definition of a network, a reservation, a name of its DNS server, a filter.
    DeleteNetwork: "delete-network", "Delete", Some("net-undefine"), SELDOM_DANGEROUS, &[Networks];
    /// Change a part of the network without stopping it.
    UpdateNetwork: "update-network", "Change", Some("net-update"), SELDOM, &[Networks];
    /// Show the XML of the network or filter.
    ShowNetworkXml: "show-network-xml", "XML", Some("net-dumpxml"), PLAIN, &[Networks];

    /// Change what is selected: in a form, now where the domain takes it, else at its next boot.
    EditHardware: "edit-hardware", "Change", None, MUTATING, &[Hardware];
    /// Add hardware to the domain.
    AddHardware: "add-hardware", "Add", None, MUTATING, &[Hardware];
    /// Take the selected hardware out of the domain.
    RemoveHardware: "remove-hardware", "Remove", Some("detach-device"), DANGEROUS, &[Hardware];
    /// Plug the cable of the selected network interface in or out.
    SetLink: "set-link", "Link", Some("domif-setlink"), MUTATING, &[Hardware];

    /// Freeze all file systems of the guest: whatever writes in it hangs until they are thawed.
    FreezeGuest: "freeze-guest", "Freeze", Some("domfsfreeze"), DANGEROUS, &[Agent];
    /// Thaw the file systems of the guest, so that it goes on.
    ThawGuest: "thaw-guest", "Thaw", Some("domfsthaw"), MUTATING, &[Agent];
    /// Let the guest give free blocks of its file systems back to the storage.
    TrimGuest: "trim-guest", "Trim", Some("domfstrim"), MUTATING, &[Agent];
    /// Set the guest's clock to the time of this machine.
    SyncTime: "sync-time", "Set Clock", Some("domtime"), MUTATING, &[Agent];
    /// Set the password of a user of the guest, by a form.
    SetPassword: "set-password", "Password", Some("set-user-password"), MUTATING, &[Agent];
    /// Show the ssh keys that let a user into the guest.
    ShowKeys: "ssh-keys", "SSH Keys", Some("get-user-sshkeys"), HINTED, &[Agent];
    /// Add an ssh key to those that are shown.
    AddKey: "add-ssh-key", "Add Key", Some("set-user-sshkeys"), MUTATING, &[Agent];
    /// Take the selected ssh key off: who has no other way in is locked out.
    RemoveKey: "remove-ssh-key", "Remove Key", None, DANGEROUS, &[Agent];
    /// Run a command in the guest and show its output, where the settings allow it.
    RunInGuest: "run-in-guest", "Run", Some("qemu-agent-command"), MUTATING, &[Agent];
    /// Talk QEMU's other language: words for people (HMP) or JSON (QMP).
    OtherMonitor: "other-monitor", "HMP or QMP", None, HINTED, &[Monitor];
    /// Leave QEMU's monitor.
    LeaveMonitor: "leave-monitor", "Leave", None, HINTED, &[Monitor];

    /// Open the details of the selected domain.
    Open: "open", "Details", None, HINTED, &[Table, Ports, Events, Jobs, Networks];
    /// Copy the address of a display, a tunnel or a viewer's command line.
    Copy: "copy", "Copy", None, HINTED, &[Domain, Ports, Networks];
    /// Open the domain's console in a page; keys go to the guest.
    OpenConsole: "console", "Console", Some("console"), PLAIN, &[Domain, Screen];
    /// Open the domain's display in a page: its screen, live; keys go to the guest.
    OpenDisplay: "display", "Display", None, PLAIN, &[Domain, Wall, Console];
    /// Show the screens of all running domains side by side, each looked at every few seconds.
    ShowWall: "show-wall", "Screens", None, PLAIN, &[Global];
    /// Filter as one types: words fuzzy on name and title, digits and :5901 by port, and terms such as state:paused cpu>50 tag:prod !host:web -autostart.
    Filter: "filter", "Filter", None, HINTED, &[Table, Ports, Events, Host, Networks, Volumes];
    /// Type a command in virsh's words, the name of an action, or a port to jump to.
    CommandLine: "command-line", "Command", None, PLAIN, &[Global];
    /// Show the ports of all domains.
    ShowPorts: "show-ports", "Ports", None, HINTED, &[Global];
    /// Start the domain; one with a saved state is restored.
    Start: "start", "Start", Some("start"), MUTATING, &[Domain];
    /// Ask the guest to shut down; it decides.
    ShutDown: "shut-down", "Shut Down", Some("shutdown"), MUTATING, &[Domain];
    /// Ask the guest to shut down in a chosen way, with Force Off after a while if wished.
    ShutDownWith: "shut-down-with", "Shut Down…", None, SELDOM, &[Domain];
    /// Ask the guest to reboot; it decides.
    Reboot: "reboot", "Reboot", Some("reboot"), MUTATING, &[Domain];
    /// Halt the virtual CPUs; memory stays.
    Pause: "pause", "Pause", Some("suspend"), MUTATING, &[Domain];
    /// Let a paused domain go on.
    Resume: "resume", "Resume", Some("resume"), MUTATING, &[Domain];
    /// Press the reset button: the guest loses what it has not written.
    ForceReset: "force-reset", "Force Reset", Some("reset"), DANGEROUS, &[Domain];
    /// Pull the plug: the guest loses what it has not written.
    ForceOff: "force-off", "Force Off", Some("destroy"), DANGEROUS, &[Domain];
    /// Write control characters in title and description as visible text, so that libvirt can read its own file again.
    MendTexts: "mend-texts", "Mend Title", None, DANGEROUS, &[Domain];
    /// Save the state of the domain to the host's disk and stop it; its next start goes on from there.
    Save: "save", "Save", Some("managedsave"), SELDOM, &[Domain];
    /// Throw the saved state away: the next start boots afresh, and what was in memory is lost.
    DiscardSaved: "discard-saved", "Discard Saved State", Some("managedsave-remove"), SELDOM_DANGEROUS, &[Domain];
    /// Start the domain together with its host, or no more.
    Autostart: "autostart", "Autostart", Some("autostart"), SELDOM, &[Domain];
    /// Give the domain another name; it must be off.
    Rename: "rename", "Rename", Some("domrename"), SELDOM, &[Domain];
    /// Write title, description, tags and notes of the domain; of several, add tags or take them away.
    Describe: "describe", "Describe", Some("desc"), SELDOM, &[Domain];
    /// Send the guest a non-maskable interrupt; many answer by a crash dump.
    InjectNmi: "inject-nmi", "Inject NMI", Some("inject-nmi"), SELDOM_DANGEROUS, &[Domain];
    /// Write the memory of the domain into a file on its host.
    CoreDump: "core-dump", "Core Dump", Some("dump"), SELDOM, &[Domain];
    /// Set how much memory the domain has.
    SetMemory: "set-memory", "Memory", Some("setmem"), SELDOM, &[Domain];
    /// Set how much memory the domain may have at most.
    SetMaxMemory: "set-max-memory", "Largest Memory", Some("setmaxmem"), SELDOM, &[Domain];
    /// Set how many virtual CPUs the domain has.
    SetVcpus: "set-vcpus", "vCPUs", Some("setvcpus"), SELDOM, &[Domain];
    /// Show all that can be done to the domain or to the marked ones, and by which command.
    ActMenu: "act-menu", "Actions", None, HINTED, &[Domain];
    /// Set a share or a limit of the CPU time of the domain.
    SetShares: "set-shares", "CPU Shares", Some("schedinfo"), SELDOM, &[Domain];
    /// Let the memory of the domain come from chosen NUMA cells.
    SetCells: "set-cells", "NUMA Cells", Some("numatune"), SELDOM, &[Domain];
    /// Set the weight of the disks of the domain among those of others.
    SetWeight: "set-weight", "I/O Weight", Some("blkiotune"), SELDOM, &[Domain];
    /// Limit a disk of the domain.
    LimitDisk: "limit-disk", "Limit Disk", Some("blkdeviotune"), SELDOM, &[Domain, Bench];
    /// Limit a network interface of the domain.
    LimitInterface: "limit-interface", "Limit NIC", Some("domiftune"), SELDOM, &[Domain];
    /// Let a virtual CPU of the domain run on chosen CPUs of the host alone.
    PinVcpu: "pin-vcpu", "Pin vCPU", Some("vcpupin"), SELDOM, &[Domain];
    /// Let the emulator of the domain run on chosen CPUs of the host alone.
    PinEmulator: "pin-emulator", "Pin Emulator", Some("emulatorpin"), SELDOM, &[Domain];
    /// Let an I/O thread of the domain run on chosen CPUs of the host alone.
    PinIoThread: "pin-iothread", "Pin I/O Thread", Some("iothreadpin"), SELDOM, &[Domain];
    /// Make domains after the domain, which must be off: with copies of its disks, or overlays over them.
    Clone: "clone", "Clone…", None, SELDOM, &[Domain];
    /// Plug a network interface into the domain.
    AttachNic: "attach-nic", "Add NIC", Some("attach-interface"), SELDOM, &[Domain];
    /// Pull a network interface out of the domain.
    DetachNic: "detach-nic", "Remove NIC", Some("detach-interface"), SELDOM_DANGEROUS, &[Domain];
    /// Plug the device that a file describes into the domain.
    AttachDevice: "attach-device", "Add from File", Some("attach-device"), SELDOM, &[Domain];
    /// Make a device of the domain what a file describes.
    UpdateDevice: "update-device", "Update from File", Some("update-device"), SELDOM, &[Domain];
    /// Let the guest use virtual CPUs or not, by its agent.
    GuestCpus: "guest-cpus", "Guest's CPUs", Some("guestvcpus"), SELDOM, &[Domain];
    /// Limit the memory that the domain takes of its host.
    LimitMemory: "limit-memory", "Limit Memory", Some("memtune"), SELDOM, &[Domain];
    /// Delete the definition of the domain, and what is chosen with it; nothing else goes.
    Delete: "delete", "Delete", Some("undefine"), SELDOM_DANGEROUS, &[Domain];

    /// Show the disks of the domain with their chains, and what runs on them.
    ShowBench: "show-bench", "Disks", None, PLAIN, &[Domain];
    /// Show the hardware of the domain: what it runs with and what it starts with next.
    ShowHardware: "show-hardware", "Hardware", None, PLAIN, &[Domain];

    /// Show what the agent in the guest says, and act by it: clock, file systems, users, keys, commands.
    ShowAgent: "show-agent", "Guest Agent", None, PLAIN, &[Domain];
    /// Talk to QEMU's monitor, which libvirt does not support; for experts.
    ShowMonitor: "show-monitor", "QEMU Monitor", None, PLAIN, &[Domain];

    /// Show the snapshots of the domain as a tree.
    ShowSnapshots: "show-snapshots", "Snapshots", None, PLAIN, &[Domain];

    /// Make a new domain.
    NewDomain: "new-domain", "New", None, MUTATING, &[Table];

    /// Mark the domain, or take its mark off, and go to the next. Keys that act are for all marked ones.
    Mark: "mark", "Mark", None, PLAIN, &[Table, Volumes, Leftovers];
    /// Mark all domains that are shown, or take their marks off.
    MarkShown: "mark-shown", "Mark all shown", None, PLAIN, &[Table, Volumes, Leftovers];
    /// Mark the domains that a pattern fits, or take their marks off.
    MarkBy: "mark-by", "Mark by pattern", None, PLAIN, &[Table];
    /// Sort by the column to the left.
    SortPrevious: "sort-previous", "Sort by previous column", None, PLAIN, &[Table, Ports, Debug, Volumes];
    /// Sort by the column to the right.
    SortNext: "sort-next", "Sort by next column", None, PLAIN, &[Table, Ports, Debug, Volumes];
    /// Turn the order of sorting round.
    SortReverse: "sort-reverse", "Reverse the order", None, PLAIN, &[Table, Ports, Volumes];
    /// Group the rows by host, by state, by tag, or not at all.
    GroupNext: "group-next", "Group", None, PLAIN, &[Table];
    /// Hide or show the rows of the group, or the lines of the element.
    Fold: "fold", "Fold", None, PLAIN, &[Table, Networks, Editor];
    /// Show the saved view of this number; 0 goes back to the beginning.
    ShowView: "view", "View", None, PLAIN, &[Table];
    /// List the saved views, and save the present one.
    Views: "views", "Views", None, PLAIN, &[Table];
    /// Choose and order the columns.
    ChooseColumns: "choose-columns", "Columns", None, PLAIN, &[Table];

    /// Move down a line.
    Down: "down", "Down", None, PLAIN, &[List, Reader, Menu, Finder];
    /// Move up a line.
    Up: "up", "Up", None, PLAIN, &[List, Reader, Menu, Finder];
    /// Move down a page.
    PageDown: "page-down", "Page down", None, PLAIN, &[List, Reader, Menu, Finder, Monitor];
    /// Move up a page.
    PageUp: "page-up", "Page up", None, PLAIN, &[List, Reader, Menu, Finder, Monitor];
    /// Move to the first line.
    First: "first", "First", None, PLAIN, &[List, Reader, Menu];
    /// Move to the last line.
    Last: "last", "Last", None, PLAIN, &[List, Reader, Menu];

    /// Show the next section.
    NextTab: "next-tab", "Next section", None, HINTED, &[Details, Debug, Ports, Host, Networks, Storage];
    /// Show the previous section.
    PreviousTab: "previous-tab", "Previous section", None, PLAIN, &[Details, Debug, Ports, Host, Networks, Storage];
    /// Show what the domain is and how it fares.
    ShowOverview: "show-overview", "Overview", None, PLAIN, &[Details];
    /// Show its graphs.
    ShowPerformance: "show-performance", "Performance", None, PLAIN, &[Details];
    /// Show its disks.
    ShowDisks: "show-disks", "Disks", None, PLAIN, &[Details];
    /// Show its network interfaces and their addresses.
    ShowNics: "show-nics", "NICs", None, PLAIN, &[Details];
    /// Show its displays and consoles.
    ShowDisplays: "show-displays", "Displays", None, PLAIN, &[Details];
    /// Show what its guest agent says.
    ShowGuest: "show-guest", "Guest", None, PLAIN, &[Details];
    /// Show what happened to it.
    ShowEvents: "show-events", "Events", None, PLAIN, &[Details];
    /// Show its XML.
    ShowXml: "show-xml", "XML", None, PLAIN, &[Details];
    /// Show the end of its hypervisor's log.
    ShowLog: "show-log", "Log", None, PLAIN, &[Details];
    /// Show a shorter span of time.
    ZoomIn: "zoom-in", "Zoom in", None, HINTED, &[Graph];
    /// Show a longer span of time.
    ZoomOut: "zoom-out", "Zoom out", None, HINTED, &[Graph];
    /// Hold the graphs still, or let them run again; data is collected all the same.
    Freeze: "freeze", "Freeze", None, HINTED, &[Graph];

    /// Read anew what this section shows.
    Refresh: "refresh", "Refresh", None, PLAIN, &[Details];
    /// Show the XML of the next boot instead of the running one, and back.
    OtherXml: "other-xml", "Live or next boot", None, HINTED, &[Xml];
    /// Show the host: checks, facts, pinning, what can be tuned, what its guests may have.
    ShowHost: "show-host", "Host", None, PLAIN, &[Global];
    /// Show the next host.
    NextHost: "next-host", "Next host", None, PLAIN, &[Host, Networks, Storage];
    /// Move to the CPU on the left.
    CursorLeft: "cursor-left", "Left", None, PLAIN, &[Host, Wall];
    /// Move to the CPU on the right.
    CursorRight: "cursor-right", "Right", None, PLAIN, &[Host, Wall];
    /// Choose the CPU under the cursor for the selected row, or no more.
    ChooseCpu: "choose-cpu", "Choose CPU", None, PLAIN, &[Host];
    /// Choose CPUs that suit the selected row: a core of its own, near the rest of the domain, none of the host's.
    SuggestCpus: "suggest-cpus", "Suggest CPUs", None, HINTED, &[Host];
    /// Set the selected value, pin the selected row to the chosen CPUs, or limit the selected domain; the command is shown first.
    TuneHost: "tune-host", "Set", None, HINTED, &[Host];
    /// Pin the marked domains of this host, or the selected one, as a whole: suggested sets, saved ones, or no pins.
    PinDomains: "pin-domains", "Pin domains", None, HINTED, &[Host];
    /// Keep the selected value beyond a restart of the host, by a file of virtty's own, or keep it no more.
    KeepTuning: "keep-tuning", "Keep", None, HINTED, &[Host];
    /// Take back the last change of this host, or of where its domains run and what they may use.
    UndoTuning: "undo-tuning", "Undo", None, PLAIN, &[Host];
    /// Copy the command that mends what the check found, that keeps the value beyond a restart, or taskset's line of a pin.
    CopyRemedy: "copy-remedy", "Copy command", None, HINTED, &[Host];
    /// Scroll to the left.
    ScrollLeft: "scroll-left", "Left", None, PLAIN, &[Wide];
    /// Scroll to the right.
    ScrollRight: "scroll-right", "Right", None, PLAIN, &[Wide];

    /// The leader key: the next key is a command and not for the guest; twice, the guest gets it.
    Leader: "leader", "Commands", None, HINTED, &[Typing];
    /// Leave the page; the console stays open in the background.
    Detach: "detach", "Leave", None, HINTED, &[Console];
    /// Close the console, so that others can have its line.
    CloseConsole: "close-console", "Close", None, HINTED, &[Console];
    /// Look back at what it said, and copy from it.
    LookBack: "look-back", "Look back", None, HINTED, &[Console];
    /// Find a text in what a console said, or a regular expression in a document.
    FindText: "find-text", "Find", None, HINTED, &[Console, Looking, Editor, Monitor];
    /// Copy what is marked, or all that can be seen.
    CopyScreen: "copy-screen", "Copy", None, HINTED, &[Console, Looking, Screen];
    /// Go to the next open console or display.
    NextConsole: "next-console", "Next", None, HINTED, &[Console, Screen];
    /// Go to the previous open console or display.
    PreviousConsole: "previous-console", "Previous", None, PLAIN, &[Console, Screen];
    /// Show all open consoles and displays side by side, or one.
    TileConsoles: "tile-consoles", "Tiles", None, HINTED, &[Console, Screen];
    /// Open another line of the domain: a serial line or console by its alias, or a channel.
    ChooseLine: "choose-line", "Line", None, HINTED, &[Console];
    /// Throw out who has the console, after a question.
    TakeOver: "take-over", "Take Over", None, HINTED, &[Console];
    /// Tell the guest the size of the screen, as one would type it: stty rows, cols.
    SendSize: "send-size", "Size", None, HINTED, &[Console];
    /// Send a break over its line, by a command to QEMU's monitor, after a question.
    SendBreak: "send-break", "Break", None, PLAIN, &[Console];
    /// Write its text to a file, or no longer.
    LogConsole: "log-console", "Log", None, HINTED, &[Console];
    /// Write what it sends to a file as it comes, or no longer.
    LogRaw: "log-raw", "Log raw", None, PLAIN, &[Console];
    /// Mark it, so that it gets what is typed to all that are marked.
    MarkConsole: "mark-console", "Mark", None, PLAIN, &[Console];
    /// Type to all marked consoles at once, or no longer.
    Broadcast: "broadcast", "Broadcast", None, PLAIN, &[Console];
    /// Show the table of domains beside it, or no longer.
    TableBeside: "table-beside", "Table", None, PLAIN, &[Console, Screen];
    /// Show the details of the domain beside it, or no longer.
    DetailsBeside: "details-beside", "Details", None, PLAIN, &[Console, Screen];
    /// Leave the display and close it.
    LeaveDisplay: "leave-display", "Leave", None, HINTED, &[Screen];
    /// Leave the page; the display stays open in the background, where it asks nothing of its guest.
    KeepDisplay: "keep-display", "Keep", None, PLAIN, &[Screen];
    /// Put a text into the guest's clipboard, where its display has one.
    GiveClipboard: "give-clipboard", "To clipboard", None, PLAIN, &[Screen];
    /// Copy what the guest put into its clipboard last.
    TakeClipboard: "take-clipboard", "From clipboard", None, PLAIN, &[Screen];
    /// Show a pixel of the guest as one pixel here, or the whole screen made to fit.
    ActualSize: "actual-size", "1:1", None, HINTED, &[Screen];
    /// Show a text screen as text, or as the picture it is.
    TextView: "text-view", "Text", None, HINTED, &[Screen];
    /// Let no key through to the guest, or let them through again.
    ViewOnly: "view-only", "View only", None, HINTED, &[Screen];
    /// Press keys that a terminal keeps for itself: Ctrl+Alt+Delete, F-keys with Ctrl and Alt, SysRq, or any by their names.
    SendKeys: "send-keys", "Keys", None, HINTED, &[Screen];
    /// Type a line in the guest, key by key, as pasted text is.
    TypeText: "type-text", "Type", None, HINTED, &[Screen];
    /// Type no more of a text that is being typed in the guest.
    StopTyping: "stop-typing", "Stop typing", None, PLAIN, &[Screen];
    /// Write the screen into a PNG file of its own, named by domain and time, in the working directory.
    SaveScreen: "save-screen", "Save", None, HINTED, &[Screen];
    /// Write the screen into a PNG file that is asked for.
    SaveScreenAs: "save-screen-as", "Save as", None, PLAIN, &[Screen];
    /// Give the display its password.
    GivePassword: "give-password", "Password", None, PLAIN, &[Screen];
    /// Copy the command of a viewer that shows the display outside of the terminal.
    CopyViewer: "copy-viewer", "Viewer", None, PLAIN, &[Screen];
    /// Show frames and bytes a second.
    DisplayFigures: "display-figures", "Figures", None, PLAIN, &[Screen];
    /// Open the display anew.
    ReopenDisplay: "reopen-display", "Reopen", None, PLAIN, &[Screen];
    /// Move what is shown at 1:1 to the left; the next arrow moves on.
    PanLeft: "pan-left", "Left", None, PLAIN, &[Screen];
    /// Move what is shown at 1:1 to the right.
    PanRight: "pan-right", "Right", None, PLAIN, &[Screen];
    /// Move what is shown at 1:1 towards the top.
    PanUp: "pan-up", "Up", None, PLAIN, &[Screen];
    /// Move what is shown at 1:1 towards the end.
    PanDown: "pan-down", "Down", None, PLAIN, &[Screen];
    /// Begin to mark lines, or stop it.
    MarkLines: "mark-lines", "Mark", None, HINTED, &[Looking];
    /// Find the text again, towards the beginning.
    FindNext: "find-next", "Next", None, HINTED, &[Looking, Editor, Monitor];
    /// Find the text again, towards the end.
    FindPrevious: "find-previous", "Previous", None, PLAIN, &[Looking, Editor, Monitor];
    /// Go back to the end and to the guest.
    EndLook: "end-look", "Back", None, HINTED, &[Looking];

    /// Try the connections that are not open again at once.
    Retry: "retry", "Retry", None, PLAIN, &[Global, Welcome];
    /// Change the URI that failed and open it.
    EditUri: "edit-uri", "Edit the URI", None, HINTED, &[Welcome];
    /// Run the command that mends the failure, after a question.
    RunRemedy: "run-remedy", "Run the remedy", None, HINTED, &[Welcome];
    /// Open the demonstration: a made-up host of libvirt's test driver.
    OpenDemo: "open-demo", "Open the demo", None, HINTED, &[Welcome];
    /// Open one more connection.
    Connect: "connect", "Connect to", None, PLAIN, &[Global];
    /// Read the settings anew; a file with a mistake changes nothing.
    Reload: "reload", "Reload settings", None, PLAIN, &[Global];
    /// Jump to a domain, host, view, page or action by a few letters of its name.
    Jump: "jump", "Jump", None, PLAIN, &[Global];
    /// Show what was done in this session, as the commands that do the same.
    ShowActions: "show-actions", "Log", None, PLAIN, &[Global];
    /// Show what takes long on all hosts, whoever began it.
    ShowJobs: "show-jobs", "Jobs", None, PLAIN, &[Global];
    /// Show the networks of the host: who is on them, its bridges and links, network filters.
    ShowNetworks: "show-networks", "Networks", None, PLAIN, &[Global];
    /// Show the storage of the host: pools and their volumes.
    ShowStorage: "show-storage", "Storage", None, PLAIN, &[Global];
    /// Show the power plans: which domains are started or shut down in which order.
    ShowPlans: "show-plans", "Plans", None, PLAIN, &[Global];
    /// Show the messages of this session.
    ShowMessages: "show-messages", "Messages", None, PLAIN, &[Global];
    /// Show what happened to the domains of all hosts.
    ShowAllEvents: "show-all-events", "Events of all hosts", None, PLAIN, &[Global];
    /// Show round trips, parked calls and timings of each connection.
    ShowDebug: "show-debug", "Debug", None, PLAIN, &[Global];
    /// Show the keys.
    Help: "help", "Help", None, HINTED, &[Global, Console, Screen, Editor, Review, Monitor];
    /// Leave the page, clear the filter, or stop waiting for a host that does not answer.
    Back: "back", "Back", None, PLAIN, &[Global];
    /// Leave the program.
    Quit: "quit", "Quit", None, HINTED, &[Global, Always];

    /// Edit the definition of what is selected, as XML; a volume is only shown.
    EditXml: "edit-xml", "Edit XML", Some("edit"), HINTED, &[Domain, Hardware, Snapshots, Networks, Pools, Volumes, Secrets];
    /// Begin a new definition of any kind from a template, as XML.
    DefineNew: "define-new", "Define new from XML", None, PLAIN, &[Global];
    /// Show what changes, and when it takes effect, before it is saved.
    ReviewChanges: "review-changes", "Save", None, HINTED, &[Editor];
    /// Do what was chosen: define the document, and change the running domain.
    ApplyChanges: "apply-changes", "Apply", None, HINTED, &[Review];
    /// Choose whether a change is made at once, at the next start, or left out for now.
    ToggleChoice: "toggle-choice", "Now, next boot, not", None, HINTED, &[Review];
    /// Show the changes by element, line by line, or side by side.
    ShowLines: "show-lines", "Lines", None, HINTED, &[Review];
    /// Let libvirt check the document against its schema, or not.
    Validate: "validate", "Validation", None, PLAIN, &[Review];
    /// Take the last change of the text back.
    Undo: "undo", "Undo", None, HINTED, &[Editor];
    /// Make the change again that was taken back last.
    Redo: "redo", "Redo", None, PLAIN, &[Editor];
    /// Cut what is selected, or the line.
    CutText: "cut-text", "Cut", None, PLAIN, &[Editor];
    /// Copy what is selected, or the line; to the terminal's clipboard too, unless it holds a hidden password.
    CopyText: "copy-text", "Copy", None, PLAIN, &[Editor];
    /// Put in what was cut or copied.
    PasteText: "paste-text", "Paste", None, PLAIN, &[Editor];
    /// Select the whole text.
    SelectAll: "select-all", "Select all", None, PLAIN, &[Editor];
    /// Replace a regular expression, in the selected lines or everywhere.
    ReplaceText: "replace-text", "Replace", None, PLAIN, &[Editor];
    /// Go to a line by its number.
    GoToLine: "go-to-line", "Go to line", None, PLAIN, &[Editor];
    /// Go to the other tag of the element.
    OtherTag: "other-tag", "Other tag", None, PLAIN, &[Editor];
    /// Make a comment of the element or the selection, or text of a comment.
    ToggleComment: "toggle-comment", "Comment", None, PLAIN, &[Editor];
    /// Move the element or the selected lines up, over the one above.
    MoveBlockUp: "move-block-up", "Move up", None, PLAIN, &[Editor];
    /// Move the element or the selected lines down, over the one below.
    MoveBlockDown: "move-block-down", "Move down", None, PLAIN, &[Editor];
    /// Fold all devices, or unfold all.
    FoldAll: "fold-all", "Fold all", None, PLAIN, &[Editor];
    /// Offer what may be typed at the cursor, by the schema and by what the host has.
    CompleteXml: "complete-xml", "Complete", None, HINTED, &[Editor];
    /// Tell what the element at the cursor is: its attributes, values, what may be in it, libvirt's page.
    ElementHelp: "element-help", "About the element", None, PLAIN, &[Editor];
    /// Go to a device by its name.
    Outline: "outline", "Outline", None, PLAIN, &[Editor];
    /// Hand the text to $VISUAL or $EDITOR, and take it back.
    EditOutside: "edit-outside", "Other editor", None, PLAIN, &[Editor];
    /// Show what changes of QEMU's command line, without defining anything.
    DryRun: "dry-run", "Dry run", Some("domxml-to-native"), PLAIN, &[Editor];
    /// Show former definitions, who made them, and what differs; Enter takes one into the text.
    ShowPast: "show-past", "History", None, PLAIN, &[Editor];
    /// Put what the last save replaced back into the text, to be saved again.
    UndoSave: "undo-save", "Undo last save", None, PLAIN, &[Editor];
    /// Go to the next place where something was found wrong.
    NextFinding: "next-finding", "Next problem", None, PLAIN, &[Editor];
    /// Go to the place before.
    PreviousFinding: "previous-finding", "Previous problem", None, PLAIN, &[Editor];
    /// Show or hide the list of what was found wrong.
    ShowFindings: "show-findings", "Problems", None, PLAIN, &[Editor];
    /// Show passwords, or mask them.
    Reveal: "reveal", "Passwords", None, PLAIN, &[Editor];
    /// Show the definition of the next start, what the running domain is, or what waits for its restart.
    NextText: "next-text", "Next boot, now, waiting", None, PLAIN, &[Editor];
    /// Close the editor; changes are kept or thrown away as one says.
    LeaveEditor: "leave-editor", "Close", None, HINTED, &[Editor, Review];

    /// Do what the button says, or take the choice.
    Accept: "accept", "Accept", None, HINTED, &[Dialog, Menu, Text, Finder, Command, Form, Monitor];
    /// Take the first term that is offered beside the filter.
    Complete: "complete", "Complete", None, PLAIN, &[Text];
    /// Say yes.
    Yes: "yes", "Yes", None, PLAIN, &[Dialog];
    /// Close without doing anything.
    Cancel: "cancel", "Cancel", None, HINTED, &[Dialog, Menu, Text, Columns, Finder, Command, Form];
    /// Go to the other button.
    NextButton: "next-button", "Other button", None, PLAIN, &[Dialog];
    /// Go to the next field.
    NextField: "next-field", "Next field", None, HINTED, &[Form];
    /// Go to the field before.
    PreviousField: "previous-field", "Field before", None, PLAIN, &[Form];
    /// Put the next of the values that are offered into the field.
    NextOffer: "next-offer", "Next value", None, PLAIN, &[Form];
    /// Stop what is under way, and undo what it has made.
    StopWork: "stop-work", "Stop", None, PLAIN, &[Form];
    /// Save what stands in the form as a template of new domains.
    SaveTemplate: "save-template", "Save as template", None, PLAIN, &[Form];
    /// Read in full what would come of it.
    ReadPreview: "read-preview", "Preview", None, PLAIN, &[Form];
    /// Edit the XML that would be made, and come back to the form with it.
    EditPreview: "edit-preview", "Edit XML", None, PLAIN, &[Form];
    /// Fill the form in anew, as it was at first.
    BeginAnew: "begin-anew", "Begin anew", None, HINTED, &[Form];
    /// Complete the word, then try the next possibility.
    CompleteNext: "complete-next", "Complete", None, PLAIN, &[Command];
    /// Try the possibility before.
    CompletePrevious: "complete-previous", "Previous", None, PLAIN, &[Command];
    /// Bring back the line before that begins like this one.
    RecallOlder: "recall-older", "Older", None, PLAIN, &[Command, Monitor];
    /// Bring back the line after.
    RecallNewer: "recall-newer", "Newer", None, PLAIN, &[Command, Monitor];
    /// Show or hide the column.
    ToggleColumn: "toggle-column", "Show or hide", None, HINTED, &[Columns];
    /// Move the column to the left.
    ColumnLeft: "column-left", "Move left", None, HINTED, &[Columns];
    /// Move the column to the right.
    ColumnRight: "column-right", "Move right", None, HINTED, &[Columns];
    /// Go back to the columns of the beginning.
    ResetColumns: "reset-columns", "Default columns", None, HINTED, &[Columns];
    /// Close what is read.
    Close: "close", "Close", None, HINTED, &[Reader];
    /// Copy the log as a script of the shell, oldest first; what failed stands in comments.
    CopyScript: "copy-script", "Copy as a script", None, PLAIN, &[Reader];

    /// Stop the program and give the shell back; `fg` brings it again.
    Suspend: "suspend", "Suspend", None, PLAIN, &[Always];
    /// Draw the whole screen anew.
    Redraw: "redraw", "Redraw", None, PLAIN, &[Always];
}
