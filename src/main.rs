//! The program: arguments in, exit code out.

use std::process::ExitCode;

use virtty::cli;
use virtty::libvirt::{self, askpass};
use virtty::{config, runtime};

fn main() -> ExitCode {
    if let Some(code) = askpass::main_if_asked() {
        return code;
    }
    let cli = cli::parse();
    if let Some(folder) = config::data_dir() {
        libvirt::keep_pictures_in(folder.join("snapshots"));
    }
    if let Some(folder) = virtty::config::state_dir() {
        virtty::libvirt::keep_changes_in(folder.join("for-a-while"));
    }
    match cli.command.as_ref().filter(|command| !command.has_screen()) {
        Some(command) => {
            // Without a screen there is standard error to speak to: a log only where one is asked for.
            if cli.log.is_some()
                && let Err(code) = runtime::start_log(cli.log.as_deref())
            {
                return code;
            }
            match command.plan() {
                Some(arguments) => runtime::run_plan(&cli, arguments),
                None => cli::run(&cli, command),
            }
        }
        None => runtime::run(&cli),
    }
}
