//! One test: its screen, its D-Bus session, its WebDriver and the program that it drives.

use std::any::Any;
use std::env;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::PathBuf;
use std::pin::pin;
use std::process::{Output, Stdio};
use std::task::Poll;
use std::time::Duration;

use serde_json::json;
use thirtyfour::{Capabilities, WebDriver};
use tokio::net::{TcpListener, TcpStream};

use crate::evidence;
use crate::failure::Failure;
use crate::folders::Folders;
use crate::keyring::SessionBus;
use crate::process::Process;
use crate::screen::Screen;
use crate::wait::{self, Look};
use crate::window::{Secrets, Window};

/// The longest that one WebDriver command may take; a screenshot of a hung renderer never comes.
const COMMAND_TIMEOUT: Duration = Duration::from_secs(30);
/// The longest that one test may take, all waits together.
const TEST_TIMEOUT: Duration = Duration::from_mins(5);

/// Whether the session has a keyring.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyringState {
    /// A keyring that is unlocked, as after a login at a desktop.
    Unlocked,
    /// No keyring at all, as on a bare machine.
    Missing,
}

/// The desktop of one test, with the program's window on it. Everything ends when it is dropped, in this order.
pub struct Desktop {
    driver: Process,
    window: Window,
    bus: SessionBus,
    screen: Screen,
    folders: Folders,
    secrets: Secrets,
}

impl Desktop {
    async fn start(state: KeyringState) -> Result<Self, Failure> {
        let folders = Folders::new()?;
        let screen = Screen::start(&folders)?;
        let bus = SessionBus::start(&folders, state).await?;
        let secrets = Secrets::default();
        let (driver, window) = open(&folders, &screen, &bus, &secrets).await?;
        Ok(Self { driver, window, bus, screen, folders, secrets })
    }

    /// The window.
    pub fn window(&self) -> &Window {
        &self.window
    }

    /// The folders of this test.
    pub fn folders(&self) -> &Folders {
        &self.folders
    }

    /// Closes the program and starts it again on the same workspace, screen and keyring.
    pub async fn restart(&mut self) -> Result<(), Failure> {
        self.restart_after(|_| Ok(())).await
    }

    /// The same, with something done to the folders while no program runs.
    pub async fn restart_after(&mut self, meanwhile: impl FnOnce(&Folders) -> Result<(), Failure>) -> Result<(), Failure> {
        self.quit().await?;
        meanwhile(&self.folders)?;
        (self.driver, self.window) = open(&self.folders, &self.screen, &self.bus, &self.secrets).await?;
        Ok(())
    }

    /// Starts the program a second time on the same workspace and waits until that second one has ended.
    pub async fn start_a_second_one(&self) -> Result<(), Failure> {
        let program = program()?.display().to_string();
        let environment = environment(&self.folders, &self.screen, &self.bus);
        let mut second =
            Process::start(&program, &[], &environment, &self.folders.log("second"), Stdio::null(), Stdio::null())?;
        wait::until("the second program to end", async || {
            Ok(if second.is_running()? { Look::NotYet("still running".to_owned()) } else { Look::Found(()) })
        })
        .await
    }

    /// Runs the headless program on the same workspace, in the same session; what it printed. It must succeed.
    pub fn run_headless(&self, arguments: &[&str]) -> Result<String, Failure> {
        let output = self.headless(arguments)?;
        let said = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        if output.status.success() {
            return Ok(said(&output.stdout));
        }
        let reason = format!("{}: {}{}", output.status, said(&output.stdout), said(&output.stderr));
        Err(Failure::Start { program: told("LATCHKEY_PROGRAM")?.display().to_string(), reason })
    }

    /// The same for runs that are to fail: what it printed.
    pub fn run_headless_in_vain(&self, arguments: &[&str]) -> Result<String, Failure> {
        let output = self.headless(arguments)?;
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        // 1 says that an execution failed; anything else, that none was made.
        if output.status.code() == Some(1) { Ok(said) } else { Err(Failure::Page(format!("{}: {said}", output.status))) }
    }

