//! One flight for all (E6) across real processes: the headless program, more than once on one workspace, over real HTTP,
//! killed, stopped and interrupted.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "the helpers of a test may end it")]

#[path = "cli/desk.rs"]
#[allow(
    dead_code,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "shared with the other tests of the program"
)]
mod desk;
mod support;

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::runtime::Runtime;

use desk::{CONNECTOR, Desk, Ran, TOKEN};
use support::bench::Issuer;
use support::server::Received;
use support::{Answer, Gate, Server, sweep};

/// Executions of each of the two programs, all at the same time.
const CROWD: usize = 200;
/// Programs that run the connector once, all at the same time.
const PROGRAMS: usize = 8;
/// So often the same again.
const ROUNDS: usize = 20;

/// A workspace whose token and connector belong to a server that answers as it is told.
struct Scene {
    desk: Desk,
    server: Server,
    issuer: Arc<Issuer>,
    runtime: Runtime,
}

impl Scene {
    fn new() -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let issuer = Arc::new(Issuer::default());
        let answering = Arc::clone(&issuer);
        let server = runtime.block_on(Server::start(move |received| answering.answer(received)));
        let scene = Self { desk: Desk::new(), server, issuer, runtime };
        scene.desk.add_token(&scene.token("/login")).succeeded();
        let connector =
            json!({ "name": CONNECTOR, "http_method": "get", "url": scene.server.at("/orders"), "tokens": [TOKEN] });
        scene.desk.add_connector(&connector).succeeded();
        scene
    }

    fn token(&self, path: &str) -> Value {
        let mut token = self.desk.token();
        token["request"]["url"] = json!(self.server.at(path));
        token["location"]["at"] = json!("/data/access_token");
        token
    }

    fn answers(&self, answer: impl Fn(&Received, &Issuer) -> Answer + Send + Sync + 'static) {
        let issuer = Arc::clone(&self.issuer);
        self.server.answers(move |received| answer(received, &issuer));
    }

    fn start(&self, arguments: &[&str]) -> Running {
        let mut program = self.desk.program(arguments);
        Running(Some(program.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()))
    }

    fn arrived(&self, path: &str, number: usize) {
        self.runtime.block_on(self.server.arrived(path, number));
    }

    fn breaker(&self, action: &[&str]) -> Value {
        self.desk.run(["connector", "breaker", CONNECTOR, "--json"].iter().chain(action)).succeeded().json()
    }

    /// With these numbers for its breaker.
    fn connects(&self, failures: u32, open_seconds: u32) {
        let connector = json!({
            "name": CONNECTOR, "http_method": "get", "url": self.server.at("/orders"), "tokens": [TOKEN],
            "reliability": { "failures": failures, "open_seconds": open_seconds },
        });
        let file = self.desk.file("connector.json", &connector);
        self.desk.run(["connector", "add", file.to_str().unwrap(), "--replace", "--json"]).succeeded();
    }

    fn logins(&self) -> usize {
        self.server.count("/login")
    }

    /// Two programs with a crowd each, all of whose first requests are under way before the first 401 is given.
    fn crowds(&self, login: impl Fn(&Issuer) -> Answer + Send + Sync + 'static) -> [Ran; 2] {
        self.issuer.expire();
        let (all_there, refused) = (Gate::closed(), AtomicUsize::new(0));
        self.answers(move |received, issuer| match received.path.as_str() {
            "/login" => login(issuer),
            _ if issuer.accepts(received) => issuer.api(received),
            _ => {
                if refused.fetch_add(1, Ordering::SeqCst) + 1 == 2 * CROWD {
                    all_there.open();
                }
                Answer::status(401).held(&all_there)
            }
        });
        let crowd = CROWD.to_string();
        let arguments = ["run", CONNECTOR, "--repeat", &crowd, "--concurrency", &crowd, "--json"];
        [self.start(&arguments), self.start(&arguments)].map(Running::ended)
    }
}

/// A program; one that a failed test leaves behind is ended.
struct Running(Option<Child>);

impl Running {
    fn child(&mut self) -> &mut Child {
        self.0.as_mut().unwrap()
    }

