//! Packages of the system: which are needed for what, which are missing, and how they are installed.

use std::process::Command;

use crate::failure::Failure;
use crate::program;

/// How to see that a need is met without asking the package manager.
enum Sign {
    Program(&'static str),
    /// Any one of them.
    Programs(&'static [&'static str]),
    Library(&'static str),
    Font,
}

/// A package by its Debian name, and why it is needed.
pub struct Need {
    package: &'static str,
    reason: &'static str,
    sign: Sign,
}

const fn program(package: &'static str, name: &'static str, reason: &'static str) -> Need {
    Need { package, reason, sign: Sign::Program(name) }
}

/// What the engine and the headless program need to be built.
pub const ENGINE: &[Need] = &[
    program("gcc", "cc", "compiles SQLCipher and links"),
    program("make", "make", "builds the OpenSSL inside SQLCipher"),
    program("perl", "perl", "configures the OpenSSL inside SQLCipher"),
];

/// What the window needs besides.
pub const WINDOW: &[Need] = &[
    program("pkg-config", "pkg-config", "finds the web view's libraries"),
    Need { package: "libwebkit2gtk-4.1-dev", reason: "the web view of the window", sign: Sign::Library("webkit2gtk-4.1") },
];

/// What the measurements need besides.
pub const BENCH: &[Need] = &[
    Need { package: "nginx-light", reason: "a server that costs less than who asks it", sign: Sign::Program("nginx") },
    program("curl", "curl", "a client to compare a whole process with"),
    program("gnome-keyring", "gnome-keyring-daemon", "a keyring of the measurements' own"),
    program("dbus", "dbus-run-session", "the D-Bus session that the keyring is on"),
];

/// What the tests of the window need besides.
pub const WINDOW_TESTS: &[Need] = &[
    program("xvfb", "Xvfb", "a screen in memory"),
    program("webkit2gtk-driver", "WebKitWebDriver", "drives the window"),
    program("gnome-keyring", "gnome-keyring-daemon", "a keyring of the tests' own"),
    program("dbus", "dbus-run-session", "the D-Bus session that the keyring is on"),
    Need { package: "fonts-dejavu-core", reason: "letters in the pictures", sign: Sign::Font },
];

/// What the tests of the Messenger's SDKs need besides.
pub const SDK_TESTS: &[Need] = &[
    Need {
        package: "chromium",
        reason: "a browser for the JavaScript SDK",
        sign: Sign::Programs(&["chromium", "chromium-browser", "google-chrome"]),
    },
    program("kotlin", "kotlinc", "compiles the Kotlin SDK"),
    program("default-jre-headless", "java", "runs the Kotlin SDK"),
];

/// Makes sure that everything is there: installs it where this is Debian or one of its kind and we may, else says what
/// to install by hand.
pub fn provide(needs: &[&[Need]]) -> Result<(), Failure> {
    let missing: Vec<&Need> = needs.iter().copied().flatten().filter(|need| !is_met(need)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    println!("These are needed and missing:");
    for need in &missing {
        println!("  {:<24} {}", need.package, need.reason);
    }
    let names: Vec<&str> = missing.iter().map(|need| need.package).collect();
    install(&names)
}

fn is_met(need: &Need) -> bool {
    let there = match need.sign {
        Sign::Program(name) => program::is_on_path(name),
        Sign::Programs(names) => names.iter().any(|name| program::is_on_path(name)),
        // `pkg-config` may itself be missing; the package manager then decides.
        Sign::Library(name) => {
            cfg!(not(target_os = "linux")) || program::ask(Command::new("pkg-config").args(["--exists", name])).is_some()
        }
        Sign::Font => !is_debian(),
    };
    there || has_package(need.package)
}

/// Debian, Ubuntu or another that has their package manager.
pub fn is_debian() -> bool {
    program::is_on_path("dpkg-query") && program::is_on_path("apt-get")
}

fn has_package(package: &str) -> bool {
    let status = program::ask(Command::new("dpkg-query").args(["-W", "-f=${db:Status-Status}", package]));
    status.as_deref() == Some("installed")
}

/// Installs packages with `apt-get`, as root or through a `sudo` that asks nothing.
pub fn install(packages: &[&str]) -> Result<(), Failure> {
    if !is_debian() {
        return Err(Failure::new(
            format!("This system's packages can't be installed from here; missing: {}.", packages.join(", ")),
            by_hand(),
        ));
    }
    let line = format!("sudo apt-get install --no-install-recommends {}", packages.join(" "));
    let Some(root) = way_to_root() else {
        return Err(Failure::new("Installing needs an administrator.", format!("Run this once, then try again:\n  {line}")));
    };
    println!("Installing: {}", packages.join(" "));
    let mut arguments = vec!["install", "--yes", "--no-install-recommends"];
    arguments.extend(packages);
    program::run(&mut apt_get(root, &["update"])).and_then(|()| program::run(&mut apt_get(root, &arguments))).map_err(|_| {
        Failure::new("The packages could not be installed.", format!("Run this by hand, then try again:\n  {line}"))
    })
}

/// The version that the distribution would install. A fresh machine has no lists yet: they are fetched when we may.
pub fn offered_version(package: &str) -> Option<String> {
    if !is_debian() {
        return None;
    }
    candidate(package).or_else(|| {
        program::run(&mut apt_get(way_to_root()?, &["update"])).ok()?;
        candidate(package)
    })
}

fn candidate(package: &str) -> Option<String> {
    let policy = program::ask(Command::new("apt-cache").args(["policy", package]))?;
    let version = policy.lines().find_map(|line| line.trim().strip_prefix("Candidate: "))?;
    (version != "(none)").then(|| version.to_owned())
}

/// The words to put before a command so that it runs as root: none as root, `None` when there is no way.
fn way_to_root() -> Option<&'static [&'static str]> {
    if program::ask(Command::new("id").arg("-u")).as_deref() == Some("0") {
        return Some(&[]);
    }
    program::ask(Command::new("sudo").args(["-n", "true"])).map(|_| &["sudo", "-n"][..])
}

fn apt_get(root: &[&str], arguments: &[&str]) -> Command {
    let words: Vec<&str> = root.iter().copied().chain(["env", "DEBIAN_FRONTEND=noninteractive", "apt-get"]).collect();
    let mut command = Command::new(words[0]);
    command.args(&words[1..]).args(arguments);
    command
}

fn by_hand() -> &'static str {
    if cfg!(target_os = "macos") {
        "Install Apple's command line tools (`xcode-select --install`); they bring a C compiler, make and perl."
    } else if cfg!(windows) {
        "Install the Visual Studio Build Tools (C++), Strawberry Perl, NASM and the WebView2 runtime."
    } else {
        "Install what your distribution calls these Debian packages, then try again."
    }
}
