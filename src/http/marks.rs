//! When a connection was being made, as the request that waits for it sees it: the name looked up, connected, TLS agreed on.
//!
//! The client library tells none of this. But it makes a connection within the task of the request that needs one, so marks
//! that are left on the way, by the resolver, around the connector and where TLS looks for an earlier session, land in that
//! request's own task. A request that is served by an open connection leaves none; nor does one that was served by another
//! request's connection before its own was ready.

use std::cell::Cell;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::time::Instant;
use tower_layer::Layer;
use tower_service::Service;

tokio::task_local! {
    static MARKS: Cell<Marks>;
}

/// The moments on the way to a connection.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Marks {
    began: Option<Instant>,
    asked_for_address: Option<Instant>,
    got_address: Option<Instant>,
    tls_began: Option<Instant>,
    connected: Option<Instant>,
}

/// How long each part of making a connection took; all `None` when an open one was used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Connecting {
    pub dns: Option<Duration>,
    pub connect: Option<Duration>,
    pub tls: Option<Duration>,
}

/// Does what is to be done, and gives the marks that it left.
pub(super) async fn marking<F: Future>(doing: F) -> (F::Output, Marks) {
    let whole = async {
        let done = doing.await;
        (done, MARKS.with(Cell::get))
    };
    MARKS.scope(Cell::new(Marks::default()), whole).await
}

/// Changes the marks of the request in whose task this is; without one there is nobody to tell.
fn mark(change: impl FnOnce(&mut Marks)) {
    let _ = MARKS.try_with(|kept| {
        let mut marks = kept.get();
        change(&mut marks);
        kept.set(marks);
    });
}

/// Where a TLS handshake begins. Behind a proxy there may be two: the last one is the API's.
pub(super) fn tls_begins() {
    mark(|marks| marks.tls_began = Some(Instant::now()));
}

impl Marks {
    /// The parts, one after the other. A proxy's tunnel counts to the connection.
    pub(super) fn connecting(&self) -> Connecting {
        let (Some(began), Some(connected)) = (self.began, self.connected) else { return Connecting::default() };
        let dns = self.asked_for_address.zip(self.got_address);
        let looked_up = dns.map_or(began, |(_, got)| got);
        let tls = self.tls_began.filter(|began| *began >= looked_up);
        Connecting {
            dns: dns.map(|(asked, got)| got - asked),
            connect: Some(tls.unwrap_or(connected) - looked_up),
            tls: tls.map(|began| connected - began),
        }
    }
}

impl Connecting {
    /// All of it.
    pub(super) fn sum(&self) -> Duration {
        [self.dns, self.connect, self.tls].into_iter().flatten().sum()
    }
}

/// Looks addresses up as the client library does by itself, and marks when.
#[derive(Debug)]
pub(super) struct MarkingResolver;

impl reqwest::dns::Resolve for MarkingResolver {
    fn resolve(&self, name: reqwest::dns::Name) -> reqwest::dns::Resolving {
        Box::pin(async move {
            mark(|marks| marks.asked_for_address = Some(Instant::now()));
            // The connector puts the URL's port in.
            let found = tokio::net::lookup_host((name.as_str(), 0)).await;
            mark(|marks| marks.got_address = Some(Instant::now()));
            let addresses: Vec<_> = found?.collect();
            Ok(Box::new(addresses.into_iter()) as reqwest::dns::Addrs)
        })
    }
}

/// Marks when a connection is begun and when it is ready.
#[derive(Debug, Clone, Copy)]
pub(super) struct MarkingLayer;

/// A connector between two marks.
#[derive(Debug, Clone)]
pub(super) struct MarkingConnector<S>(S);

impl<S> Layer<S> for MarkingLayer {
    type Service = MarkingConnector<S>;

    fn layer(&self, connector: S) -> Self::Service {
        MarkingConnector(connector)
    }
}

impl<S, T> Service<T> for MarkingConnector<S>
where
    S: Service<T>,
    S::Future: Send + 'static,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.0.poll_ready(context)
    }

    fn call(&mut self, target: T) -> Self::Future {
        // A connection that is begun anew forgets the one before.
        mark(|marks| *marks = Marks { began: Some(Instant::now()), ..Marks::default() });
        let connecting = self.0.call(target);
        Box::pin(async move {
            let connected = connecting.await?;
            mark(|marks| marks.connected = Some(Instant::now()));
            Ok(connected)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn parts_follow_each_other_whatever_is_missing() {
        let start = Instant::now();
        let at = |milliseconds| Some(start + Duration::from_millis(milliseconds));
        let whole = Marks { began: at(0), asked_for_address: at(1), got_address: at(5), tls_began: at(12), connected: at(30) };
        let ms = |number| Some(Duration::from_millis(number));
        assert_eq!(whole.connecting(), Connecting { dns: ms(4), connect: ms(7), tls: ms(18) });
        let plain = Marks { tls_began: None, ..whole };
        assert_eq!(plain.connecting(), Connecting { dns: ms(4), connect: ms(25), tls: None });
        let literal = Marks { asked_for_address: None, got_address: None, ..whole };
        assert_eq!(literal.connecting(), Connecting { dns: None, connect: ms(12), tls: ms(18) });
        let not_mine = Marks { connected: None, ..whole };
        assert_eq!(not_mine.connecting(), Connecting::default(), "the request was served by another connection");
    }

    #[tokio::test]
    async fn marks_belong_to_one_request_and_are_nobodys_outside_of_it() {
        tls_begins();
        let (first, second) = tokio::join!(marking(async { tls_begins() }), marking(async {}));
        assert!(first.1.tls_began.is_some() && second.1.tls_began.is_none());
    }
}