    fn signal(&mut self, name: &str) {
        let sent = Command::new("kill").args([&format!("-{name}"), &self.child().id().to_string()]).status().unwrap();
        assert!(sent.success(), "the program should still be there to be signalled");
    }

    /// The next line of standard error.
    fn complaint(&mut self) -> String {
        let mut line = String::new();
        BufReader::new(self.child().stderr.as_mut().unwrap()).read_line(&mut line).unwrap();
        line
    }

    fn has_ended(&mut self) -> bool {
        self.child().try_wait().unwrap().is_some()
    }

    fn ended(mut self) -> Ran {
        self.0.take().unwrap().wait_with_output().unwrap().into()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(child) = &mut self.0 {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

#[test]
fn e6_two_programs_share_one_login_that_revokes_what_came_before() {
    let scene = Scene::new();
    for round in 1..=ROUNDS {
        let (logins, mut sent) = (scene.logins(), 0);
        for ran in scene.crowds(Issuer::logged_in) {
            let summary = ran.succeeded().json();
            assert_eq!((&summary["runs"], &summary["failed"]), (&json!(CROWD), &json!(0)), "round {round}: {summary}");
            sent += summary["refreshes"].as_u64().unwrap();
        }
        assert_eq!((scene.logins() - logins, sent), (1, 1), "round {round}: one login for both programs");
    }
}

#[test]
fn e6_two_programs_share_one_failure_word_for_word() {
    let scene = Scene::new();
    for round in 1..=ROUNDS {
        let (logins, mut sent) = (scene.logins(), 0);
        for ran in scene.crowds(|_| Answer::status(503)) {
            let summary = ran.json();
            assert_eq!(summary["by_error_type"], json!({ "token_refresh_error": CROWD }), "round {round}: {summary}");
            sent += summary["refreshes"].as_u64().unwrap();
        }
        assert_eq!((scene.logins() - logins, sent), (1, 1), "round {round}: a login that is down is asked once");
        // Or the breaker would refuse the next round (C4).
        scene.breaker(&["reset"]);
    }
    let logs = scene.desk.run(["logs", CONNECTOR, "--limit", &(2 * CROWD * ROUNDS).to_string(), "--json"]).succeeded().json();
    let told: std::collections::BTreeSet<_> = logs["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|execution| (execution["error_message"].to_string(), execution["next_step"].to_string()))
        .collect();
    assert_eq!((logs["data"].as_array().unwrap().len(), told.len()), (2 * CROWD * ROUNDS, 1), "{told:?}");
}

#[test]
fn e6_two_programs_that_find_an_expiring_value_share_one_login() {
    let scene = Scene::new();
    let mut token = scene.token("/login");
    // Half of the value's life counts at most.
    token["refresh_before_seconds"] = json!(86_400);
    scene.desk.add_replacing(&token).succeeded();
    scene.answers(|received, issuer| match received.path.as_str() {
        "/login" => Answer::json(200, &json!({"data": {"access_token": issuer.issue()}, "expires_in": 2})),
        _ => issuer.api(received),
    });
    let shown = scene.desk.run(["token", "refresh", TOKEN, "--json"]).succeeded().json();
    let expires_at: jiff::Timestamp = shown["expires_at"].as_str().unwrap().parse().unwrap();
    scene.runtime.block_on(support::until("half of the value's life to pass", || {
        jiff::Timestamp::now().as_millisecond() >= expires_at.as_millisecond() - 1000
    }));
    let (logins, gate) = (scene.logins(), Gate::closed());
    let held = gate.clone();
    scene.answers(move |received, issuer| match received.path.as_str() {
        "/login" => issuer.logged_in().held(&held),
        _ => issuer.api(received),
    });
    let crowd = CROWD.to_string();
    let arguments = ["run", CONNECTOR, "--repeat", &crowd, "--concurrency", &crowd, "--json"];
    let programs = [scene.start(&arguments), scene.start(&arguments)];
    scene.arrived("/login", logins + 1);
    gate.open();
    for program in programs {
        let summary = program.ended().succeeded().json();
        assert_eq!((&summary["runs"], &summary["failed"]), (&json!(CROWD), &json!(0)), "{summary}");
    }
    assert_eq!(scene.logins() - logins, 1, "one login for both programs");
    assert_eq!(scene.server.count("/orders"), 2 * CROWD, "nobody meets a 401");
}

#[test]
fn e6_a_program_that_is_killed_frees_its_flight() {
    let scene = Scene::new();
    scene.issuer.expire();
    let never = Gate::closed();
    let first = AtomicBool::new(true);
    scene.answers(move |received, issuer| match received.path.as_str() {
        "/login" if first.swap(false, Ordering::SeqCst) => Answer::status(500).held(&never),
        "/login" => issuer.logged_in(),
        _ => issuer.api(received),
    });
    let mut killed = scene.start(&["run", CONNECTOR, "--json"]);
    scene.arrived("/login", 2);
    let waiting = scene.start(&["run", CONNECTOR, "--json"]);
    scene.arrived("/orders", 2);
    killed.signal("KILL");
    waiting.ended().succeeded();
    assert_eq!(scene.logins(), 3, "the login that nobody can answer any more is asked again, once");
}

#[test]
fn e6_a_program_that_is_stopped_and_goes_on_shares_its_login() {
    let scene = Scene::new();
    scene.issuer.expire();
    let gate = Gate::closed();
    let held = gate.clone();
    scene.answers(move |received, issuer| match received.path.as_str() {
        "/login" => issuer.logged_in().held(&held),
        _ => issuer.api(received),
    });
    let mut stopped = scene.start(&["run", CONNECTOR, "--json"]);
    scene.arrived("/login", 2);
    stopped.signal("STOP");
    let waiting = scene.start(&["run", CONNECTOR, "--json"]);
    scene.arrived("/orders", 2);
    gate.open();
    stopped.signal("CONT");
    stopped.ended().succeeded();
    waiting.ended().succeeded();
    assert_eq!(scene.logins(), 2);
}

#[test]
fn e6_a_program_that_is_stopped_keeps_nobody_from_a_newer_value() {
    let scene = Scene::new();
    scene.issuer.expire();
    let never = Gate::closed();
    scene.answers(move |received, issuer| match received.path.as_str() {
        "/login" => Answer::status(500).held(&never),
        "/login/v2" => issuer.logged_in(),
        _ => issuer.api(received),
    });
    let mut stopped = scene.start(&["run", CONNECTOR, "--json"]);
    scene.arrived("/login", 2);
    stopped.signal("STOP");
    let waiting = scene.start(&["run", CONNECTOR, "--json"]);
    scene.arrived("/orders", 2);
    let file = scene.desk.file("v2.json", &scene.token("/login/v2"));
    scene.desk.run(["token", "add", file.to_str().unwrap(), "--replace", "--json"]).succeeded();
    waiting.ended().succeeded();
    assert_eq!(scene.logins(), 2, "nobody asked the login that was replaced");
    stopped.signal("KILL");
}

#[test]
fn e6_a_program_that_is_interrupted_waits_for_its_login_and_stores_the_value() {
    let scene = Scene::new();
    for (generation, arguments) in [(2, &["run", CONNECTOR][..]), (3, &["token", "refresh", TOKEN]), (4, REPEATED)] {
        scene.issuer.expire();
        let (gate, logins) = (Gate::closed(), scene.logins());
        let held = gate.clone();
        scene.answers(move |received, issuer| match received.path.as_str() {
            "/login" => issuer.logged_in().held(&held),
            _ => issuer.api(received),
        });
        let mut interrupted = scene.start(arguments);
        scene.arrived("/login", logins + 1);
        interrupted.signal("INT");
        assert!(interrupted.complaint().contains("still under way"), "it says what it waits for");
        gate.open();
        assert_eq!(interrupted.ended().exit, 1, "what was cancelled is no success");
        let token = scene.desk.run(["token", "show", TOKEN, "--json"]).succeeded().json();
        assert_eq!(token["generation"], generation, "the answer of the login is not lost: {token}");
        scene.desk.run(["run", CONNECTOR]).succeeded();
        assert_eq!(scene.logins(), logins + 1, "and the next run uses it");
    }
}

const REPEATED: &[&str] = &["run", CONNECTOR, "--repeat", "20", "--concurrency", "20"];

#[test]
fn e6_a_program_that_is_interrupted_twice_ends_at_once() {
    let scene = Scene::new();
    let never = Gate::closed();
    scene.issuer.expire();
    scene.answers(move |received, issuer| match received.path.as_str() {
        "/login" => Answer::status(500).held(&never),
        _ => issuer.api(received),
    });
    let mut interrupted = scene.start(&["run", CONNECTOR]);
    scene.arrived("/login", 2);
    interrupted.signal("INT");
    assert!(interrupted.complaint().contains("still under way"), "it says what it waits for");
    interrupted.signal("INT");
    // The login is never answered, so only the second signal can end it before the login's own 30 s.
    let began = std::time::Instant::now();
    assert_eq!(interrupted.ended().exit, 1);
    assert!(began.elapsed() < support::BOUND, "a second Ctrl-C must not wait for the login");
}

#[test]
fn c3_programs_share_a_breaker_and_only_one_of_them_probes() {
    let scene = Scene::new();
    scene.connects(3, 3600);
    scene.answers(|_, _| Answer::status(503));
    let failing = [0; 3].map(|_| scene.start(&["run", CONNECTOR, "--json"]));
    for program in failing {
        assert_eq!(program.ended().json()["error_type"], "3rd_party_error");
    }
    let opened = scene.breaker(&[]);
    assert_eq!((&opened["state"], &opened["failures"]), (&json!("open"), &json!(3)), "{opened}");
    assert_eq!(opened["opened_by"].as_array().unwrap().len(), 3, "each program's failure is counted once: {opened}");
    let gate = Gate::closed();
    let held = gate.clone();
    scene.answers(move |received, issuer| match received.path.as_str() {
        "/login" => issuer.logged_in(),
        _ => issuer.api(received).held(&held),
    });
    let arrived = scene.server.count("/orders");
    scene.connects(3, 1);
    scene.runtime.block_on(support::until("the wait to be over", || scene.breaker(&[])["state"] == "half_open"));
    let mut programs = [0; PROGRAMS].map(|_| scene.start(&["run", CONNECTOR, "--json"]));
    let mut ended = 0;
    scene.runtime.block_on(support::within("all programs but the probe", async {
        while ended < PROGRAMS - 1 {
            tokio::time::sleep(Duration::from_millis(5)).await;
            ended = programs.iter_mut().filter_map(|program| program.has_ended().then_some(())).count();
        }
    }));
    assert_eq!(scene.server.count("/orders"), arrived + 1, "one request of all of them");
    gate.open();
    let mut ends: Vec<_> = programs.into_iter().map(|program| program.ended().json()["error_type"].clone()).collect();
    ends.sort_by_key(|end| !end.is_null());
    assert_eq!(ends[0], json!(null), "the probe succeeded: {ends:?}");
    assert!(ends[1..].iter().all(|end| end == "circuit_open"), "{ends:?}");
    assert_eq!(scene.breaker(&[])["state"], "closed");
}

#[test]
fn c3_a_crowd_of_programs_meets_a_login_that_is_down_no_more_than_so_often() {
    let scene = Scene::new();
    scene.connects(5, 3600);
    scene.answers(|received, _| match received.path.as_str() {
        "/login" => Answer::status(503),
        _ => Answer::status(401),
    });
    let logins = scene.logins();
    let crowd = CROWD.to_string();
    let arguments = ["run", CONNECTOR, "--repeat", &crowd, "--concurrency", "1", "--json"];
    let (mut failed, mut refused) = (0, 0);
    for ran in [scene.start(&arguments), scene.start(&arguments)].map(Running::ended) {
        let summary = ran.json();
        failed += summary["by_error_type"]["token_refresh_error"].as_u64().unwrap_or(0);
        refused += summary["by_error_type"]["circuit_open"].as_u64().unwrap_or(0);
    }
    assert_eq!(failed + refused, 2 * CROWD as u64);
    // The other program's run may be under way when the fifth failure is counted.
    assert!((5..=6).contains(&failed), "{failed} runs failed before the breaker opened");
    assert!(scene.logins() - logins <= 6 && scene.server.count("/orders") <= 6, "and nothing was sent after that");
}
