//! Reading the keyboard and the mouse, on a thread of its own.
//!
//! The thread waits for the terminal and for a word of the loop at once, so that it can leave the keys to a command that
//! the terminal is lent to, and wakes for nothing else. crossterm is asked only when there is something to read: it spins
//! for ever on a terminal that is gone.

use std::io;
use std::os::fd::OwnedFd;
use std::thread;
use std::time::Duration;

use crossterm::event::{
    Event as Raw, KeyCode, KeyEvent, KeyEventKind, KeyModifiers, MouseButton, MouseEventKind,
};
use rustix::event::{PollFd, PollFlags, poll};
use rustix::pipe::{PipeFlags, pipe_with};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::terminal;
use crate::app::{MouseKind, Pointer};
use crate::keymap::{Code, Key};

/// What came in.
#[derive(Debug, Clone, PartialEq)]
pub enum Input {
    /// A key.
    Key(Key),
    /// Pasted text.
    Paste(String),
    /// The mouse at a column and a line.
    Mouse(Pointer, u16, u16),
}

/// The thread.
pub struct Keyboard {
    events: UnboundedReceiver<Input>,
    control: OwnedFd,
    paused: std::sync::mpsc::Receiver<()>,
}

/// How long crossterm looks for a whole key; given no time at all it does not look.
const GLANCE: Duration = Duration::from_millis(2);

const PAUSE: u8 = b'p';
const RESUME: u8 = b'r';

impl Keyboard {
    /// Starts reading.
    ///
    /// # Errors
    /// When there is no terminal, or no thread.
    pub fn start() -> io::Result<Self> {
        let (sender, events) = unbounded_channel();
        let (commands, control) = pipe_with(PipeFlags::CLOEXEC)?;
        let (pausing, paused) = std::sync::mpsc::channel();
        let tty = terminal::keyboard()?;
        thread::Builder::new()
            .name("runtime-input".to_owned())
            .spawn(move || {
                if let Err(error) = read(&tty, &commands, &sender, &pausing) {
                    tracing::error!("the keyboard cannot be read: {error}");
                }
            })?;
        Ok(Self {
            events,
            control,
            paused,
        })
    }

    /// The next input; `None` when the thread has ended.
    pub async fn recv(&mut self) -> Option<Input> {
        self.events.recv().await
    }

    /// The next input if one waits.
    pub fn try_recv(&mut self) -> Option<Input> {
        self.events.try_recv().ok()
    }

    /// Stops reading, so that somebody else can; waits until it is so.
    pub fn pause(&self) {
        if rustix::io::write(&self.control, &[PAUSE]).is_ok() {
            let _ = self.paused.recv();
        }
    }

    /// Reads again.
    pub fn resume(&self) {
        let _ = rustix::io::write(&self.control, &[RESUME]);
    }
}