    fn headless(&self, arguments: &[&str]) -> Result<Output, Failure> {
        let environment = environment(&self.folders, &self.screen, &self.bus);
        Ok(std::process::Command::new(told("LATCHKEY_PROGRAM")?).args(arguments).envs(environment).output()?)
    }

    /// Runs the headless program until it prints `part`: for what the window does in its own time.
    pub async fn see_headless(&self, arguments: &[&str], part: &str) -> Result<(), Failure> {
        wait::until(&format!("`latchkey {}` to say {part:?}", arguments.join(" ")), async || {
            let said = self.run_headless(arguments)?;
            Ok(if said.contains(part) { Look::Found(()) } else { Look::NotYet(said) })
        })
        .await
    }

    /// No secret that was typed or revealed is in the page any more (T8), nor in any file of this test: the workspace,
    /// the preferences and what the programs said (S1, S2). Every test ends with it.
    pub async fn sweep(&self) -> Result<(), Failure> {
        let page = self.window.page().await?;
        for secret in self.secrets.all() {
            if page.contains(&secret) {
                return Err(Failure::Page(format!("{secret:?} stands in the page at the end of the test")));
            }
            let files = self.folders.files_holding(&secret)?;
            if !files.is_empty() {
                return Err(Failure::Page(format!("{secret:?} stands in {files:?} at the end of the test")));
            }
        }
        Ok(())
    }

    /// Closes the window and waits until the program has ended.
    async fn quit(&mut self) -> Result<(), Failure> {
        self.window.close().await?;
        let driver = self.driver.id();
        wait::until("the program to end after its window was closed", async || {
            let running = children_of(driver)?;
            Ok(if running.is_empty() { Look::Found(()) } else { Look::NotYet(running.join(", ")) })
        })
        .await
    }
}

/// Runs a test against a fresh desktop, and looks for secrets in the page and in all files at its end. When it fails or panics, a picture, the page's HTML and what the programs said
/// are kept in the folder of pictures under `name`, and the error says where.
pub async fn with_window(
    name: &str,
    state: KeyringState,
    test: impl AsyncFnOnce(&mut Desktop) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let mut desktop = Desktop::start(state).await?;
    let ended = {
        let bounded = tokio::time::timeout(TEST_TIMEOUT, test(&mut desktop));
        catching_panics(async { bounded.await.unwrap_or_else(|_| Err(too_long())) }).await
    };
    let ended = match ended {
        Ok(Ok(())) => Ok(desktop.sweep().await),
        failed => failed,
    };
    if !matches!(ended, Ok(Ok(()))) {
        evidence::keep(name, desktop.window(), desktop.folders()).await;
    }
    // A failure to close says less than the failure of the test: it counts only when all else went well.
    let closed = desktop.quit().await;
    ended.unwrap_or_else(|panic| resume_unwind(panic))?;
    closed
}

fn too_long() -> Failure {
    Failure::Page(format!("the whole test took longer than {} s", TEST_TIMEOUT.as_secs()))
}

/// A failed assertion must not skip keeping the evidence.
async fn catching_panics<T>(work: impl Future<Output = T>) -> Result<T, Box<dyn Any + Send>> {
    let mut work = pin!(work);
    std::future::poll_fn(move |context| match catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(context))) {
        Ok(Poll::Pending) => Poll::Pending,
        Ok(Poll::Ready(value)) => Poll::Ready(Ok(value)),
        Err(panic) => Poll::Ready(Err(panic)),
    })
    .await
}

/// Starts a WebDriver and, through it, the program. A port that was free a moment ago may have been taken by another
/// test's WebDriver by then, so it is tried again with another one.
async fn open(folders: &Folders, screen: &Screen, bus: &SessionBus, secrets: &Secrets) -> Result<(Process, Window), Failure> {
    let mut tries = 1;
    loop {
        match open_once(folders, screen, bus, secrets).await {
            Err(Failure::Start { .. }) if tries < 3 => tries += 1,
            outcome => return outcome,
        }
    }
}

