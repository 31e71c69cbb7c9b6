//! What a guest's agent and QEMU's monitor are asked, and what they answer, as texts: read with suspicion, bounded, and put
//! on record without secrets. Nothing here asks anybody.

mod clock;
mod exec;
mod info;
mod install;
mod json;
mod monitor;
mod secret;

pub use clock::GuestClock;
pub use exec::{ExecStatus, GuestOutput, exec_command, exec_started, exec_status, status_command};
pub use info::{GuestInfo, GuestNic, GuestUser};
pub use install::{CHANNEL, Package, packages};
pub use json::pretty;
pub use monitor::{MonitorKind, said, wire};
pub use secret::{hides, masked_command, masked_words};

/// Whether an error of the agent says that its file systems are frozen: it answers little else meanwhile (QEMU's
/// `qga/main.c`, `ga_disable_not_allowed_freeze`).
#[must_use]
pub fn says_frozen(reason: &str) -> bool {
    reason.contains("the agent is in frozen state")
        || (reason.contains("frozen") && reason.contains("disabled"))
}

/// Whether an error says that a user has no file of authorized keys yet, which is no error but an empty list.
#[must_use]
pub fn says_no_keys(reason: &str) -> bool {
    reason.contains("guest-ssh-get-authorized-keys") && reason.contains("No such file or directory")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_of_a_frozen_agent_and_of_missing_keys_are_known() {
        // As libvirt 9.0 and QEMU 7.2 say it.
        let frozen = "internal error: unable to execute QEMU agent command 'guest-get-time': Command guest-get-time has been \
                      disabled: the agent is in frozen state";
        assert!(says_frozen(frozen));
        assert!(!says_frozen(
            "internal error: unable to execute QEMU agent command 'guest-exec': Command guest-exec has been disabled"
        ));
        let missing = "internal error: unable to execute QEMU agent command 'guest-ssh-get-authorized-keys': failed to read \
                       '/root/.ssh/authorized_keys': Failed to open file “/root/.ssh/authorized_keys”: No such file or directory";
        assert!(says_no_keys(missing));
        assert!(!says_no_keys("failed to lookup user 'nobody': Success"));
    }
}
