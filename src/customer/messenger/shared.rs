//! What all calls of a running Messenger share.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::calls::Calls;
use super::files::Files;
use super::origin::Hosts;
use super::rate::Rate;
use super::rules::CurrentRules;
use super::server::{Limits, Means};
use super::session::Sessions;
use crate::clock::Clock;
use crate::store::Database;

pub(super) struct Shared {
    pub(super) database: Arc<Database>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) app_id: String,
    pub(super) hosts: Hosts,
    pub(super) rules: CurrentRules,
    pub(super) sessions: Sessions,
    pub(super) rate: Rate,
    pub(super) calls: Arc<Calls>,
    pub(super) files: Files,
    pub(super) limits: Limits,
    pub(super) stopping: CancellationToken,
}

impl Shared {
    pub(super) fn new(means: Means, port: u16, limits: Limits) -> Arc<Self> {
        Arc::new(Self {
            rules: CurrentRules::new(Arc::clone(&means.database), means.rules),
            database: means.database,
            clock: means.clock,
            app_id: means.app_id,
            hosts: Hosts::of_port(port),
            sessions: Sessions::default(),
            rate: Rate::default(),
            calls: Calls::new(),
            files: Files::new(),
            limits,
            stopping: CancellationToken::new(),
        })
    }
}
