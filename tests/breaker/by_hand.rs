//! Reset and Isolate (C5), what keeps a breaker and what ends it (C1), and who is told.

use latchkey::execution::SourceType;
use latchkey::workspace::{BreakerState, ProblemCode, Workspace, WorkspaceEvent};
use tokio::sync::broadcast::Receiver;

use crate::scene::Scene;
use crate::support::bench::open_at;
use crate::support::{Answer, Gate, within};

#[tokio::test]
async fn c5_isolate_holds_from_any_state_until_reset() {
    for (state, opened, passed) in [("closed", false, 0), ("open", true, 0), ("half-open", true, 60)] {
        let scene = Scene::new().await;
        if opened {
            scene.open().await;
        }
        scene.passes(passed);
        let view = scene.workspace.isolate_breaker(&scene.id).await.unwrap();
        assert_eq!(
            (view.state, view.next_probe_at, view.changed_at),
            (BreakerState::Isolated, None, Some(scene.in_seconds(0))),
            "{state}"
        );
        scene.passes(1_000_000);
        let refused = scene.is_refused().await;
        assert_eq!(
            (refused.next_probe_at, refused.sentence.as_str()),
            (None, "The circuit breaker was opened by hand. Nothing was sent.")
        );
        assert!(refused.next_step.contains("Reset breaker"), "{}", refused.next_step);
        scene.mends();
        let view = scene.workspace.reset_breaker(&scene.id).await.unwrap();
        assert_eq!((view.state, view.failures), (BreakerState::Closed, 0));
        assert!(scene.runs().await.success);
    }
}

#[tokio::test]
async fn c5_reset_closes_at_once_and_forgets_what_was_counted() {
    let scene = Scene::opened().await;
    let view = scene.workspace.reset_breaker(&scene.id).await.unwrap();
    assert_eq!((view.state, view.failures, view.opened_by.len()), (BreakerState::Closed, 0, 0));
    for _ in 0..4 {
        scene.fails().await;
    }
    assert_eq!(scene.stands().await, (BreakerState::Closed, 4, false));
    scene.workspace.reset_breaker(&scene.id).await.unwrap();
    for _ in 0..4 {
        scene.fails().await;
    }
    assert_eq!(scene.stands().await, (BreakerState::Closed, 4, false));
}

#[tokio::test]
async fn c5_a_probe_that_ends_after_reset_or_isolate_changes_nothing() {
    for isolate in [false, true] {
        let scene = Scene::opened().await;
        scene.passes(60);
        let gate = Gate::closed();
        let held = gate.clone();
        scene.api_answers(move |_, _| Answer::status(503).held(&held));
        let arrived = scene.server.count("/orders");
        let probe = scene.start(&scene.id).await;
        scene.server.arrived("/orders", arrived + 1).await;
        let before = if isolate {
            scene.workspace.isolate_breaker(&scene.id).await.unwrap()
        } else {
            scene.workspace.reset_breaker(&scene.id).await.unwrap()
        };
        gate.open();
        within("the probe", probe.outcome()).await.unwrap();
        assert_eq!(scene.view().await, before);
    }
}

#[tokio::test]
async fn c1_saving_and_going_live_does_not_reset_and_every_source_is_refused() {
    let scene = Scene::opened().await;
    let before = scene.view().await;
    scene.saves(|draft| draft.description = "Edited".to_owned()).await;
    scene.workspace.connectors().set_live(&scene.id).await.unwrap();
    assert_eq!(scene.view().await, before);
    let arrived = scene.server.all().len();
    for source in [SourceType::Test, SourceType::Workflow, SourceType::Inbox] {
        crate::scene::assert_refused(&scene.run_from(&scene.id, source).await);
    }
    assert_eq!(scene.server.all().len(), arrived);
    scene.workspace.connectors().set_draft(&scene.id).await.unwrap();
    assert_eq!(scene.view().await, before);
}

#[tokio::test]
async fn c1_a_breaker_outlives_its_workspace_and_goes_with_its_connector() {
    let scene = Scene::opened().await;
    let (id, before) = (scene.id.clone(), scene.view().await);
    let Scene { bench, clock, .. } = scene;
    let folder = bench.close().await;
    let workspace = open_at(folder.path(), clock).await;
    assert_eq!(workspace.breaker(&id).await.unwrap(), before);
    workspace.connectors().delete(&id).await.unwrap();
    for gone in [workspace.breaker(&id).await, workspace.reset_breaker(&id).await, workspace.isolate_breaker(&id).await] {
        assert_eq!(gone.unwrap_err().code, ProblemCode::NotFound);
    }
}

/// Waits until this connector's breaker is said to have changed.
async fn is_told(events: &mut Receiver<WorkspaceEvent>, id: &str) {
    within("a breaker's event", async {
        loop {
            match events.recv().await.unwrap() {
                WorkspaceEvent::BreakerChanged { connector_id } if connector_id == id => return,
                _ => {}
            }
        }
    })
    .await;
}

#[tokio::test]
async fn c5_whoever_watches_is_told_of_each_count_and_change_in_any_process() {
    let scene = Scene::new().await;
    let other: Workspace = scene.second().await;
    let (mut here, mut there) = (scene.workspace.events(), other.events());
    scene.breaks();
    scene.fails().await;
    is_told(&mut here, &scene.id).await;
    is_told(&mut there, &scene.id).await;
    other.isolate_breaker(&scene.id).await.unwrap();
    is_told(&mut there, &scene.id).await;
    is_told(&mut here, &scene.id).await;
    assert_eq!(scene.stands().await.0, BreakerState::Isolated);
}
