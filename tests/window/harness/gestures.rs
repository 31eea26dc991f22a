//! What is done in a list and a drawing: the row that the keyboard stands on, and a stretch that is drawn with the mouse.

use thirtyfour::By;

use crate::failure::Failure;
use crate::wait::{self, Look};
use crate::window::Window;

impl Window {
    /// Waits until the row that the list with the focus names is number `position` of `total`, counted from 1.
    pub async fn see_active_position(&self, position: usize, total: usize) -> Result<(), Failure> {
        let script = "const list = document.activeElement; const row = list?.getAttribute('aria-activedescendant'); \
                      const active = row && document.getElementById(row); \
                      return active ? active.ariaPosInSet + ' of ' + active.ariaSetSize : '';";
        let wanted = format!("{position} of {total}");
        wait::until(&format!("the active row to be {wanted}"), async || {
            let found = self.text_of(script).await?;
            Ok(if found == wanted { Look::Found(()) } else { Look::NotYet(found) })
        })
        .await
    }

    /// Waits until the element has the focus.
    pub async fn see_focused(&self, id: &str) -> Result<(), Failure> {
        wait::until(&format!("`{id}` to have the focus"), async || {
            let focused = self.text_of("return document.activeElement?.dataset?.testid ?? '';").await?;
            Ok(if focused == id { Look::Found(()) } else { Look::NotYet(focused) })
        })
        .await
    }

    /// Drags the mouse over an element, from one part of its width to another (0 to 1), half-way down.
    pub async fn drag_across(&self, id: &str, from: f64, to: f64) -> Result<(), Failure> {
        self.see(id).await?;
        let element = self.session().find(By::Css(format!("[data-testid=\"{id}\"]"))).await?;
        element.scroll_into_view().await?;
        // Offsets are counted from the middle.
        let width = element.rect().await?.width;
        #[expect(clippy::cast_possible_truncation, reason = "pixels of a window")]
        let at = |part: f64| ((part - 0.5) * width) as i64;
        let chain = self.session().action_chain().move_to_element_with_offset(&element, at(from), 0).click_and_hold();
        let chain = chain.move_to_element_with_offset(&element, at(f64::midpoint(from, to)), 0);
        Ok(chain.move_to_element_with_offset(&element, at(to), 0).release().perform().await?)
    }
}
