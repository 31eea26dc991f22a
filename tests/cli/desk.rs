//! A workspace in a folder of its own, a sandbox beside it, and the program run on both. When the desk goes, neither the
//! workspace nor anything that the programs printed may hold a secret that took part, reveals on purpose aside (S2).

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::{Arc, Mutex};

use latchkey::sandbox::{DEMO_PASSWORD, DEMO_USER, Sandbox};
use latchkey::store::Database;
use latchkey::vault::{DATABASE_FILE, MemorySlot, Vault};
use secrecy::SecretString;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::sweep::Sweep;

pub const PASSPHRASE: &str = "four words of test";
pub const TOKEN: &str = "Orders login";
pub const CONNECTOR: &str = "Get order status";

/// A folder for the workspace and the files that are added to it.
pub struct Desk {
    folder: TempDir,
    sandbox: Option<Sandbox>,
    runtime: Runtime,
    sweep: Mutex<Sweep>,
    passphrases: Mutex<Vec<String>>,
}

/// Everything that the programs of all tests printed, but what was revealed on purpose.
static PRINTED: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// What a program came to.
pub struct Ran {
    pub exit: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Desk {
    /// A sandbox that runs, and a workspace that is not made yet.
    pub fn new() -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let sandbox = runtime.block_on(Sandbox::start(0)).unwrap();
        let desk = Self {
            folder: TempDir::new().unwrap(),
            sandbox: Some(sandbox),
            runtime,
            sweep: Mutex::default(),
            passphrases: Mutex::default(),
        };
        desk.keeps_secret(DEMO_PASSWORD);
        desk.knows_passphrase(PASSPHRASE);
        desk
    }

    /// A workspace with the token and the connector of [`Self::token`] and [`Self::connector`].
    pub fn set_up() -> Self {
        let desk = Self::new();
        desk.add_token(&desk.token()).succeeded();
        desk.add_connector(&desk.connector()).succeeded();
        desk
    }

    /// This must be nowhere when the desk goes.
    pub fn keeps_secret(&self, secret: &str) {
        self.sweep.lock().unwrap().secret(secret);
    }

    /// The workspace may be opened with this one at the end; it must be nowhere either.
    pub fn knows_passphrase(&self, passphrase: &str) {
        self.keeps_secret(passphrase);
        self.passphrases.lock().unwrap().push(passphrase.to_owned());
    }

    pub fn sandbox(&self) -> &Sandbox {
        self.sandbox.as_ref().unwrap()
    }

