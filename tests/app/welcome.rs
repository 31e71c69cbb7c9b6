//! The way in while no connection is open.

use virtty::app::Effect;
use virtty::model::ConnectionState;
use virtty::protocol::News;

use crate::session::{Session, lost, opened, refused, running};

#[test]
fn the_demo_is_called_so_and_not_by_the_file_it_is_read_from() {
    let mut session = Session::new(80, 24, &["qemu:///system"]);
    session.news(0, 1, News::State(lost(2.0), Some(refused())));
    session.done();
    session.keys("o");
    let effects = session.done();
    let [Effect::OpenDemo(spec)] = effects.as_slice() else {
        panic!("no demo: {effects:?}");
    };
    let demo = spec.id;
    assert_eq!(session.state.connection(demo).unwrap().label, "demo");
    let host = opened("test:///proc/self/fd/3", false);
    session
        .news(demo.0, 1, News::State(ConnectionState::Active, None))
        .news(demo.0, 1, News::Opened(Box::new(host)));
    let mut guest = running(1, "web");
    guest.id.connection = demo;
    session.list(demo.0, vec![guest]);
    let shown = session.state.connection(demo).unwrap();
    assert_eq!(shown.label, "demo");
    assert_eq!(shown.name.as_deref(), Some("demo"));
}
