//! The virsh command line that does the same as an action, so that nobody has to trust a button.

use super::Action;
use crate::model::Uuid;
use crate::text::{shell_quote, visible};

/// The command line for `action` on a domain, ready to be pasted into a shell; `None` where virsh has no such command.
///
/// The name stands behind `--`, so that one like `--all` is a name. virsh looks a number up as an id and a UUID as a
/// UUID before it tries names, and a name with control characters cannot be pasted: those domains are named by UUID.
#[must_use]
pub fn command(action: Action, uri: &str, name: &str, uuid: Uuid) -> Option<String> {
    let verb = action.row().virsh?;
    let domain = if is_unambiguous(name) {
        shell_quote(name).into_owned()
    } else {
        uuid.to_string()
    };
    Some(format!("virsh -c {} {verb} -- {domain}", shell_quote(uri)))
}

fn is_unambiguous(name: &str) -> bool {
    !name.is_empty()
        && name.parse::<i64>().is_err()
        && name.parse::<Uuid>().is_err()
        && visible(name) == name
}

#[cfg(test)]
mod tests {
    use super::*;

    const UUID: Uuid = Uuid([0x11; 16]);

    fn force_off(name: &str) -> String {
        command(Action::ForceOff, "qemu:///system", name, UUID).unwrap()
    }

    #[test]
    fn names_are_quoted_behind_a_double_dash() {
        assert_eq!(
            force_off("web-01"),
            "virsh -c qemu:///system destroy -- web-01"
        );
        assert_eq!(
            force_off("a b'c"),
            r"virsh -c qemu:///system destroy -- 'a b'\''c'"
        );
        assert_eq!(
            force_off("--all"),
            "virsh -c qemu:///system destroy -- --all"
        );
        assert_eq!(
            force_off("$(id)"),
            "virsh -c qemu:///system destroy -- '$(id)'"
        );
    }

    #[test]
    fn names_that_virsh_would_take_for_something_else_become_uuids() {
        for name in [
            "7",
            "-1",
            "22222222-2222-2222-2222-222222222222",
            "a\tb",
            "a\u{202e}b",
        ] {
            assert!(force_off(name).ends_with(&UUID.to_string()), "{name:?}");
        }
    }
}