    pub fn stop_sandbox(&mut self) {
        let sandbox = self.sandbox.take().unwrap();
        self.runtime.block_on(sandbox.stop());
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn workspace(&self) -> PathBuf {
        self.path("workspace")
    }

    /// The program in an environment with this workspace and passphrase, and without any keyring.
    pub fn program<A: AsRef<std::ffi::OsStr>>(&self, arguments: impl IntoIterator<Item = A>) -> Command {
        let mut program = Command::new(env!("CARGO_BIN_EXE_latchkey"));
        program
            .args(arguments)
            .stdin(Stdio::null())
            .env("LATCHKEY_WORKSPACE", self.workspace())
            .env("LATCHKEY_PASSPHRASE", PASSPHRASE)
            .env_remove("LATCHKEY_NEW_PASSPHRASE")
            .env("XDG_RUNTIME_DIR", self.folder.path())
            .env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere");
        program
    }

    pub fn run<A: AsRef<std::ffi::OsStr>>(&self, arguments: impl IntoIterator<Item = A>) -> Ran {
        self.program(arguments).output().unwrap().into()
    }

    /// Reveals a secret: the one thing that may be printed.
    pub fn reveal<A: AsRef<std::ffi::OsStr>>(&self, arguments: impl IntoIterator<Item = A>) -> Ran {
        Ran::unswept(self.program(arguments).output().unwrap())
    }

    /// Runs with this text as standard input.
    pub fn run_with_input(mut program: Command, input: &str) -> Ran {
        let mut child = program.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        child.wait_with_output().unwrap().into()
    }

    pub fn file(&self, name: &str, content: &Value) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, content.to_string()).unwrap();
        let mut sweep = self.sweep.lock().unwrap();
        sweep.take_secret_fields(&mut content.clone());
        if let Some(value) = content["value"].as_str() {
            sweep.secret(value);
        }
        path
    }

    pub fn add_token(&self, content: &Value) -> Ran {
        let file = self.file("token.json", content);
        self.run([Path::new("token"), Path::new("add"), &file, Path::new("--json")])
    }

    /// Adds it in place of the one of its name.
    pub fn add_replacing(&self, content: &Value) -> Ran {
        let file = self.file("token.json", content);
        self.run([Path::new("token"), Path::new("add"), &file, Path::new("--replace"), Path::new("--json")])
    }

    pub fn add_connector(&self, content: &Value) -> Ran {
        let file = self.file("connector.json", content);
        self.run([Path::new("connector"), Path::new("add"), &file, Path::new("--json")])
    }

    /// The sandbox's login as an HTTP request token.
    pub fn token(&self) -> Value {
        json!({
            "name": TOKEN,
            "token_type": "http_request",
            "description": "The sandbox's login",
            "request_header_key": "Authorization",
            "token_prefix": "Bearer",
            "domain": "127.0.0.1",
            "request": {
                "method": "POST",
                "url": format!("{}/login", self.sandbox().base_url()),
                "headers": [{ "name": "X-Trace", "value": "on", "secret": false }],
                "parameters": [
                    { "key": "username", "value": DEMO_USER, "secret": false },
                    { "key": "password", "value": DEMO_PASSWORD, "secret": true },
                ],
                "encoding": "json",
            },
            "location": { "in": "json", "at": "/data/session/access_token" },
        })
    }

    /// The sandbox's orders, with that token.
    pub fn connector(&self) -> Value {
        json!({
            "name": CONNECTOR,
            "description": "Looks up an order",
            "http_method": "get",
            "url": format!("{}/orders/{{{{order_id}}}}", self.sandbox().base_url()),
            "headers": [{ "name": "X-Team", "value": "support" }],
            "data_inputs": [{ "name": "order_id", "type": "string", "description": "The order", "required": true, "default_value": "" }],
            "tokens": [TOKEN],
            "object_mappings": [{
                "response_object_path": "order",
                "intercom_object_type": "conversation",
                "attribute_mappings": [{ "response_attribute_path": "status", "intercom_attribute_identifier": "order_status" }],
            }],
        })
    }

    /// The value that is stored for the token.
    pub fn value(&self) -> String {
        let ran = self.reveal(["token", "reveal", TOKEN]);
        ran.succeeded();
        let value = ran.stdout.trim_end().to_owned();
        self.keeps_secret(&value);
        value
    }

    /// The database of the workspace, as another program has it.
    pub fn database(&self) -> Database {
        let key = self.key_hex().expect("a passphrase that the desk knows");
        Database::open(self.workspace().join(DATABASE_FILE), &key).unwrap()
    }

    /// The key of the workspace, if one of the known passphrases opens it.
    fn key_hex(&self) -> Option<String> {
        let vault = Vault::new(self.workspace(), Arc::new(MemorySlot::new()));
        let passphrases = self.passphrases.lock().unwrap();
        let opened = passphrases.iter().find_map(|text| vault.open(Some(&SecretString::from(text.as_str()))).ok());
        opened.map(|opened| opened.key.hex().to_string())
    }

    fn swept(&self) -> Sweep {
        let mut sweep = std::mem::take(&mut *self.sweep.lock().unwrap());
        // Asked first: opening a vault makes one where none is.
        if self.workspace().join("vault.json").exists() {
            let key = self.key_hex().expect("a passphrase that the desk knows: tell it others with knows_passphrase");
            sweep.database_in(&self.workspace(), &key);
        }
        let printed = PRINTED.lock().unwrap();
        sweep.text("what the programs printed", printed.join("\n"));
        sweep
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        // A failed test has said what is wrong already.
        if !std::thread::panicking() {
            self.swept().assert_clean(&self.workspace());
        }
    }
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        let ran = Self::unswept(output);
        PRINTED.lock().unwrap().push(ran.text());
        ran
    }
}

impl Ran {
    fn unswept(output: Output) -> Self {
        Self {
            exit: output.status.code().expect("the program ends by itself"),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Everything that it printed.
    pub fn text(&self) -> String {
        format!("{}{}", self.stdout, self.stderr)
    }

    /// That it did what was asked, and said nothing on standard error.
    #[track_caller]
    pub fn succeeded(&self) -> &Self {
        assert_eq!((self.exit, self.stderr.as_str()), (0, ""), "it should have succeeded: {}", self.stdout);
        self
    }

    /// Standard output as the one JSON value that `--json` prints.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error} in {}", self.text()))
    }

    /// The error that `--json` prints on standard error, after an exit with this status.
    #[track_caller]
    pub fn error(&self, exit: i32) -> Value {
        assert_eq!(self.exit, exit, "the exit status is a contract: {}", self.text());
        let whole: Value = serde_json::from_str(&self.stderr).unwrap_or_else(|error| panic!("{error} in {}", self.text()));
        let error = whole["error"].clone();
        let members: Vec<_> = error.as_object().expect("an error object").keys().map(String::as_str).collect();
        assert_eq!(members, ["code", "field", "message", "next_step"], "the error's members are a contract");
        error
    }

    /// The field of such an error.
    #[track_caller]
    pub fn field(&self, exit: i32) -> String {
        self.error(exit)["field"].as_str().unwrap_or_else(|| panic!("no field in {}", self.stderr)).to_owned()
    }
}
