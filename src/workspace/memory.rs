//! What is only kept in memory: tested responses and opened trees, bounded in number and in bytes (T8).

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use crate::response::{Document, Masking, TreeView};
use crate::token::AuthenticationRequest;

/// The most responses that are kept; the oldest goes first.
const MOST_RESPONSES: usize = 12;
/// The most bytes of bodies that are kept, the newest response aside.
const MOST_BYTES: u64 = 512 * 1024 * 1024;

/// A response that is kept: its tree, and the test that it proves, if it came from one.
pub struct Kept {
    /// Names it.
    pub response_id: String,
    /// The body.
    pub document: Arc<Document>,
    views: Views,
    /// The test that brought it.
    pub test: Option<Tested>,
}

/// What of a response is open: of its body, and of its headers and its lines once they are looked at.
struct Views {
    body: Mutex<TreeView>,
    headers: OnceLock<Mutex<TreeView>>,
    text: OnceLock<Mutex<TreeView>>,
    masking: Arc<Masking>,
}

/// One of the ways that a response is shown, as its id names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// The body, as what it is: the response's own id.
    Body,
    /// `ID/headers`.
    Headers,
    /// `ID/text`.
    Text,
}

impl Shown {
    /// The response's own id, and which of its views an id names.
    fn read(id: &str) -> Option<(&str, Self)> {
        match id.split_once('/') {
            None => Some((id, Self::Body)),
            Some((id, "headers")) => Some((id, Self::Headers)),
            Some((id, "text")) => Some((id, Self::Text)),
            Some(_) => None,
        }
    }
}

impl Kept {
    /// One of its views. Made when it is first asked for, which for the lines of a large body is work for a thread of its own.
    pub fn view(&self, shown: Shown) -> &Mutex<TreeView> {
        let (document, masking) = (Arc::clone(&self.document), Arc::clone(&self.views.masking));
        match shown {
            Shown::Body => &self.views.body,
            Shown::Text => self.views.text.get_or_init(|| Mutex::new(TreeView::lines(document, masking))),
            Shown::Headers => self.views.headers.get_or_init(|| {
                let headers = self.test.as_ref().map(|tested| tested.headers.as_slice()).unwrap_or_default();
                Mutex::new(TreeView::headers(headers, masking))
            }),
        }
    }

    /// Which of its values are masked.
    pub fn masking(&self) -> &Masking {
        &self.views.masking
    }

    /// The id of its headers and cookies.
    pub fn headers_id(&self) -> String {
        format!("{}/headers", self.response_id)
    }

    /// The id of its body's lines, when the body is shown as another tree.
    pub fn text_id(&self) -> Option<String> {
        self.document.has_text_view().then(|| format!("{}/text", self.response_id))
    }
}

/// A test of an authentication request (T3).
pub struct Tested {
    /// Exactly what was sent.
    pub request: AuthenticationRequest,
    /// The response's headers.
    pub headers: Vec<(String, String)>,
    /// Its status.
    pub http_status: u16,
    /// When, in milliseconds since 1970.
    pub at_ms: i64,
}

/// The kept responses of a workspace.
#[derive(Default)]
pub struct Memory {
    kept: Mutex<VecDeque<Arc<Kept>>>,
}

impl Memory {
    /// Keeps a response and lets the oldest go.
    pub fn keep(&self, document: Arc<Document>, view: TreeView, test: Option<Tested>) -> Arc<Kept> {
        let response_id = uuid::Uuid::now_v7().to_string();
        let masking = view.masking();
        let views = Views { body: Mutex::new(view), headers: OnceLock::new(), text: OnceLock::new(), masking };
        let kept = Arc::new(Kept { response_id, document, views, test });
        let mut all = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        all.push_front(Arc::clone(&kept));
        let mut bytes = 0;
        let mut number = 0;
        all.retain(|response| {
            number += 1;
            bytes += u64::from(response.document.summary().bytes);
            number == 1 || (number <= MOST_RESPONSES && bytes <= MOST_BYTES)
        });
        kept
    }

    /// The newest test of the same request that was made before this one, if it is still kept.
    pub fn test_before(&self, kept: &Kept) -> Option<Arc<Kept>> {
        let test = kept.test.as_ref()?;
        let all = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let earlier = all.iter().filter(|other| {
            let same = other.test.as_ref().is_some_and(|tested| tested.request.sends_the_same_as(&test.request));
            same && other.response_id < kept.response_id
        });
        // Ids are ordered by time.
        earlier.max_by(|one, other| one.response_id.cmp(&other.response_id)).map(Arc::clone)
    }

    /// Forgets all of them.
    pub fn forget(&self) {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// The response and the view that an id names, if they are still kept. The response becomes the newest.
    pub fn find_view(&self, id: &str) -> Option<(Arc<Kept>, Shown)> {
        let (response_id, shown) = Shown::read(id)?;
        let kept = self.find(response_id)?;
        // Headers are kept of tests only.
        (shown != Shown::Headers || kept.test.is_some()).then_some((kept, shown))
    }

    /// The response of this id, if it is still kept. It becomes the newest.
    pub fn find(&self, response_id: &str) -> Option<Arc<Kept>> {
        let mut all = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let position = all.iter().position(|kept| kept.response_id == response_id)?;
        let kept = all.remove(position)?;
        all.push_front(Arc::clone(&kept));
        Some(kept)
    }
}
