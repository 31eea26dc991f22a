//! Drives the real window without a desktop: each test gets a screen, a D-Bus session with a keyring, folders and a
//! WebDriver of its own, so that tests neither see the user's desktop nor each other.
//! Nothing waits for a time to pass; every wait names what it waits for and ends after [`WAIT`].

mod caller;
mod evidence;
mod failure;
mod folders;
mod frames;
mod gestures;
mod keyring;
mod process;
mod screen;
mod served;
mod session;
pub mod test_ids;
mod wait;
mod window;

pub use caller::{Caller, Said};
pub use failure::Failure;
pub use folders::Folders;
pub use frames::Frames;
pub use served::{Answer, Served};
pub use session::{Desktop, KeyringState, with_window};
pub use wait::WAIT;
pub use window::Window;
