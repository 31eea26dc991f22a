//! The JavaScript SDK as the Messenger serves it: one source, as a classic script and as an ES module.

/// `GET /messenger.js`: the classic script, with its queue.
pub const SCRIPT: &str = include_str!("sdk/messenger.js");

/// `GET /messenger.d.ts`: the types of both.
pub const TYPES: &str = include_str!("sdk/messenger.d.ts");

/// What makes a module of the script; the script installs nothing when a module loads it.
const EXPORTS: &str = "
const messenger = latchkeyMessenger(import.meta.url);
export const { boot, update, setAuthTokens, shutdown, MessengerError } = messenger;
export default messenger.Intercom;
";

/// `GET /messenger.mjs`: the same source as an ES module.
pub fn module_source() -> String {
    [SCRIPT, EXPORTS].concat()
}
