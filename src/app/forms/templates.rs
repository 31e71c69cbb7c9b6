//! Templates of new domains: a form kept under a name, and filled in from there again.

use crate::app::{Effect, Form, FormUse, Level, State};
use crate::config::Template;
use crate::create;
use crate::model::DomainId;
use crate::text;

/// Fields that belong to one domain and not to a template.
const OWN: [&str; 3] = ["name", "template", "nic-mac"];

/// What stands before the name of a saved template in the choice.
const SAVED: &str = "saved ";
/// What stands before the UUID of a domain.
const DOMAIN: &str = "domain ";

/// The name a form would be saved under; `None` for a form that is none of a new domain.
pub fn name(form: &Form) -> Option<String> {
    matches!(form.use_, FormUse::Create(_)).then(|| form.text("name").to_owned())
}

/// Keeps the form of a new domain under a name.
pub fn save(state: &mut State, name: &str, effects: &mut Vec<Effect>) {
    let Some(form) = state.form_mut(|use_| matches!(use_, FormUse::Create(_))) else {
        return;
    };
    let fields = form.fields.iter().filter_map(|field| {
        let is_own = field.key.is_empty() || OWN.contains(&field.key.as_str());
        let value = field.kept().filter(|_| !is_own)?;
        Some((field.key.clone(), value))
    });
    let fields = fields.collect();
    let (mut wanted, _) = super::create::read(form);
    wanted.name = "NAME".to_owned();
    for nic in wanted.nics.iter_mut().flatten() {
        nic.mac = None;
    }
    for graphics in wanted.graphics.iter_mut().flatten() {
        graphics.password = None;
    }
    // Without virt-install's own name and that of the domain.
    let mut line = create::line(&wanted, None).split_off(3);
    if wanted.os.is_none() {
        without(&mut line, "--osinfo");
    }
    // virt-install wants files where the form has words.
    if let Some(at) = line.iter().position(|word| word == "--cloud-init") {
        line[at + 1] = cloud_init(form);
    }
    let template = Template {
        name: name.to_owned(),
        line,
        fields,
    };
    match state.templates.iter_mut().find(|known| known.name == name) {
        Some(known) => known.clone_from(&template),
        None => state.templates.push(template.clone()),
    }
    effects.push(Effect::SaveTemplate(template));
}

/// Takes an option and its value out of a line.
fn without(line: &mut Vec<String>, option: &str) {
    if let Some(at) = line.iter().position(|word| word == option) {
        line.drain(at..(at + 2).min(line.len()));
    }
}

/// What cloud-init is told, in the words of `virtty create`.
fn cloud_init(form: &Form) -> String {
    let packages = form.text("packages").split_whitespace();
    let words = [
        ("user", form.text("user").to_owned()),
        ("ssh-key", form.text("ssh-key").to_owned()),
        ("hostname", form.text("hostname").to_owned()),
        ("packages", packages.collect::<Vec<_>>().join(":")),
    ];
    let words = words.iter().filter(|(_, value)| !value.is_empty());
    let words = words.map(|(key, value)| format!("{key}={}", value.replace(',', ",,")));
    words.collect::<Vec<_>>().join(",")
}

/// What a new domain can be made after: words for a choice, and what is shown.
pub fn offered(state: &State, connection: crate::model::ConnectionId) -> Vec<(String, String)> {
    let mut all = vec![(String::new(), "none".to_owned())];
    all.extend(
        state
            .templates
            .iter()
            .map(|template| (format!("{SAVED}{}", template.name), template.name.clone())),
    );
    let mut domains: Vec<_> = state
        .guests
        .values()
        .map(|guest| &guest.domain)
        .filter(|domain| domain.id.connection == connection && !domain.state.is_active())
        .collect();
    domains.sort_by(|one, other| one.name.cmp(&other.name));
    all.extend(domains.into_iter().map(|domain| {
        let word = format!("{DOMAIN}{}", domain.id.uuid);
        (word, format!("the domain {}", domain.name))
    }));
    all
}

/// Fills the fields in from a saved template.
pub fn apply(state: &State, form: &mut Form, word: &str) {
    let Some(name) = word.strip_prefix(SAVED) else {
        return;
    };
    let Some(template) = state.templates.iter().find(|known| known.name == name) else {
        return;
    };
    for (key, value) in &template.fields {
        if let Some(field) = form.field_mut(key).filter(|_| !OWN.contains(&key.as_str())) {
            field.set(value);
            field.error = None;
        }
    }
}

/// The domain that is chosen as a template.
pub fn domain(connection: crate::model::ConnectionId, word: &str) -> Option<DomainId> {
    let uuid = word.strip_prefix(DOMAIN)?.parse().ok()?;
    Some(DomainId { connection, uuid })
}

impl State {
    /// Takes over the templates of earlier sessions.
    pub fn set_templates(&mut self, templates: Result<Vec<Template>, String>) {
        match templates {
            Ok(templates) => self.templates = templates,
            Err(why) => self.say(Level::Failed, format!("The templates are not read: {why}")),
        }
    }

    /// What became of saving one.
    pub(in crate::app) fn template_saved(&mut self, result: Result<String, String>) {
        match result {
            Ok(path) => {
                let path = text::visible(&path).into_owned();
                self.say(Level::Done, format!("The template is saved in {path}."));
            }
            Err(why) => self.say(Level::Failed, format!("The template is not saved: {why}")),
        }
    }
}
