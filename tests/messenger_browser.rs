//! The JavaScript SDK in a real Chromium, from pages of other origins than the Messenger's (M1–M5).
#![expect(clippy::unwrap_used, clippy::panic, reason = "the helpers of a test may end it")]

mod browser;
mod support;

#[path = "browser/contract.rs"]
mod contract;
#[path = "browser/story.rs"]
mod story;
