//! The thread of a display: talks to the VNC server or shows pictures that libvirt takes, and tells what can be seen, never
//! faster than it is looked at.

mod keys;
mod letters;
mod reach;

use std::fs;
use std::future::pending;
use std::path::PathBuf;
use std::sync::mpsc::Sender;
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use tokio::sync::mpsc::UnboundedReceiver;
use tokio::task::JoinHandle;

use super::Said;
use super::calls::{Answer, Ask, Missed, Way};
use super::{frame, ways};
use crate::display::{Picture, TextScreen, is_text_size};
use crate::protocol::{
    DisplayFrame, DisplayNews, DisplayPhase, DisplayVerb, DisplayWay, Failure, Look, Shown,
};
use crate::rfb::{Happened, Session, Trouble};
use keys::Keys;

/// Frames are no nearer than this.
const NEAREST: Duration = Duration::from_millis(40);

/// How soon is looked again whether the last frame has been taken.
const LOOK_AGAIN: Duration = Duration::from_millis(5);

/// Questions for what has changed are no nearer than this.
const QUESTION: Duration = Duration::from_millis(30);

/// Pictures are taken no more often than this, and not more often than libvirt can bear.
const PICTURE: Duration = Duration::from_millis(300);

/// The text memory is read no more often than this.
const PEEK: Duration = Duration::from_millis(50);

/// Events of the server that are taken in before others have their turn.
const AT_ONCE: usize = 256;

/// See the module's words.
pub struct Viewer {
    asks: Sender<Ask>,
    said: Said,
    look: Look,
    phase: DisplayPhase,
    password: Option<String>,
    /// The password may be read from libvirt.
    reads_password: bool,
    /// The beginning of a session that is under way.
    beginning: Option<JoinHandle<Result<Session, Trouble>>>,
    session: Option<Session>,
    /// The server was asked for what has changed and has not answered.
    asked: bool,
    ask_at: Instant,
    /// The last picture that libvirt took.
    shot: Picture,
    shooting: Option<Instant>,
    shoot_at: Instant,
    peeking: bool,
    peek_at: Option<Instant>,
    text: Option<Arc<TextScreen>>,
    /// Since when the picture is no text.
    missed_since: Option<Instant>,
    /// How often in a row the picture was no text.
    misses: u32,
    /// When the picture changed last.
    changed_at: Instant,
    keys: Keys,
    retry_at: Option<Instant>,
    failures: u32,
    /// When a display that was seen ended.
    ended_at: Option<Instant>,
    /// Something is to be shown.
    dirty: bool,
    sent_at: Option<Instant>,
    sent: Option<Shown>,
    ticket: Weak<()>,
}

/// What woke the loop.
enum Woken {
    Order(Option<DisplayVerb>),
    Answer(Option<Answer>),
    Begun(Result<Session, Trouble>),
    Happened(Result<Happened, Trouble>),
    Time,
}

/// Runs until the display is closed.
pub fn run(
    viewer: Viewer,
    mut orders: UnboundedReceiver<DisplayVerb>,
    mut answers: UnboundedReceiver<Answer>,
) {
    // One thread: a display that keeps it busy keeps no other from its turn.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let mut viewer = viewer;
    match runtime {
        Ok(runtime) => runtime.block_on(viewer.run(&mut orders, &mut answers)),
        Err(error) => viewer.refuse(&error.to_string()),
    }
}

impl Viewer {
    /// One that shows nothing yet.
    pub fn new(asks: Sender<Ask>, said: Said, look: Look, reads_password: bool) -> Self {
        let now = Instant::now();
        Self {
            asks,
            said,
            look,
            phase: DisplayPhase::Opening,
            password: None,
            reads_password,
            beginning: None,
            session: None,
            asked: false,
            ask_at: now,
            shot: Picture::default(),
            shooting: None,
            shoot_at: now,
            peeking: false,
            peek_at: None,
            text: None,
            missed_since: None,
            misses: 0,
            changed_at: now,
            keys: Keys::default(),
            retry_at: None,
            failures: 0,
            ended_at: None,
            dirty: false,
            sent_at: None,
            sent: None,
            ticket: Weak::new(),
        }
    }