/// A WebKitWebDriver serves one session only, so each start of the program has one of its own.
async fn open_once(
    folders: &Folders,
    screen: &Screen,
    bus: &SessionBus,
    secrets: &Secrets,
) -> Result<(Process, Window), Failure> {
    let program = program()?;
    let port = free_port().await?;
    let environment = environment(folders, screen, bus);
    let port_option = format!("--port={port}");
    let log = folders.log("program");
    let mut driver =
        Process::start("WebKitWebDriver", &[port_option.as_ref()], &environment, &log, Stdio::null(), Stdio::null())?;
    wait::until("the WebDriver to listen", async || {
        if !driver.is_running()? {
            return Err(Failure::Start { program: "WebKitWebDriver".to_owned(), reason: std::fs::read_to_string(&log)? });
        }
        Ok(match TcpStream::connect(("127.0.0.1", port)).await {
            Ok(_) => Look::Found(()),
            Err(error) => Look::NotYet(error.to_string()),
        })
    })
    .await?;
    let mut capabilities = Capabilities::new();
    let options = json!({ "binary": program.display().to_string(), "args": [] });
    capabilities.set("webkitgtk:browserOptions", options)?;
    let session = WebDriver::builder(format!("http://127.0.0.1:{port}"), capabilities)
        .request_timeout(COMMAND_TIMEOUT)
        .await
        .map_err(|error| {
        // What the program said before it ended says more than the WebDriver does.
        let said = std::fs::read_to_string(&log).unwrap_or_default();
        Failure::Start { program: program.display().to_string(), reason: format!("{error}\n{said}") }
    })?;
    Ok((driver, Window::new(session, secrets.clone())))
}

fn environment(folders: &Folders, screen: &Screen, bus: &SessionBus) -> Vec<(String, String)> {
    let mut environment = folders.environment();
    for (name, value) in [
        ("DISPLAY", screen.display()),
        ("DBUS_SESSION_BUS_ADDRESS", bus.address()),
        // Without it the program refuses to be driven.
        ("TAURI_WEBVIEW_AUTOMATION", "true"),
        ("GDK_BACKEND", "x11"),
        ("NO_AT_BRIDGE", "1"),
        ("LANG", "C.UTF-8"),
        ("TZ", "UTC"),
    ] {
        environment.push((name.to_owned(), value.to_owned()));
    }
    environment
}

fn program() -> Result<PathBuf, Failure> {
    told("LATCHKEY_DESKTOP")
}

/// The path of a program, as the environment tells it.
fn told(variable: &'static str) -> Result<PathBuf, Failure> {
    let path = PathBuf::from(env::var_os(variable).ok_or(Failure::NotTold(variable))?);
    path.canonicalize().map_err(|error| Failure::Start { program: path.display().to_string(), reason: error.to_string() })
}

/// A port that was free a moment ago; WebKitWebDriver can't choose one and say which.
async fn free_port() -> Result<u16, Failure> {
    Ok(TcpListener::bind(("127.0.0.1", 0)).await?.local_addr()?.port())
}

/// The names of the programs that a process has started and that still run.
fn children_of(parent: u32) -> Result<Vec<String>, Failure> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir("/proc")? {
        // A process may end between the listing and the reading.
        let Ok(stat) = std::fs::read_to_string(entry?.path().join("stat")) else { continue };
        // `pid (name) state parent …`; the name itself may hold spaces and brackets.
        let Some((before, after)) = stat.rsplit_once(") ") else { continue };
        let mut fields = after.split(' ');
        let (state, its_parent) = (fields.next(), fields.next());
        if state != Some("Z") && its_parent == Some(parent.to_string().as_str()) {
            names.push(before.split_once('(').map_or(before, |(_, name)| name).to_owned());
        }
    }
    Ok(names)
}
