//! Saved views and jumping anywhere.

use virtty::app::{Column, Effect, Event, Grouping, Layer, Level, Page};
use virtty::config::{GROUPINGS, SavedView};

use virtty::model::{DiskInfo, NicInfo, Resource, ResourceKind};
use virtty::protocol::News;

use crate::material::define;
use crate::session::{Session, off, running};

fn saved(name: &str, query: &str, sort: Option<&str>, group: Option<&str>) -> SavedView {
    SavedView {
        name: name.to_owned(),
        query: query.to_owned(),
        columns: None,
        sort: sort.map(str::to_owned),
        group: group.map(str::to_owned),
    }
}

fn session() -> Session {
    let domains = vec![
        running(1, "web-1"),
        running(2, "db"),
        off(3, "web-old"),
        off(4, "mail"),
    ];
    let mut session = Session::active(100, 24, domains);
    let views = [
        saved("up", "state:running", Some("-name"), None),
        saved("by state", "", None, Some("state")),
    ];
    session.state.set_views(&views, None);
    session
}

#[test]
fn settings_and_table_group_by_the_same() {
    assert_eq!(GROUPINGS, Grouping::ALL.map(Grouping::name));
}

#[test]
fn numbers_switch_views_and_nought_goes_back() {
    let mut session = session();
    session.keys("1");
    assert_eq!(session.names(), ["web-1", "db"]);
    assert_eq!(session.state.table.filter(), "state:running");
    session.keys("2");
    assert_eq!(session.state.table.grouping(), Grouping::State);
    assert_eq!(
        session.names().len(),
        4,
        "what it does not say is as at the beginning"
    );
    assert_eq!(session.state.table.sort, Column::Name);
    assert!(!session.state.table.reversed);
    session.keys("0");
    assert_eq!(session.state.table.grouping(), Grouping::None);
    session.keys("7");
    let said = session.state.messages.current().unwrap();
    assert_eq!(said.level, Level::Note);
    assert!(said.text.contains("no view 7"), "{}", said.text);
}

#[test]
fn the_present_view_is_saved_under_a_name() {
    let mut session = session();
    session.keys("/web<Enter>ottVSave<Enter>");
    assert!(matches!(session.state.layers.last(), Some(Layer::Text(_))));
    session.keys("<Enter>");
    assert!(
        matches!(session.state.layers.last(), Some(Layer::Text(_))),
        "it needs a name"
    );
    session.done();
    session.keys("webs<Enter>");
    let effects = session.done();
    let [Effect::SaveView(view)] = &effects[..] else {
        panic!("{effects:?}");
    };
    assert_eq!((view.name.as_str(), view.query.as_str()), ("webs", "web"));
    assert_eq!(view.sort.as_deref(), Some("-name"));
    assert_eq!(view.group.as_deref(), Some("state"));
    session.event(Event::ViewSaved(Ok("/s/views.toml".to_owned())));
    assert!(
        session
            .state
            .messages
            .current()
            .unwrap()
            .text
            .contains("View 3")
    );
    session.keys("0");
    assert_eq!(session.names().len(), 4);
    session.keys("3");
    assert_eq!(
        session.names(),
        ["web-old", "web-1"],
        "reversed, running before off is by groups"
    );
}

#[test]
fn the_name_of_the_view_shown_is_offered_and_replaces_it() {
    let mut session = session();
    session.keys("1/ db<Enter>VSave<Enter><Enter>");
    assert_eq!(session.state.views.len(), 2);
    assert_eq!(session.state.views[0].query, "state:running db");
}

#[test]
fn ctrl_p_jumps_to_domains_pages_and_hosts() {
    let mut session = session();
    session.keys("/db<Enter><ctrl-p>webold<Enter>");
    assert_eq!(session.selected_name(), Some("web-old"));
    assert_eq!(
        session.state.table.filter(),
        "",
        "it was hidden by the filter"
    );
    session.keys("<ctrl-p>ports<Enter>");
    assert!(matches!(session.state.page(), Page::Ports(_)));
    session.keys("<ctrl-p>db<Enter>");
    assert_eq!(session.state.page(), &Page::Domains);
    assert_eq!(session.selected_name(), Some("db"));
    session.keys("<ctrl-p>localhost<Enter>");
    assert!(
        session.state.table.filter().starts_with("host="),
        "{}",
        session.state.table.filter()
    );
    assert_eq!(session.names().len(), 4);
    session.keys("<ctrl-p>up<Enter>");
    assert_eq!(session.state.table.filter(), "state:running");
}