    async fn run(
        &mut self,
        orders: &mut UnboundedReceiver<DisplayVerb>,
        answers: &mut UnboundedReceiver<Answer>,
    ) {
        self.say(DisplayPhase::Opening);
        self.call(Ask::Reach(self.reads_password && self.password.is_none()));
        loop {
            let due = self.due();
            let woken = {
                let Self {
                    session, beginning, ..
                } = self;
                let happened = async {
                    match session {
                        Some(session) => session.next().await,
                        None => pending().await,
                    }
                };
                let begun = async {
                    match beginning {
                        Some(task) => task.await,
                        None => pending().await,
                    }
                };
                let time = async {
                    match due {
                        Some(due) => tokio::time::sleep_until(due.into()).await,
                        None => pending().await,
                    }
                };
                tokio::select! {
                    biased;
                    order = orders.recv() => Woken::Order(order),
                    answer = answers.recv() => Woken::Answer(answer),
                    begun = begun => Woken::Begun(begun.unwrap_or_else(|error| {
                        Err(Trouble::Protocol(format!("its reader failed: {error}")))
                    })),
                    // Before time, which may be due for as long as more is on its way; what is due is done after either.
                    happened = happened => Woken::Happened(happened),
                    () = time => Woken::Time,
                }
            };
            match woken {
                Woken::Order(None) | Woken::Answer(None) => return,
                Woken::Order(Some(order)) => self.order(order).await,
                Woken::Answer(Some(answer)) => self.answer(answer),
                Woken::Begun(result) => {
                    self.beginning = None;
                    self.begun(result);
                }
                Woken::Happened(result) => self.happened(result).await,
                Woken::Time => {}
            }
            self.work().await;
        }
    }

    fn say(&mut self, phase: DisplayPhase) {
        self.phase = phase.clone();
        self.said.send(DisplayNews::Phase(phase));
    }

    fn refuse(&mut self, reason: &str) {
        self.say(DisplayPhase::Refused(Failure {
            what: "open the display".to_owned(),
            reason: reason.to_owned(),
            code: None,
            remedy: None,
        }));
    }

    fn call(&self, ask: Ask) {
        let _ = self.asks.send(ask);
    }

    /// What the display shows.
    fn picture(&self) -> &Picture {
        match &self.session {
            Some(session) => session.picture(),
            None => &self.shot,
        }
    }

    fn takes_pictures(&self) -> bool {
        matches!(self.phase, DisplayPhase::Attached(DisplayWay::Pictures(_)))
    }

    /// When something is to be done that nobody else wakes for.
    fn due(&self) -> Option<Instant> {
        let frame = (self.dirty && self.look.is_seen()).then(|| {
            let next = self.sent_at.map_or_else(Instant::now, |at| at + NEAREST);
            let whole = self.session.as_ref().is_none_or(Session::is_dry);
            if self.ticket.strong_count() == 0 && whole {
                next
            } else {
                next.max(Instant::now() + LOOK_AGAIN)
            }
        });
        let seen = self.look.is_seen();
        let question = (seen && self.session.is_some() && !self.asked).then_some(self.ask_at);
        let shot =
            (seen && self.takes_pictures() && self.shooting.is_none()).then_some(self.shoot_at);
        let peek = self.peek_at.filter(|_| seen && !self.peeking);
        [frame, question, shot, peek, self.keys.due(), self.retry_at]
            .into_iter()
            .flatten()
            .min()
    }

    async fn order(&mut self, order: DisplayVerb) {
        match order {
            // Opened by its start; closed by the end of its orders.
            DisplayVerb::Open { .. } | DisplayVerb::Close => {}
            DisplayVerb::Look(look) => {
                if look.text && !self.look.text {
                    self.misses = 0;
                    self.changed_at = Instant::now();
                    self.peek_at = Some(self.changed_at);
                }
                if !look.text {
                    self.text = None;
                }
                self.look = look;
                self.dirty = true;
                // A person waits for it.
                self.sent_at = None;
            }
            DisplayVerb::Press(strokes) => self.press(strokes).await,
            DisplayVerb::Cut(text) => {
                if let Some(session) = &self.session {
                    let result = session.cut(text).await;
                    self.check(result);
                }
            }
            DisplayVerb::Type {
                text,
                layout,
                per_second,
            } => self.enqueue(&text, layout, per_second),
            DisplayVerb::StopTyping => self.stop_typing(),
            DisplayVerb::Point { x, y, buttons } => {
                if let Some(session) = &self.session {
                    let result = session.point(x, y, buttons).await;
                    self.check(result);
                }
            }
            DisplayVerb::Password(password) => {
                self.password = Some(password);
                self.reach();
            }
            DisplayVerb::Copy => {
                let text = self.text.as_ref().map(|text| text.text());
                self.said.send(DisplayNews::Copied(text));
            }
            DisplayVerb::Save(path) => {
                let saved = self.save(path);
                self.said.send(DisplayNews::Saved(saved));
            }
            DisplayVerb::Retry => self.reach(),
        }
    }

    fn answer(&mut self, answer: Answer) {
        match answer {
            Answer::Reached(Ok((Way::Pictures(why), _))) => {
                self.failures = 0;
                self.shoot_at = Instant::now();
                self.say(DisplayPhase::Attached(DisplayWay::Pictures(why)));
            }
            Answer::Reached(Ok((way, read))) => {
                let password = self.password.clone().or(read);
                self.beginning = Some(tokio::spawn(ways::go(way, password)));
            }
            Answer::Reached(Err(missed)) => self.missed(missed),
            Answer::Peeked(memory) => {
                self.peeking = false;
                // It may have been asked for before a person chose the picture.
                if self.look.text {
                    self.read_text(memory.as_deref());
                }
            }
            Answer::Shot(result) => self.shot(result),
            Answer::Pressed(result) => self.pressed(result),
        }
    }

