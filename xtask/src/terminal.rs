//! The main job without a window: a token is made and tested, a connector runs, its token is forgotten by the API, and
//! the next run refreshes it. Each command is shown as typed, with its output, against the program's own sandbox.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use crate::failure::Failure;
use crate::program::{self, Beside};
use crate::project::Project;

const TOKEN: &str = "Sandbox login";
const CONNECTOR: &str = "Get order status";

/// Builds the headless program and plays the job; fails when any step does.
pub fn play(project: &Project) -> Result<(), Failure> {
    program::run(&mut project.cargo(&["build", "-p", "latchkey"]))?;
    let story = Story::begin(project)?;
    let first = story.start_sandbox("0")?;
    let base_url = first.base_url.clone();
    let token = story.write("token.json", &token_file(&base_url))?;
    let connector = story.write("connector.json", &connector_file(&base_url))?;

    say("A token: its login is tested, and the value found in the answer is stored.");
    story.tell(&["token", "add", &token])?;
    say("A connector that sends this token.");
    story.tell(&["connector", "add", &connector])?;
    say("A run: the stored token is used as it is.");
    let run = ["run", CONNECTOR, "--input", "order_id=A-1042"];
    story.tell(&run)?;

    say("The sandbox starts again and has forgotten every token it issued.");
    let port = port_of(&base_url)?.to_owned();
    drop(first);
    let _again = story.start_sandbox(&port)?;
    say("The same run: 401, one refresh, one retry.");
    let recorded = story.tell(&["run", CONNECTOR, "--input", "order_id=A-1042", "--json"])?;
    check_refreshed(&recorded)?;
    say("Every step is in the log.");
    story.tell(&["logs", CONNECTOR])?;
    say("Done: the API refused the old token, the login was asked once, and the run succeeded.");
    Ok(())
}

fn say(sentence: &str) {
    println!("\n# {sentence}");
}

/// The program and a workspace that is gone afterwards.
struct Story {
    program: PathBuf,
    folder: PathBuf,
}

/// A running sandbox.
struct Sandbox {
    base_url: String,
    _child: Beside,
}

impl Story {
    fn begin(project: &Project) -> Result<Self, Failure> {
        let folder = std::env::temp_dir().join(format!("latchkey-trial-{}", std::process::id()));
        fs::create_dir(&folder).map_err(Failure::of_trying(format!("make {}", folder.display())))?;
        Ok(Self { program: project.built("latchkey"), folder })
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command.arg("--workspace").arg(self.folder.join("workspace")).args(arguments);
        // It guards nothing but this trial, whose folder goes with it.
        command.env("LATCHKEY_PASSPHRASE", "passphrase of a trial");
        command
    }

    fn write(&self, name: &str, content: &str) -> Result<String, Failure> {
        let path = self.folder.join(name);
        fs::write(&path, content).map_err(Failure::of_trying(format!("write {}", path.display())))?;
        Ok(path.display().to_string())
    }

    /// Runs a command of the story and prints what it said; its standard output.
    fn tell(&self, arguments: &[&str]) -> Result<String, Failure> {
        let mut command = self.command(arguments);
        println!("$ {}", program::shown(&command));
        let output = command
            .stdin(Stdio::null())
            .stderr(Stdio::inherit())
            .output()
            .map_err(|error| program::not_started(&command, &error))?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        print!("{text}");
        if output.status.success() {
            return Ok(text);
        }
        Err(Failure::new(format!("This step failed ({}).", output.status), "The program's own message stands above."))
    }

    fn start_sandbox(&self, port: &str) -> Result<Sandbox, Failure> {
        let mut command = self.command(&["sandbox", "--port", port]);
        println!("$ {} &", program::shown(&command));
        let started = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn();
        let mut child = Beside(started.map_err(|error| program::not_started(&command, &error))?);
        let line = first_line(&mut child.0)?;
        println!("{line}");
        let base_url = address_in(&line)
            .ok_or_else(|| Failure::new("The sandbox did not say where it listens.", "Its first line stands above."))?;
        Ok(Sandbox { base_url: base_url.to_owned(), _child: child })
    }
}

