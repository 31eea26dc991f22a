//! A D-Bus session of the test's own, with a keyring on it that is unlocked, or with none.

use std::io::Write;
use std::process::{Command, Stdio};

use crate::failure::Failure;
use crate::folders::Folders;
use crate::process::Process;
use crate::session::KeyringState;
use crate::wait::{self, Look, WAIT};

const SECRET_SERVICE: &str = "org.freedesktop.secrets";
/// Protects nothing: it opens a keyring that lives as long as one test.
const KEYRING_PASSWORD: &[u8] = b"keyring of a test";

/// A private D-Bus session and, if asked for, its keyring.
pub(crate) struct SessionBus {
    address: String,
    // Declared before the bus, so that it ends first.
    _keyring: Option<Process>,
    _bus: Process,
}

impl SessionBus {
    /// Starts the bus, and the keyring when there is to be one; it answers when this returns.
    pub(crate) async fn start(folders: &Folders, state: KeyringState) -> Result<Self, Failure> {
        let configuration = folders.log("bus").with_extension("conf");
        // No service folders: on this bus nothing is started on demand, so that "no keyring" stays none.
        std::fs::write(&configuration, bus_configuration(folders))?;
        let option = format!("--config-file={}", configuration.display());
        let arguments = [option.as_ref(), "--print-address=1".as_ref(), "--nofork".as_ref(), "--nopidfile".as_ref()];
        let environment = folders.environment();
        let log = folders.log("bus");
        let mut bus = Process::start("dbus-daemon", &arguments, &environment, &log, Stdio::null(), Stdio::piped())?;
        let address = bus.first_line(WAIT)?;
        let keyring = match state {
            KeyringState::Unlocked => Some(start_keyring(folders, &address).await?),
            KeyringState::Missing => None,
        };
        Ok(Self { address, _keyring: keyring, _bus: bus })
    }

    /// What `DBUS_SESSION_BUS_ADDRESS` must say.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }
}

fn bus_configuration(folders: &Folders) -> String {
    format!(
        "<!DOCTYPE busconfig PUBLIC \"-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN\" \
         \"http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd\">\n\
         <busconfig>\n  <type>session</type>\n  <listen>unix:path={}</listen>\n  <auth>EXTERNAL</auth>\n  \
         <policy context=\"default\">\n    <allow send_destination=\"*\" eavesdrop=\"true\"/>\n    \
         <allow eavesdrop=\"true\"/>\n    <allow own=\"*\"/>\n  </policy>\n</busconfig>\n",
        folders.log("bus").with_extension("socket").display()
    )
}

async fn start_keyring(folders: &Folders, address: &str) -> Result<Process, Failure> {
    let mut environment = folders.environment();
    environment.push(("DBUS_SESSION_BUS_ADDRESS".to_owned(), address.to_owned()));
    let arguments = ["--foreground", "--unlock", "--components=secrets"].map(AsRef::as_ref);
    let log = folders.log("keyring");
    let mut keyring = Process::start("gnome-keyring-daemon", &arguments, &environment, &log, Stdio::piped(), Stdio::null())?;
    if let Some(mut stdin) = keyring.take_stdin() {
        stdin.write_all(KEYRING_PASSWORD)?;
    }
    wait::until("the keyring on the test's D-Bus session", async || {
        if !keyring.is_running()? {
            let reason = std::fs::read_to_string(&log)?;
            return Err(Failure::Start { program: "gnome-keyring-daemon".to_owned(), reason });
        }
        Ok(if has_owner(address)? { Look::Found(()) } else { Look::NotYet(String::new()) })
    })
    .await?;
    Ok(keyring)
}

fn has_owner(address: &str) -> Result<bool, Failure> {
    let answer = Command::new("dbus-send")
        .args(["--session", "--print-reply=literal", "--reply-timeout=2000", "--dest=org.freedesktop.DBus", "/"])
        .args(["org.freedesktop.DBus.NameHasOwner", &format!("string:{SECRET_SERVICE}")])
        .env("DBUS_SESSION_BUS_ADDRESS", address)
        .output()?;
    Ok(String::from_utf8_lossy(&answer.stdout).contains("true"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn default_collection_is_locked(bus: &SessionBus) -> String {
        let answer = Command::new("dbus-send")
            .args(["--session", "--print-reply=literal", "--reply-timeout=5000", "--dest=org.freedesktop.secrets"])
            .args(["/org/freedesktop/secrets/aliases/default", "org.freedesktop.DBus.Properties.Get"])
            .args(["string:org.freedesktop.Secret.Collection", "string:Locked"])
            .env("DBUS_SESSION_BUS_ADDRESS", bus.address())
            .output()
            .unwrap();
        String::from_utf8_lossy(&answer.stdout).trim().to_owned()
    }

    #[tokio::test]
    async fn s1_the_keyring_of_a_test_is_open() {
        let folders = Folders::new().unwrap();
        let bus = SessionBus::start(&folders, KeyringState::Unlocked).await.unwrap();
        let locked = default_collection_is_locked(&bus);
        assert!(locked.ends_with("boolean false"), "the default collection must be there and open, not {locked:?}");
    }

    #[tokio::test]
    async fn s1_without_a_keyring_nothing_answers_and_nothing_is_started_for_it() {
        let folders = Folders::new().unwrap();
        let bus = SessionBus::start(&folders, KeyringState::Missing).await.unwrap();
        assert_eq!(default_collection_is_locked(&bus), "", "asking for it must not start a keyring");
        assert!(!has_owner(bus.address()).unwrap());
    }
}
