//! How many logins of this process are under way, so that a program which ends can wait for their answers.

use std::sync::Arc;

use tokio::sync::watch;

/// The number of logins that were asked and whose outcome is not committed yet. Clones count together.
#[derive(Clone)]
pub struct UnderWay {
    number: Arc<watch::Sender<usize>>,
}

/// Counts as one login while it lives.
pub struct Login {
    number: Arc<watch::Sender<usize>>,
}

impl UnderWay {
    /// None is under way.
    pub fn none() -> Self {
        Self { number: Arc::new(watch::Sender::new(0)) }
    }

    /// One more begins.
    pub fn enter(&self) -> Login {
        self.number.send_modify(|number| *number += 1);
        Login { number: Arc::clone(&self.number) }
    }

    /// Whether there is any.
    pub fn any(&self) -> bool {
        *self.number.borrow() > 0
    }

    /// Waits until there is none.
    pub async fn ended(&self) {
        // It fails only when nobody counts any more, and this one does.
        let _ = self.number.subscribe().wait_for(|number| *number == 0).await;
    }
}

impl Drop for Login {
    fn drop(&mut self) {
        self.number.send_modify(|number| *number = number.saturating_sub(1));
    }
}