fn read(
    tty: &OwnedFd,
    commands: &OwnedFd,
    sender: &UnboundedSender<Input>,
    pausing: &std::sync::mpsc::Sender<()>,
) -> io::Result<()> {
    loop {
        let mut ready = [
            PollFd::new(tty, PollFlags::IN),
            PollFd::new(commands, PollFlags::IN),
        ];
        match poll(&mut ready, None) {
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
        let (keys, command) = (ready[0].revents(), ready[1].revents());
        if !command.is_empty() {
            match next_command(commands)? {
                Some(PAUSE) => {
                    let _ = pausing.send(());
                    while next_command(commands)?.is_some_and(|byte| byte != RESUME) {}
                }
                Some(_) => {}
                // The loop is gone.
                None => return Ok(()),
            }
            continue;
        }
        if keys.intersects(PollFlags::HUP | PollFlags::ERR | PollFlags::NVAL) {
            // The thread that watches for this ends the process.
            return Ok(());
        }
        while keys.contains(PollFlags::IN) && crossterm::event::poll(GLANCE)? {
            if let Some(input) = translate(crossterm::event::read()?)
                && sender.send(input).is_err()
            {
                return Ok(());
            }
        }
    }
}

/// One byte; `None` at the end.
fn next_command(commands: &OwnedFd) -> io::Result<Option<u8>> {
    let mut byte = [0];
    loop {
        match rustix::io::read(commands, &mut byte) {
            Ok(0) => return Ok(None),
            Ok(_) => return Ok(Some(byte[0])),
            Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
}

fn translate(raw: Raw) -> Option<Input> {
    match raw {
        Raw::Key(event) => key(event).map(Input::Key),
        Raw::Paste(text) => Some(Input::Paste(text)),
        Raw::Mouse(event) => {
            let pointer = match event.kind {
                MouseEventKind::Down(button) => Pointer::Pressed(number(button)),
                MouseEventKind::Up(button) => Pointer::Released(number(button)),
                MouseEventKind::Drag(_) | MouseEventKind::Moved => Pointer::Moved,
                MouseEventKind::ScrollUp => Pointer::WheelUp,
                MouseEventKind::ScrollDown => Pointer::WheelDown,
                _ => return None,
            };
            Some(Input::Mouse(pointer, event.column, event.row))
        }
        // Sizes are told by the signal.
        Raw::Resize(..) | Raw::FocusGained | Raw::FocusLost => None,
    }
}

fn number(button: MouseButton) -> u8 {
    match button {
        MouseButton::Left => 0,
        MouseButton::Middle => 1,
        MouseButton::Right => 2,
    }
}

/// What a movement means for the pages; `None` for what they do not care for.
pub fn on_a_page(pointer: Pointer) -> Option<MouseKind> {
    Some(match pointer {
        Pointer::Pressed(0) => MouseKind::Click,
        Pointer::Pressed(2) => MouseKind::Menu,
        Pointer::WheelUp => MouseKind::WheelUp,
        Pointer::WheelDown => MouseKind::WheelDown,
        _ => return None,
    })
}

fn key(event: KeyEvent) -> Option<Key> {
    if event.kind == KeyEventKind::Release {
        return None;
    }
    let code = match event.code {
        // A terminal sends these four as one byte each, and crossterm names them by the digits on the same bytes.
        KeyCode::Char(c @ '4'..='7') if event.modifiers == KeyModifiers::CONTROL => {
            Code::Char(match c {
                '4' => '\\',
                '5' => ']',
                '6' => '^',
                _ => '_',
            })
        }
        KeyCode::Char(c) => Code::Char(c),
        KeyCode::F(number) => Code::F(number),
        KeyCode::Enter => Code::Enter,
        KeyCode::Esc => Code::Esc,
        KeyCode::Tab => Code::Tab,
        KeyCode::BackTab => Code::BackTab,
        KeyCode::Backspace => Code::Backspace,
        KeyCode::Delete => Code::Delete,
        KeyCode::Insert => Code::Insert,
        KeyCode::Up => Code::Up,
        KeyCode::Down => Code::Down,
        KeyCode::Left => Code::Left,
        KeyCode::Right => Code::Right,
        KeyCode::Home => Code::Home,
        KeyCode::End => Code::End,
        KeyCode::PageUp => Code::PageUp,
        KeyCode::PageDown => Code::PageDown,
        _ => return None,
    };
    // A character carries its Shift in itself, as does the key that is Tab with Shift.
    let carries_shift = matches!(code, Code::Char(_) | Code::BackTab);
    Some(Key {
        code,
        ctrl: event.modifiers.contains(KeyModifiers::CONTROL),
        alt: event.modifiers.contains(KeyModifiers::ALT),
        shift: event.modifiers.contains(KeyModifiers::SHIFT) && !carries_shift,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_told_as_the_table_of_keys_writes_them() {
        for (code, modifiers, text) in [
            (KeyCode::Char('D'), KeyModifiers::SHIFT, "D"),
            (KeyCode::Char('c'), KeyModifiers::CONTROL, "ctrl-c"),
            (KeyCode::BackTab, KeyModifiers::SHIFT, "BackTab"),
            (KeyCode::Up, KeyModifiers::SHIFT, "shift-Up"),
            (KeyCode::Char(' '), KeyModifiers::NONE, "Space"),
        ] {
            let key = key(KeyEvent::new(code, modifiers)).unwrap();
            assert_eq!(key.to_string(), text);
        }
    }
}
