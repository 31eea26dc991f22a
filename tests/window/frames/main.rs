//! How smoothly the real window scrolls a response of 200,000 rows: the time between frames while a wheel is turned, and
//! how many frames came without all of their rows. Prints figures; `cargo xtask bench --window` runs it.

use std::process::ExitCode;

use harness::test_ids::{navigation, response, token};
use harness::{Failure, Frames, KeyringState, with_window};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

/// Elements of the response.
const ROWS: usize = 200_000;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match measure().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("The frames could not be measured: {failure}");
            ExitCode::FAILURE
        }
    }
}

async fn measure() -> Result<(), Failure> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let url = format!("http://{}/login", listener.local_addr()?);
    let serving = tokio::spawn(serve(listener));
    with_window("frames", KeyringState::Unlocked, async |desktop| {
        let window = desktop.window();
        window.set_size(1360, 860).await?;
        window.click(navigation::AUTHENTICATION).await?;
        window.click(token::NEW).await?;
        window.click(token::TYPE_HTTP_REQUEST).await?;
        window.fill(token::NAME, "Large").await?;
        window.fill(token::URL, &url).await?;
        window.click(token::TEST).await?;
        window.see_text(token::TEST_STATUS, "200").await?;
        window.see(response::ROW).await?;
        for (what, pixels) in [("three rows a frame", 72), ("a page a frame", 600)] {
            print(what, window.scroll_frames(response::ROW, pixels).await?);
        }
        Ok(())
    })
    .await?;
    serving.abort();
    Ok(())
}

fn print(what: &str, frames: Frames) {
    let Frames { mut milliseconds, incomplete } = frames;
    milliseconds.sort_by(f64::total_cmp);
    let of_hundred = |percent: usize| {
        let rank = (milliseconds.len() * percent).div_ceil(100).max(1);
        milliseconds.get(rank - 1).copied().unwrap_or(f64::NAN)
    };
    println!(
        "scrolling {ROWS} rows, {what}: {} frames, half within {:.1} ms, 95 of 100 within {:.1} ms, the longest {:.1} ms; {incomplete} came without all their rows",
        milliseconds.len(),
        of_hundred(50),
        of_hundred(95),
        of_hundred(100),
    );
}

/// Answers every request with an array of records.
async fn serve(listener: TcpListener) {
    let records: Vec<String> = (0..ROWS).map(|number| format!("{{\"id\":{number},\"name\":\"Customer {number}\"}}")).collect();
    let body = format!("[{}]", records.join(","));
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    while let Ok((mut stream, _)) = listener.accept().await {
        // A request of a few hundred bytes comes at once; whoever leaves early has seen enough.
        let mut request = [0; 4096];
        let _ = stream.read(&mut request).await;
        let _ = stream.write_all(head.as_bytes()).await;
        let _ = stream.write_all(body.as_bytes()).await;
        let _ = stream.shutdown().await;
    }
}
