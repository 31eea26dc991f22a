//! A private D-Bus session with a private gnome-keyring, in which a test runs itself once more.

use std::io::{Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Set for the inner run: what kind of session it is in.
const INSIDE: &str = "LATCHKEY_KEYRING_TEST";
/// The workspace folder for the inner run.
const FOLDER: &str = "LATCHKEY_KEYRING_TEST_FOLDER";
/// Protects nothing: it opens a keyring that lives as long as one test.
const PASSWORD: &str = "open-sesame";
/// Longer than anything here takes, so that only a fault reaches it.
const BOUND: Duration = Duration::from_secs(20);

/// What a session begins with.
#[derive(Clone, Copy)]
pub enum Session {
    /// Neither a bus nor a keyring.
    None,
    /// A bus on which nothing is started on demand.
    Bus,
    /// A keyring that is open.
    Unlocked,
    /// A keyring that is locked.
    Locked,
}

impl Session {
    fn preparation(self) -> Option<&'static str> {
        match self {
            Self::None => None,
            Self::Bus => Some("exec \"$@\""),
            Self::Unlocked => {
                Some("printf %s open-sesame | gnome-keyring-daemon --unlock --components=secrets >/dev/null && exec \"$@\"")
            }
            Self::Locked => Some("gnome-keyring-daemon --start --components=secrets >/dev/null && exec \"$@\""),
        }
    }
}

/// The folder of the inner run's workspace.
pub fn folder() -> PathBuf {
    std::env::var_os(FOLDER).expect("the outer run names the folder").into()
}

/// Whether this is the inner run of that name.
pub fn is_inside(name: &str) -> bool {
    std::env::var(INSIDE).is_ok_and(|inside| inside == name)
}

/// A home of its own, for a keyring and a runtime folder that nobody else uses.
pub fn home() -> tempfile::TempDir {
    let home = tempfile::tempdir().unwrap();
    for folder in ["share", "runtime"] {
        let folder = home.path().join(folder);
        std::fs::create_dir(&folder).unwrap();
        std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o700)).unwrap();
    }
    home
}

/// Runs one test of this program again, under a name, in such a session.
pub fn run_inside(home: &Path, name: &str, session: Session, test: &str) {
    let program = std::env::current_exe().unwrap();
    let again = [program.as_os_str(), "--exact".as_ref(), test.as_ref(), "--nocapture".as_ref()];
    // The time limit ends a daemon that never answers; it does not wait for anything.
    let mut command = Command::new("timeout");
    command.arg("60");
    if let Some(preparation) = session.preparation() {
        for tool in ["dbus-run-session", "dbus-send", "gnome-keyring-daemon"] {
            let found = Command::new(tool).arg("--version").output();
            assert!(found.is_ok(), "{tool} is missing: install the packages dbus and gnome-keyring");
        }
        command.arg("dbus-run-session");
        if matches!(session, Session::Bus) {
            let configuration = home.join("bus.conf");
            std::fs::write(&configuration, bus_configuration(home)).unwrap();
            command.arg(format!("--config-file={}", configuration.display()));
        }
        command.args(["--", "bash", "-c", preparation, "_"]);
    }
    let output = command
        .args(again)
        .env_remove("DISPLAY")
        .env_remove("WAYLAND_DISPLAY")
        .env_remove("LATCHKEY_PASSPHRASE")
        // Without a session this leads nowhere; with one, dbus-run-session puts its own address here.
        .env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus")
        .env("HOME", home)
        .env("XDG_DATA_HOME", home.join("share"))
        .env("XDG_RUNTIME_DIR", home.join("runtime"))
        .env(INSIDE, name)
        .env(FOLDER, home.join("workspace"))
        .output()
        .unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{name}:\n{said}");
    assert!(said.contains("1 passed"), "the inner run must run the test:\n{said}");
}

/// No service folders: nothing is started on demand, so that "no keyring" stays none.
fn bus_configuration(home: &Path) -> String {
    format!(
        "<!DOCTYPE busconfig PUBLIC \"-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN\" \
         \"http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd\">\n\
         <busconfig><type>session</type><listen>unix:path={}</listen><auth>EXTERNAL</auth>\
         <policy context=\"default\"><allow send_destination=\"*\" eavesdrop=\"true\"/>\
         <allow eavesdrop=\"true\"/><allow own=\"*\"/></policy></busconfig>\n",
        home.join("bus.socket").display()
    )
}

/// A keyring of the test's own, open; it ends with the value.
pub struct Keyring(Child);

impl Keyring {
    /// Starts it in the session of this run; it answers when this returns.
    pub fn start() -> Self {
        let mut child = Command::new("gnome-keyring-daemon")
            .args(["--foreground", "--unlock", "--components=secrets"])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(PASSWORD.as_bytes()).unwrap();
        let started = Self(child);
        until("the keyring answers", has_keyring);
        started
    }

    /// Ends it, as a crash does.
    pub fn kill(mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
        until("the keyring is gone", || !has_keyring());
    }
}

impl Drop for Keyring {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn has_keyring() -> bool {
    dbus("org.freedesktop.DBus", "/", &["org.freedesktop.DBus.NameHasOwner", "string:org.freedesktop.secrets"]).contains("true")
}

/// Locks the keyring, as a desktop does when its user asks for it.
pub fn lock() {
    let locking = ["org.freedesktop.Secret.Service.Lock", "array:objpath:/org/freedesktop/secrets/collection/login"];
    dbus("org.freedesktop.secrets", "/org/freedesktop/secrets", &locking);
    until("the keyring is locked", is_locked);
}

/// Unlocks it with its password, as a login does: over the control socket of gnome-keyring.
pub fn unlock() {
    const UNLOCK: u32 = 1;
    let length = u32::try_from(PASSWORD.len()).unwrap();
    // A byte that carries who asks; then the packet: its length, what to do, the password.
    let mut packet = vec![0];
    for number in [12 + length, UNLOCK, length] {
        packet.extend(number.to_be_bytes());
    }
    packet.extend(PASSWORD.as_bytes());
    let runtime = PathBuf::from(std::env::var_os("XDG_RUNTIME_DIR").unwrap());
    let mut control = UnixStream::connect(runtime.join("keyring/control")).unwrap();
    control.write_all(&packet).unwrap();
    let mut answer = [0; 8];
    control.read_exact(&mut answer).unwrap();
    assert_eq!(answer[4..], [0; 4], "the keyring takes its password");
    until("the keyring is unlocked", || !is_locked());
}

fn is_locked() -> bool {
    let asking = ["org.freedesktop.DBus.Properties.Get", "string:org.freedesktop.Secret.Collection", "string:Locked"];
    dbus("org.freedesktop.secrets", "/org/freedesktop/secrets/collection/login", &asking).contains("boolean true")
}

fn dbus(to: &str, object: &str, message: &[&str]) -> String {
    let answer = Command::new("dbus-send")
        .args(["--session", "--print-reply=literal", "--reply-timeout=5000", &format!("--dest={to}"), object])
        .args(message)
        .output()
        .unwrap();
    String::from_utf8_lossy(&answer.stdout).into_owned()
}

fn until(what: &str, mut happened: impl FnMut() -> bool) {
    let began = Instant::now();
    while !happened() {
        assert!(began.elapsed() < BOUND, "waited in vain until {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}