    async fn happened(&mut self, result: Result<Happened, Trouble>) {
        let mut result = result;
        for _ in 0..AT_ONCE {
            match result {
                Ok(Happened::Drawn) => {
                    self.asked = false;
                    self.changed();
                }
                Ok(Happened::Resized) => {
                    self.asked = false;
                    self.text = None;
                    self.changed();
                }
                Ok(Happened::Cut(text)) => self.said.send(DisplayNews::Cut(text)),
                Ok(Happened::Nothing) => {}
                Err(trouble) => return self.trouble(trouble),
            }
            let Some(session) = &mut self.session else {
                return;
            };
            result = match session.try_next().await {
                Ok(None) => return,
                Ok(Some(happened)) => Ok(happened),
                Err(trouble) => Err(trouble),
            };
        }
    }

    fn changed(&mut self) {
        self.dirty = true;
        self.changed_at = Instant::now();
        if self.look.text && self.peek_at.is_none() {
            self.peek_at = Some(self.changed_at + PEEK * self.misses);
        }
    }

    fn shot(&mut self, result: Result<Picture, Missed>) {
        let took = self.shooting.take().map_or(PICTURE, |at| at.elapsed());
        self.shoot_at = Instant::now() + PICTURE.max(took * 4);
        if !self.takes_pictures() {
            return;
        }
        match result {
            Ok(picture) => {
                if picture != self.shot {
                    self.shot = picture;
                    self.changed();
                }
            }
            Err(missed) => self.missed(missed),
        }
    }

    /// Does what is due.
    async fn work(&mut self) {
        let now = Instant::now();
        if self.retry_at.is_some_and(|at| at <= now) {
            self.retry_at = None;
            self.call(Ask::Reach(self.reads_password && self.password.is_none()));
        }
        let seen = self.look.is_seen();
        if seen
            && !self.asked
            && self.ask_at <= now
            && let Some(session) = &self.session
        {
            // While more is on its way, there is nothing to ask for.
            if session.is_dry() {
                let result = session.ask().await;
                self.asked = true;
                self.check(result);
            }
            self.ask_at = now + QUESTION;
        }
        if seen && self.takes_pictures() && self.shooting.is_none() && self.shoot_at <= now {
            self.shooting = Some(now);
            self.call(Ask::Shoot);
        }
        if seen && !self.peeking && self.peek_at.is_some_and(|at| at <= now) {
            self.peek_at = None;
            if self.look.text && is_text_size(self.picture()) {
                self.peeking = true;
                self.call(Ask::Peek);
            } else if self.text.take().is_some() {
                self.dirty = true;
            }
        }
        self.work_keys(now).await;
        self.show();
    }

    /// Sends a frame, when one is due and the last was taken.
    fn show(&mut self) {
        let rested = self.sent_at.is_none_or(|at| at.elapsed() >= NEAREST);
        // Of a picture that comes in parts, the whole is shown.
        let whole = self.session.as_ref().is_none_or(Session::is_dry);
        if !self.dirty || !rested || !whole || self.ticket.strong_count() > 0 {
            return;
        }
        self.dirty = false;
        let made = frame::shown(
            self.picture(),
            self.text.as_ref(),
            &self.look,
            self.said.display.0,
        );
        let Some((shown, part)) = made else {
            return;
        };
        if self.sent.as_ref() == Some(&shown) {
            return;
        }
        let fresh = Arc::new(());
        self.ticket = Arc::downgrade(&fresh);
        let picture = self.picture();
        self.said.send(DisplayNews::Frame(DisplayFrame {
            shown: shown.clone(),
            size: (picture.width(), picture.height()),
            part,
            blank: picture.is_blank(),
            bytes: self.session.as_ref().map_or(0, Session::bytes),
            ticket: fresh,
        }));
        self.sent = Some(shown);
        self.sent_at = Some(Instant::now());
    }

    fn save(&self, path: PathBuf) -> Result<PathBuf, String> {
        let picture = self.picture();
        if picture.is_empty() {
            return Err("nothing has been seen yet".to_owned());
        }
        let png = picture.png()?;
        // What is on a screen can be secret.
        let written = write_privately(&path, &png);
        written.map_err(|error| format!("{}: {error}", path.display()))?;
        Ok(path)
    }
}

/// Writes beside the file and puts it in its place: never half a picture under its name.
fn write_privately(path: &std::path::Path, bytes: &[u8]) -> std::io::Result<()> {
    use std::io::Write as _;
    use std::os::unix::fs::OpenOptionsExt as _;
    let mut beside = path.as_os_str().to_owned();
    beside.push(format!(".{:08x}", fastrand::u32(..)));
    let beside = PathBuf::from(beside);
    let written = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&beside)
        .and_then(|mut file| file.write_all(bytes))
        .and_then(|()| fs::rename(&beside, path));
    if written.is_err() {
        let _ = fs::remove_file(&beside);
    }
    written
}