#[test]
fn any_column_can_be_sorted_by_and_any_grouping_taken() {
    let mut session = session();
    session.keys("<ctrl-p>sort by vcpus<Enter>");
    assert_eq!(session.state.table.sort, Column::Vcpus);
    assert_eq!(
        session.names(),
        ["db", "mail", "web-1", "web-old"],
        "equal ones by name"
    );
    session.keys("<ctrl-p>group by tag<Enter>");
    assert_eq!(session.state.table.grouping(), Grouping::Tag);
}

#[test]
fn a_dangerous_action_asks_from_the_finder_too() {
    let mut session = session();
    session.keys("<ctrl-p>Force Off<Enter>");
    assert!(matches!(
        session.state.layers.last(),
        Some(Layer::Confirm(_))
    ));
}

#[test]
fn a_folded_domain_is_shown_when_jumped_to() {
    let mut session = session();
    session.keys("2g<Enter><ctrl-p>web-1<Enter>");
    assert_eq!(session.selected_name(), Some("web-1"));
    let wanted = session.state.table.selected();
    assert!(
        session
            .state
            .table
            .visible(20)
            .iter()
            .any(|id| Some(*id) == wanted)
    );
}

#[test]
fn keys_of_the_finder_move_and_leave() {
    let mut session = session();
    session.keys("<ctrl-p>web<Down><Enter>");
    assert_eq!(session.selected_name(), Some("web-old"));
    session.keys("<ctrl-p>zzzzzz<Enter>");
    assert!(session.state.layers.is_empty());
    session.keys("<ctrl-p>q<Esc>");
    assert!(session.state.layers.is_empty() && session.done().iter().all(|e| *e != Effect::Quit));
}

#[test]
fn networks_pools_and_volumes_lead_to_who_uses_them() {
    let disk = |source: &str| DiskInfo {
        target: "vda".to_owned(),
        source: Some(source.to_owned()),
        ..DiskInfo::default()
    };
    let web = define(running(1, "web"), |definition| {
        definition.disks = vec![disk("/srv/vm/web 1.qcow2")];
        definition.nics = vec![NicInfo {
            bridge: None,
            source: Some("dmz".to_owned()),
            ..NicInfo::default()
        }];
    });
    let db = define(running(2, "db"), |definition| {
        definition.disks = vec![disk("/srv/vm-old/db.qcow2")];
        definition.nics = vec![NicInfo {
            bridge: None,
            source: Some("dmz-2".to_owned()),
            ..NicInfo::default()
        }];
    });
    let mut session = Session::active(100, 24, vec![web, db]);
    session.keys("<ctrl-p>dmz");
    let kinds = |session: &Session| match session.state.layers.last() {
        Some(Layer::Finder(finder)) => finder.found().map(|place| place.kind).collect::<Vec<_>>(),
        _ => panic!("no finder"),
    };
    assert!(kinds(&session).is_empty());
    let resource = |name: &str, kind| Resource {
        name: name.to_owned(),
        kind,
    };
    let path = Some("/srv/vm".to_owned());
    let found = vec![
        resource("dmz", ResourceKind::Network { active: true }),
        resource("vm", ResourceKind::Pool { active: true, path }),
        resource(
            "web 1.qcow2",
            ResourceKind::Volume {
                pool: "vm".to_owned(),
                path: Some("/srv/vm/web 1.qcow2".to_owned()),
            },
        ),
    ];
    // They come while the finder is open.
    session.news(0, 1, News::Resources(found));
    assert_eq!(kinds(&session), ["network", "xml"]);
    session.keys("<Enter>");
    assert_eq!(session.names(), ["web"], "the whole name");
    session.keys("<Esc><ctrl-p>vm pool<Enter>");
    assert_eq!(session.names(), ["web"], "{}", session.state.table.filter());
    session.keys("<Esc><ctrl-p>qcow2 volume<Enter>");
    assert_eq!(session.names(), ["web"], "{}", session.state.table.filter());
}
