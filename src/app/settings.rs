//! The settings: taken over at the start, and again whenever they are read anew.

use super::{Column, Effect, Level, State, View};
use crate::action::{Action, Context};
use crate::config::{Config, SavedView};
use crate::keymap::{Keymap, Shadow, Taken};
use crate::text::visible;

/// Settings that were read anew.
#[derive(Debug, Clone, PartialEq)]
pub struct Reread {
    /// What the file says.
    pub config: Config,
    /// Its views, with those saved from the screen.
    pub views: Vec<SavedView>,
    /// Nobody asked: the file was changed.
    pub by_itself: bool,
}

impl State {
    /// Takes the settings over before anything is shown.
    pub fn configure(&mut self, config: &Config) {
        self.arrange_table(config);
        self.take(config);
    }

    /// Columns and order of the table.
    fn arrange_table(&mut self, config: &Config) {
        let named = config.columns.iter().flatten();
        let columns: Vec<Column> = match &config.columns {
            Some(_) => named.filter_map(|name| Column::from_name(name)).collect(),
            None => self.table.columns.clone(),
        };
        let (sort, reversed) = config
            .sort
            .as_deref()
            .and_then(Column::sorting)
            .unwrap_or((self.table.sort, self.table.reversed));
        self.table.configure(&columns, sort, reversed);
    }

    /// What holds from now on.
    fn take(&mut self, config: &Config) {
        let mut keymap = Keymap::default();
        let taken = keymap.rebind(&config.keys);
        self.keymap = keymap;
        self.confirm.clone_from(&config.confirm);
        self.alerts.rules = config.alerts.clone();
        self.options.interval = config.interval;
        self.own.all.clone_from(&config.commands);
        self.plans.configure(&config.plans);
        self.settings = Some(Box::new(config.clone()));
        for shadow in self.keymap.shadows(&config.keys) {
            self.say(Level::Note, hidden(&shadow));
        }
        for lost in taken {
            self.say(Level::Note, conflict(&lost));
        }
        for words in self.own_conflicts() {
            self.say(Level::Note, words);
        }
    }

    /// The settings were read anew, or why they were not: then those of before hold.
    pub(super) fn reread(&mut self, result: Result<Box<Reread>, String>) {
        let read = match result {
            Ok(read) => read,
            Err(why) => {
                let text = format!("The settings stay as they were: {}", visible(&why));
                self.say(Level::Failed, text);
                return;
            }
        };
        let before = self.settings.take();
        let same = before.as_deref() == Some(&read.config);
        if same && read.by_itself {
            self.settings = before;
            return;
        }
        // What was arranged on the screen stays, unless the file says otherwise than before.
        let table = |config: &Config| (config.columns.clone(), config.sort.clone());
        if before.as_deref().map(table) != Some(table(&read.config)) {
            self.arrange_table(&read.config);
        }
        if same {
            self.say(Level::Done, "The settings are read anew.".to_owned());
        } else {
            self.say(Level::Done, "The settings are changed.".to_owned());
        }
        self.views = read.views.iter().map(View::of).collect();
        if self.view.is_some_and(|at| at >= self.views.len()) {
            self.view = None;
        }
        self.take(&read.config);
    }

    /// Whether an action asks before it is done: as the settings say, else as dangerous as it is.
    #[must_use]
    pub fn asks(&self, action: Action) -> bool {
        let chosen = self.confirm.get(&action).copied();
        chosen.unwrap_or(action.row().traits.dangerous)
    }

    /// One line for who has never been here.
    pub fn welcome(&mut self) {
        let contexts = [Context::Table, Context::Global];
        let key = |action| self.keymap.hint(&contexts, action);
        let pieces = [
            (Action::Help, "keys"),
            (Action::Filter, "filter"),
            (Action::Jump, "jump anywhere"),
            (Action::CommandLine, "virsh's words"),
            (Action::Quit, "leave"),
        ];
        let told: Vec<_> = pieces
            .into_iter()
            .filter_map(|(action, words)| Some(format!("{} {words}", key(action)?)))
            .collect();
        self.say(Level::Note, format!("New here? {}", told.join(", ")));
    }
}

/// Says that a key has changed hands.
fn conflict(lost: &Taken) -> String {
    let loser = lost.from.row().name;
    let left = match lost.left {
        Some(key) => format!("{loser} has {key} left"),
        None => format!("{loser} has no key there now"),
    };
    format!(
        "By the settings {} in [{}] is {}; {left}.",
        lost.key,
        lost.context.name(),
        lost.to.row().name
    )
}

/// Says that a key does not reach everybody who has it.
fn hidden(shadow: &Shadow) -> String {
    let name = |(context, action): (Context, Action)| {
        format!("{} of [{}]", action.row().name, context.name())
    };
    format!(
        "By the settings {} is {}, which hides {} there.",
        shadow.key,
        name(shadow.nearer),
        name(shadow.farther)
    )
}

/// Asks for the settings to be read anew.
pub(super) fn reload(effects: &mut Vec<Effect>) {
    effects.push(Effect::Reload);
}
