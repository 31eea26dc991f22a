//! The files of the JavaScript SDK, which any page may load: there is nothing secret in them.

use std::borrow::Cow;

use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use sha2::{Digest, Sha256};

use super::sdk;

struct File {
    path: &'static str,
    content_type: &'static str,
    content: Cow<'static, str>,
    etag: String,
}

pub(super) struct Files([File; 3]);

impl Files {
    pub(super) fn new() -> Self {
        const SCRIPT: &str = "text/javascript; charset=utf-8";
        Self([
            file("/messenger.js", SCRIPT, sdk::SCRIPT.into()),
            file("/messenger.mjs", SCRIPT, sdk::module_source().into()),
            file("/messenger.d.ts", "text/plain; charset=utf-8", sdk::TYPES.into()),
        ])
    }

    pub(super) fn knows(&self, path: &str) -> bool {
        self.0.iter().any(|file| file.path == path)
    }

    /// The file at this path, or that the caller has it already.
    pub(super) fn serve(&self, request: &Request) -> Option<Response> {
        let file = self.0.iter().find(|file| file.path == request.uri().path())?;
        let mut headers = HeaderMap::new();
        for (name, value) in [
            (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
            (header::CACHE_CONTROL, "no-cache"),
            (header::CONTENT_TYPE, file.content_type),
            (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
            (HeaderName::from_static("cross-origin-resource-policy"), "cross-origin"),
        ] {
            headers.insert(name, HeaderValue::from_static(value));
        }
        headers.insert(header::ETAG, HeaderValue::from_str(&file.etag).ok()?);
        let known = request.headers().get_all(header::IF_NONE_MATCH).iter().filter_map(|known| known.to_str().ok());
        let is_known = known.flat_map(|known| known.split(',')).any(|known| {
            let known = known.trim();
            known == "*" || known.trim_start_matches("W/") == file.etag
        });
        if is_known {
            return Some((StatusCode::NOT_MODIFIED, headers).into_response());
        }
        Some((headers, file.content.clone().into_owned()).into_response())
    }
}

fn file(path: &'static str, content_type: &'static str, content: Cow<'static, str>) -> File {
    let digest = Sha256::digest(content.as_bytes());
    let digits = digest.iter().take(8).fold(String::new(), |digits, byte| format!("{digits}{byte:02x}"));
    File { path, content_type, content, etag: format!("\"{digits}\"") }
}