impl Drop for Story {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.folder) {
            println!("{} could not be removed: {error}", self.folder.display());
        }
    }
}

/// The first line of a child; the rest is read and dropped, so that the child never waits for a reader.
fn first_line(child: &mut Child) -> Result<String, Failure> {
    let mut line = String::new();
    if let Some(stdout) = child.stdout.take() {
        let mut reader = BufReader::new(stdout);
        reader.read_line(&mut line).map_err(Failure::of_trying("read the sandbox's first line"))?;
        std::thread::spawn(move || std::io::copy(&mut reader, &mut std::io::sink()));
    }
    Ok(line.trim().to_owned())
}

fn address_in(line: &str) -> Option<&str> {
    let address = &line[line.find("http://")?..];
    let end = address.find(|character: char| !(character.is_ascii_alphanumeric() || ":/.-[]".contains(character)));
    Some(address[..end.unwrap_or(address.len())].trim_end_matches(['/', '.']))
}

fn port_of(base_url: &str) -> Result<&str, Failure> {
    let port = base_url.rsplit(':').next().filter(|port| port.parse::<u16>().is_ok());
    port.ok_or_else(|| Failure::new(format!("The sandbox's address {base_url} has no port."), "Its first line stands above."))
}

/// The last run must have refreshed and retried, each once.
fn check_refreshed(json: &str) -> Result<(), Failure> {
    let bare: String = json.chars().filter(|character| !character.is_whitespace()).collect();
    let steps = |kind: &str| bare.matches(&format!("\"kind\":\"{kind}\"")).count();
    if (steps("refresh"), steps("retry")) == (1, 1) {
        return Ok(());
    }
    Err(Failure::new(
        format!("Expected one refresh and one retry, but the run had {} and {}.", steps("refresh"), steps("retry")),
        "Its steps stand above.",
    ))
}

fn token_file(base_url: &str) -> String {
    format!(
        r#"{{
  "name": "{TOKEN}",
  "token_type": "http_request",
  "request_header_key": "Authorization",
  "token_prefix": "Bearer",
  "request": {{
    "method": "POST",
    "url": "{base_url}/login",
    "headers": [],
    "parameters": [
      {{ "key": "username", "value": "demo", "secret": false }},
      {{ "key": "password", "value": "demo-password", "secret": true }}
    ],
    "encoding": "json"
  }},
  "location": {{ "in": "json", "at": "/data/session/access_token" }}
}}
"#
    )
}

fn connector_file(base_url: &str) -> String {
    format!(
        r#"{{
  "name": "{CONNECTOR}",
  "http_method": "get",
  "url": "{base_url}/orders/{{{{order_id}}}}",
  "data_inputs": [{{ "name": "order_id", "type": "string", "description": "The order", "required": true }}],
  "tokens": ["{TOKEN}"]
}}
"#
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sandboxs_address_is_found_in_its_first_line() {
        for line in ["http://127.0.0.1:4101", "Sandbox on http://127.0.0.1:4101/.", "\"url\": \"http://127.0.0.1:4101\"}"] {
            assert_eq!(address_in(line), Some("http://127.0.0.1:4101"), "{line}");
        }
        assert_eq!(address_in("no address"), None);
        assert_eq!(port_of("http://127.0.0.1:4101").unwrap(), "4101");
        assert!(port_of("http://localhost").is_err());
    }

    #[test]
    fn e5_only_one_refresh_and_one_retry_satisfy() {
        let one = r#"{"steps": [{"kind": "request"}, {"kind": "refresh"}, {"kind":"retry"}]}"#;
        assert!(check_refreshed(one).is_ok());
        assert!(check_refreshed(r#"{"steps": [{"kind": "request"}]}"#).is_err());
        let twice = r#"[{"kind":"refresh"},{"kind":"refresh"},{"kind":"retry"}]"#;
        assert!(check_refreshed(twice).is_err());
    }

    #[test]
    fn e10_the_connectors_url_holds_its_template() {
        assert!(connector_file("http://127.0.0.1:1").contains("http://127.0.0.1:1/orders/{{order_id}}"));
    }
}
