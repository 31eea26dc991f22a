//! Starting and stopping: the port, its neighbours, and what ends with the Messenger (M1, M4).

use latchkey::customer::messenger::IdentityVerification::Off;
use latchkey::workspace::{ProblemCode, Seams, WorkspaceEvent};
use tokio::net::{TcpListener, TcpStream};

use crate::desk::{Desk, PAGE, TOKEN};
use crate::support::{Bench, until, within};

fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

#[tokio::test]
async fn m4_it_listens_on_loopback_alone_and_remembers_its_port() {
    let bench = Bench::new().await;
    let messenger = bench.workspace.messenger();
    let port = free_port();
    let status = messenger.start(Some(port)).await.unwrap();
    assert_eq!((status.running, status.port, status.base_url), (true, port, format!("http://127.0.0.1:{port}")));
    assert!(TcpStream::connect(("127.0.0.1", port)).await.is_ok());
    assert!(TcpStream::connect(("::1", port)).await.is_err());
    // Any other address of this machine is free to be listened on.
    for other in ["127.0.0.2", "::1"] {
        if let Err(error) = TcpListener::bind((other, port)).await {
            assert_ne!(error.kind(), std::io::ErrorKind::AddrInUse, "{other}");
        }
    }
    assert_eq!(messenger.start(None).await.unwrap().port, port, "one that runs goes on");
    let stopped = messenger.stop().await.unwrap();
    assert_eq!((stopped.running, stopped.port), (false, port));
    assert!(TcpStream::connect(("127.0.0.1", port)).await.is_err());
    assert_eq!(messenger.start(None).await.unwrap().port, port);
    let other = bench.second().await;
    assert_eq!(other.messenger().status().await.unwrap().port, port);
}

#[tokio::test]
async fn m4_a_second_messenger_of_the_workspace_is_told_that_the_port_is_taken() {
    let desk = Desk::new().await;
    let other = desk.second().await;
    for problem in [other.messenger().start(None).await.unwrap_err(), other.messenger().serve(None).await.unwrap_err()] {
        assert_eq!((problem.code, problem.field.as_deref()), (ProblemCode::Invalid, Some("port")));
        assert!(problem.message.contains("is in use by another program"), "{}", problem.message);
    }
    // On a port of its own it serves the same customers.
    let beside = other.messenger().serve(Some(0)).await.unwrap();
    assert_ne!(beside.port, desk.status().await.port);
    assert_eq!(beside.app_id, desk.app_id);
    assert_eq!(other.messenger().stop().await.unwrap().port, desk.status().await.port, "a port that is named counts once");
    let session = desk.boot("42").await;
    assert_eq!(desk.set(&session, &[(TOKEN, "of the first one")]).send().await.status, 200);
}

#[tokio::test]
async fn m1_every_session_ends_with_the_messenger() {
    let desk = Desk::new().await;
    let session = desk.boot("42").await;
    desk.set(&session, &[(TOKEN, "before the restart")]).send().await;
    let messenger = desk.workspace.messenger();
    messenger.stop().await.unwrap();
    assert_eq!(desk.status().await.calls, []);
    assert_eq!(messenger.start(None).await.unwrap().base_url, desk.base, "the port can be had again at once");
    assert_eq!(desk.set(&session, &[(TOKEN, "in an old session")]).send().await.refusal(), (401, "session_ended"));
    let session = desk.boot("42").await;
    assert_eq!(desk.set(&session, &[(TOKEN, "after the restart")]).send().await.status, 200);
    assert_eq!(desk.sends("42").await.as_deref(), Some("after the restart"));
}

#[tokio::test]
async fn m4_it_starts_with_the_window_until_it_is_stopped() {
    let bench = Bench::new().await;
    let running = async |workspace: &latchkey::workspace::Workspace| {
        workspace.messenger().start_if_wanted().await.unwrap();
        workspace.messenger().status().await.unwrap().running
    };
    assert!(!running(&bench.workspace).await, "not before it was started once");
    let port = bench.workspace.messenger().start(Some(0)).await.unwrap().port;
    let window = bench.second().await;
    let mut events = window.events();
    let problem = window.messenger().start_if_wanted().await.unwrap_err();
    assert_eq!(problem.field.as_deref(), Some("port"));
    let status = window.messenger().status().await.unwrap();
    assert_eq!(status.problem.map(|problem| problem.message), Some(problem.message), "its page says why");
    let told = async { while !matches!(events.recv().await.unwrap(), WorkspaceEvent::MessengerChanged) {} };
    within("the event", told).await;
    bench.workspace.clone().close().await;
    assert!(running(&window).await, "closing a window is no stop");
    let status = window.messenger().status().await.unwrap();
    assert_eq!((status.port, status.problem.is_none()), (port, true));
    window.messenger().stop().await.unwrap();
    assert!(!running(&window).await);
    // What a program serves in the foreground is not the window's.
    window.messenger().serve(None).await.unwrap();
    let other = bench.second().await;
    assert!(!running(&other).await);
}

#[tokio::test]
async fn m4_it_ends_with_the_workspace_also_while_runs_are_under_way() {
    let desk = Desk::new().await;
    let address = desk.base.trim_start_matches("http://").to_owned();
    desk.boot("42").await;
    let idle = TcpStream::connect(&address).await.unwrap();
    let held = desk.workspace.clone();
    drop(held.clone().lock(Seams::real()));
    within("its end", async { while TcpStream::connect(&address).await.is_ok() {} }).await;
    within("the end of its connections", async {
        let mut byte = [0];
        while !matches!(idle.try_read(&mut byte), Ok(0)) {
            idle.readable().await.unwrap();
        }
    })
    .await;
    let problem = held.messenger().start(None).await.unwrap_err();
    assert_eq!(problem.code, ProblemCode::Failed, "a locked workspace listens to nobody");
}

#[tokio::test]
async fn m4_a_stopped_messenger_keeps_nothing_of_the_workspace_open() {
    let desk = Desk::new().await;
    desk.allow(&[PAGE], Off).await;
    desk.boot("42").await;
    let stream = TcpStream::connect(desk.base.trim_start_matches("http://")).await.unwrap();
    let log = desk.folder().join("workspace.db-wal");
    let folder = desk.bench.close().await;
    until("the database to be closed", || !log.exists()).await;
    drop((stream, folder));
}

#[tokio::test]
async fn m4_another_port_moves_it_there_and_one_that_is_taken_leaves_it() {
    let desk = Desk::new().await;
    let session = desk.boot("42").await;
    let before = desk.status().await;
    let taken = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let problem = desk.workspace.messenger().start(Some(taken.local_addr().unwrap().port())).await.unwrap_err();
    assert_eq!(problem.field.as_deref(), Some("port"));
    assert_eq!(desk.status().await.port, before.port);
    assert_eq!(desk.set(&session, &[(TOKEN, "still heard")]).send().await.status, 200);
    drop(taken);
    let free = free_port();
    let moved = desk.workspace.messenger().start(Some(free)).await.unwrap();
    assert_eq!((moved.running, moved.port), (true, free));
    assert!(TcpStream::connect(("127.0.0.1", before.port)).await.is_err(), "nobody listens where it was");
    assert!(TcpStream::connect(("127.0.0.1", free)).await.is_ok());
}
