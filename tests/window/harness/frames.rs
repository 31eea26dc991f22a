//! The frames that the page draws while a list is scrolled.

use crate::failure::Failure;
use crate::window::Window;

/// What was seen while scrolling.
#[derive(Debug, Clone, PartialEq)]
pub struct Frames {
    /// Between each frame and the next.
    pub milliseconds: Vec<f64>,
    /// How many frames showed fewer rows than fit.
    pub incomplete: u64,
}

/// Turns a wheel in every frame, forth and back, for five seconds. A wheel that the page does not take itself scrolls.
const SCRIPT: &str = r#"
const [id, pixels, done] = arguments;
const row = document.querySelector(`[data-testid="${id}"]`);
let area = row;
while (area && area.scrollHeight <= area.clientHeight + 1) area = area.parentElement;
if (!area) return done(null);
const height = row.getBoundingClientRect().height;
const fit = Math.floor(area.clientHeight / height) - 1;
const milliseconds = [];
let incomplete = 0;
let before = performance.now();
const end = before + 5000;
function frame(now) {
  milliseconds.push(now - before);
  before = now;
  if (area.querySelectorAll(`[data-testid="${id}"]`).length < fit) incomplete += 1;
  if (now > end) return done([milliseconds.slice(2), incomplete]);
  const deltaY = now < end - 2000 ? pixels : -pixels;
  const wheel = new WheelEvent('wheel', { deltaY, bubbles: true, cancelable: true });
  if (area.dispatchEvent(wheel)) area.scrollTop += deltaY;
  requestAnimationFrame(frame);
}
requestAnimationFrame(frame);
"#;

impl Window {
    /// Scrolls the list around the first element of this id, so many pixels a frame.
    pub async fn scroll_frames(&self, id: &str, pixels: u32) -> Result<Frames, Failure> {
        let answer = self.execute_async(SCRIPT, vec![id.into(), pixels.into()]).await?;
        let seen = |index: usize| answer.get(index).cloned().unwrap_or_default();
        let milliseconds = seen(0).as_array().into_iter().flatten().filter_map(serde_json::Value::as_f64).collect();
        let incomplete = seen(1).as_u64().ok_or_else(|| Failure::Page(format!("nothing around `{id}` can be scrolled")))?;
        Ok(Frames { milliseconds, incomplete })
    }
}
