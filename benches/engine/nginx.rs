//! nginx on a loopback port, with an API and a login that cost it as little as possible: what is measured is who asks.

use std::ffi::OsString;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::Failure;

/// The value that its login gives and its API wants.
pub const TOKEN_VALUE: &str =
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJzaG9wLTciLCJzY29wZSI6Im9yZGVycyJ9.Zq9wR2yXkz0cJmE4sLh1VtQb8uN3pGfD7iAoKx5rWvM";

/// About 300 bytes, as APIs answer for one thing.
const ORDER: &str = r#"{"order":{"id":"A-1042","status":"shipped","placed_at":"2026-01-31T09:00:00Z","currency":"EUR","total":129.9,"customer":{"name":"Zoe Muster","country":"DE"},"lines":[{"sku":"K-17","title":"Door key, brass","quantity":2},{"sku":"L-03","title":"Cylinder lock","quantity":1}],"tracking":"00340434161094"}}"#;

const CONFIGURATION: &str = "nginx.conf";

/// The longest that it may take to answer after its start.
const PATIENCE: Duration = Duration::from_secs(10);

/// A running nginx.
pub struct Nginx {
    url: String,
    folder: PathBuf,
    master: Child,
}

impl Nginx {
    /// Starts it in a folder of its own.
    pub fn start(folder: &Path) -> Result<Self, Failure> {
        std::fs::create_dir(folder)?;
        // nginx binds no port 0, so a free one is asked for first; should another program take it meanwhile, nginx says so.
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        std::fs::write(folder.join(CONFIGURATION), configuration(folder, port))?;
        // `setpriv` ends it with this program, however that ends.
        let mut command = Command::new("setpriv");
        command.args(["--pdeathsig", "TERM", "--"]).args(program(folder)).stdin(Stdio::null()).stdout(Stdio::null());
        let master = command.spawn().map_err(|error| format!("nginx could not be started: {error}."))?;
        let mut nginx = Self { url: format!("http://127.0.0.1:{port}"), folder: folder.to_owned(), master };
        nginx.wait(port)?;
        Ok(nginx)
    }

    /// `http://127.0.0.1:PORT`.
    pub fn url(&self) -> &str {
        &self.url
    }

    fn wait(&mut self, port: u16) -> Result<(), Failure> {
        let began = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            if let Some(status) = self.master.try_wait()? {
                return Err(format!("nginx ended with {status}.").into());
            }
            if began.elapsed() > PATIENCE {
                return Err("nginx did not listen in time.".into());
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        Ok(())
    }
}

impl Drop for Nginx {
    /// Asks it to stop: killing the master would leave its workers behind.
    fn drop(&mut self) {
        let [nginx, arguments @ ..] = program(&self.folder);
        let stopped = Command::new(nginx).args(arguments).args(["-s", "stop"]).stderr(Stdio::null()).status();
        if !stopped.is_ok_and(|status| status.success()) {
            // It may have ended by itself.
            let _ = self.master.kill();
        }
        let _ = self.master.wait();
    }
}

/// nginx with its folder and configuration. Debian keeps it where only administrators have their path.
fn program(folder: &Path) -> [OsString; 5] {
    let nginx = if Path::new("/usr/sbin/nginx").exists() { "/usr/sbin/nginx" } else { "nginx" };
    [nginx.into(), "-p".into(), folder.into(), "-c".into(), folder.join(CONFIGURATION).into()]
}

fn configuration(folder: &Path, port: u16) -> String {
    let folder = folder.display();
    format!(
        r#"daemon off;
worker_processes auto;
pid "{folder}/pid";
error_log stderr crit;
events {{ worker_connections 4096; }}
http {{
    access_log off;
    keepalive_requests 1000000000;
    keepalive_timeout 1h;
    default_type application/json;
    client_body_temp_path "{folder}/body";
    proxy_temp_path "{folder}/proxy";
    fastcgi_temp_path "{folder}/fastcgi";
    uwsgi_temp_path "{folder}/uwsgi";
    scgi_temp_path "{folder}/scgi";
    server {{
        listen 127.0.0.1:{port} backlog=4096;
        location = /login {{ return 200 '{{"data":{{"access_token":"{TOKEN_VALUE}"}},"expires_in":900}}'; }}
        location /orders/ {{
            if ($http_authorization != "Bearer {TOKEN_VALUE}") {{ return 401 '{{"error":"unauthorized"}}'; }}
            return 200 '{ORDER}';
        }}
        location /of-customers/ {{ return 200 '{ORDER}'; }}
    }}
}}
"#
    )
}
