//! The window as a person meets it: things are found by their `data-testid`, clicked, typed into and read. Each command
//! waits until it can be done, so that a test reads as a story.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value;
use thirtyfour::components::SelectElement;
use thirtyfour::error::{WebDriverError, WebDriverErrorInner};
use thirtyfour::{By, Key, WebDriver, WebElement};

use crate::evidence;
use crate::failure::Failure;
use crate::wait::{self, Look};

/// The page of the running program.
pub struct Window {
    session: WebDriver,
    secrets: Secrets,
}

/// What was typed into fields that hide it or was revealed: it must be nowhere when the test ends.
#[derive(Clone, Default)]
pub(crate) struct Secrets(Arc<Mutex<BTreeSet<String>>>);

impl Secrets {
    /// Shorter ones may stand in other words (S2).
    const SHORTEST: usize = 6;

    pub(crate) fn add(&self, secret: &str) {
        if secret.chars().count() >= Self::SHORTEST {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(secret.to_owned());
        }
    }

    pub(crate) fn all(&self) -> Vec<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }
}

impl Window {
    pub(crate) fn new(session: WebDriver, secrets: Secrets) -> Self {
        Self { session, secrets }
    }

    /// Waits until the element is there and visible.
    pub async fn see(&self, id: &str) -> Result<(), Failure> {
        self.once(&format!("`{id}` to be visible"), id, |_| true, async |_| Ok(())).await
    }

    /// Waits until the element is there, visible and can be used.
    pub async fn see_enabled(&self, id: &str) -> Result<(), Failure> {
        self.enabled(id, true).await
    }

    /// Waits until the element is there, visible and can't be used.
    pub async fn see_disabled(&self, id: &str) -> Result<(), Failure> {
        self.enabled(id, false).await
    }

    async fn enabled(&self, id: &str, wanted: bool) -> Result<(), Failure> {
        let what = format!("`{id}` to be {}", if wanted { "enabled" } else { "disabled" });
        wait::until(&what, async || {
            let look = async {
                match self.visible(id, |_| true).await? {
                    Some(element) => Ok(element.is_enabled().await? == wanted),
                    None => Ok(false),
                }
            };
            passing_over_changes(look.await.map(|done| if done { Look::Found(()) } else { Look::NotYet(String::new()) }))
        })
        .await
    }

    /// Waits until no such element is visible.
    pub async fn see_gone(&self, id: &str) -> Result<(), Failure> {
        wait::until(&format!("`{id}` to go away"), async || {
            let look = self.visible(id, |_| true).await;
            passing_over_changes(look.map(|found| match found {
                Some(_) => Look::NotYet("still visible".to_owned()),
                None => Look::Found(()),
            }))
        })
        .await
    }

    /// Waits until the text of the element holds `part`.
    pub async fn see_text(&self, id: &str, part: &str) -> Result<(), Failure> {
        self.once(&format!("`{id}` to say {part:?}"), id, |text| text.contains(part), async |_| Ok(())).await
    }

    /// The text of the first visible element.
    pub async fn text(&self, id: &str) -> Result<String, Failure> {
        self.once(&format!("the text of `{id}`"), id, |_| true, async |element| text_of(element).await).await
    }

    /// What the field holds, once it holds something.
    pub async fn value(&self, id: &str) -> Result<String, Failure> {
        let look = async |field: &WebElement| {
            let value = field.value().await?.filter(|value| !value.is_empty()).ok_or_else(not_yet)?;
            // A stored value is shown in a field that can't be changed only when it was revealed.
            if field.prop("readOnly").await?.as_deref() == Some("true") {
                self.secrets.add(&value);
            }
            Ok(value)
        };
        self.once(&format!("`{id}` to hold something"), id, |_| true, look).await
    }

    /// Waits until the field holds `wanted`.
    pub async fn see_value(&self, id: &str, wanted: &str) -> Result<(), Failure> {
        let holds = |value: Option<String>| value.filter(|value| value == wanted).map(drop).ok_or_else(not_yet);
        self.once(&format!("`{id}` to hold {wanted:?}"), id, |_| true, async |field| holds(field.value().await?)).await
    }

    /// How many such elements are visible now.
    pub async fn count(&self, id: &str) -> Result<usize, Failure> {
        let mut visible = 0;
        for element in self.session.find_all(by_test_id(id)).await? {
            visible += usize::from(element.is_displayed().await.unwrap_or(false));
        }
        Ok(visible)
    }

    /// Waits until so many such elements are visible.
    pub async fn see_count(&self, id: &str, wanted: usize) -> Result<(), Failure> {
        wait::until(&format!("{wanted} × `{id}`"), async || {
            let visible = self.count(id).await?;
            Ok(if visible == wanted { Look::Found(()) } else { Look::NotYet(format!("{visible} of them")) })
        })
        .await
    }

    /// Clicks the element.
    pub async fn click(&self, id: &str) -> Result<(), Failure> {
        self.once(&format!("`{id}` to be clickable"), id, |_| true, clicking).await
    }

    /// Clicks the first of several elements whose text holds `part`, such as a row of a list or of a tree.
    pub async fn click_text(&self, id: &str, part: &str) -> Result<(), Failure> {
        self.once(&format!("`{id}` with {part:?} to be clickable"), id, |text| text.contains(part), clicking).await
    }

    /// Replaces what a field holds by typing.
    pub async fn fill(&self, id: &str, text: &str) -> Result<(), Failure> {
        self.once(
            &format!("`{id}` to be typed into"),
            id,
            |_| true,
            async |field| {
                if field.prop("type").await?.as_deref() == Some("password") {
                    self.secrets.add(text);
                }
                field.clear().await?;
                field.send_keys(text).await
            },
        )
        .await?;
        self.once(
            &format!("`{id}` to hold what was typed"),
            id,
            |_| true,
            async |field| match field.value().await? {
                Some(value) if value != text => Err(not_yet()),
                _ => Ok(()),
            },
        )
        .await
    }

    /// Types keys into whatever has the focus.
    pub async fn press(&self, keys: &str) -> Result<(), Failure> {
        Ok(self.session.action_chain().send_keys(keys).perform().await?)
    }

    /// Ctrl+Enter: the primary action of most pages.
    pub async fn press_primary_action(&self) -> Result<(), Failure> {
        let chain = self.session.action_chain().key_down(Key::Control).send_keys(Key::Enter);
        Ok(chain.key_up(Key::Control).perform().await?)
    }

    /// A letter with Ctrl.
    pub async fn press_with_control(&self, letter: &str) -> Result<(), Failure> {
        let chain = self.session.action_chain().key_down(Key::Control).send_keys(letter);
        Ok(chain.key_up(Key::Control).perform().await?)
    }

    /// Makes sure that the sweep at the end looks for this, too: a token that a server gave.
    pub fn keep_secret(&self, secret: &str) {
        self.secrets.add(secret);
    }

    /// Presses a key again and again, at most `most` times, until the element with the focus is the one of this id.
    pub async fn press_until_focused(&self, key: &str, id: &str, most: usize) -> Result<(), Failure> {
        for _ in 0..most {
            if self.text_of("return document.activeElement?.dataset?.testid ?? '';").await? == id {
                return Ok(());
            }
            self.press(key).await?;
        }
        Err(Failure::Page(format!("`{id}` does not get the focus by the keyboard")))
    }

    /// Waits until the active row of the response tree is read out with `part`; the tree holds the focus and names it.
    pub async fn see_active_row(&self, part: &str) -> Result<(), Failure> {
        let script = "const tree = document.activeElement; const row = tree?.getAttribute('aria-activedescendant'); \
                      return (row && document.getElementById(row)?.getAttribute('aria-label')) ?? '';";
        wait::until(&format!("the active row to be read out with {part:?}"), async || {
            let label = self.text_of(script).await?;
            Ok(if label.contains(part) { Look::Found(()) } else { Look::NotYet(label) })
        })
        .await
    }

    pub(crate) async fn text_of(&self, script: &str) -> Result<String, Failure> {
        let answer = self.session.execute(script, Vec::new()).await?;
        Ok(answer.json().as_str().unwrap_or_default().to_owned())
    }

    /// Chooses an option of a select by its value.
    pub async fn choose(&self, id: &str, value: &str) -> Result<(), Failure> {
        self.once(
            &format!("`{id}` to offer {value:?}"),
            id,
            |_| true,
            async |select| SelectElement::new(select).await?.select_by_value(value).await,
        )
        .await
    }

    /// Chooses the option of a select whose label holds `part`.
    pub async fn choose_labelled(&self, id: &str, part: &str) -> Result<(), Failure> {
        self.once(
            &format!("`{id}` to offer a choice with {part:?}"),
            id,
            |_| true,
            async |select| SelectElement::new(select).await?.select_by_partial_text(part).await,
        )
        .await
    }

    /// The page's whole HTML, with what the fields hold beside it: values that were typed are properties and stand in
    /// no attribute.
    pub async fn page(&self) -> Result<String, Failure> {
        let script = "return document.documentElement.outerHTML + '\\n' + \
                      [...document.querySelectorAll('input, textarea')].map((field) => field.value).join('\\n');";
        let html = self.session.execute(script, Vec::new()).await?;
        html.json().as_str().map(str::to_owned).ok_or_else(|| Failure::Page("the page has no HTML".to_owned()))
    }

    /// Gives the window a size in pixels.
    pub async fn set_size(&self, width: u32, height: u32) -> Result<(), Failure> {
        Ok(self.session.set_window_rect(0, 0, width, height).await?)
    }

    /// The page's own size in pixels, and its theme.
    pub async fn size_and_theme(&self) -> Result<(u64, u64, String), Failure> {
        let script =
            "return [Math.round(window.innerWidth), Math.round(window.innerHeight), document.documentElement.dataset.theme];";
        let answer = self.session.execute(script, Vec::new()).await?;
        let part = |index: usize| answer.json().get(index).cloned().unwrap_or_default();
        let number = |index: usize| part(index).as_u64().unwrap_or_default();
        Ok((number(0), number(1), part(2).as_str().unwrap_or_default().to_owned()))
    }

    /// Pastes what is on the clipboard into a field; what the field holds then.
    pub async fn paste_into(&self, id: &str) -> Result<String, Failure> {
        self.once(&format!("`{id}` to take the focus"), id, |_| true, async |field| field.focus().await).await?;
        self.press_with_control("v").await?;
        self.value(id).await
    }

    /// Takes a picture into the folder of pictures; where it is.
    pub async fn picture(&self, name: &str) -> Result<PathBuf, Failure> {
        let file = evidence::pictures()?.join(format!("{name}.png"));
        std::fs::write(&file, self.screenshot().await?)?;
        Ok(file)
    }

    pub(crate) fn session(&self) -> &WebDriver {
        &self.session
    }

    pub(crate) async fn execute_async(&self, script: &str, arguments: Vec<Value>) -> Result<Value, Failure> {
        Ok(self.session.execute_async(script, arguments).await?.json().clone())
    }

    pub(crate) async fn screenshot(&self) -> Result<Vec<u8>, Failure> {
        // A screenshot shows the frame before the last change, so two frames have to pass first.
        let two_frames = "const done = arguments[0]; requestAnimationFrame(() => requestAnimationFrame(() => done()));";
        self.session.execute_async(two_frames, Vec::new()).await?;
        Ok(self.session.screenshot_as_png().await?)
    }

    /// Closes the window and with it the session.
    pub(crate) async fn close(&self) -> Result<(), Failure> {
        Ok(self.session.clone().quit().await?)
    }

    /// Does something with the first visible element whose text is wanted, as soon as it can be done.
    async fn once<T>(
        &self,
        what: &str,
        id: &str,
        wanted: impl Fn(&str) -> bool,
        act: impl AsyncFn(&WebElement) -> Result<T, WebDriverError>,
    ) -> Result<T, Failure> {
        wait::until(what, async || {
            let look = async {
                match self.visible(id, &wanted).await? {
                    Some(element) => act(&element).await.map(Look::Found),
                    None => self.others(id).await.map(Look::NotYet),
                }
            };
            passing_over_changes(look.await)
        })
        .await
    }

    async fn visible(&self, id: &str, wanted: impl Fn(&str) -> bool) -> Result<Option<WebElement>, WebDriverError> {
        for element in self.session.find_all(by_test_id(id)).await? {
            if element.is_displayed().await? && wanted(&text_of(&element).await?) {
                return Ok(Some(element));
            }
        }
        Ok(None)
    }

    /// The texts of the elements that were not wanted, for the message of a wait that ended.
    async fn others(&self, id: &str) -> Result<String, WebDriverError> {
        let mut texts = Vec::new();
        for element in self.session.find_all(by_test_id(id)).await?.iter().take(5) {
            texts.push(format!("{:?}", text_of(element).await?));
        }
        Ok(texts.join(", "))
    }
}

async fn clicking(element: &WebElement) -> Result<(), WebDriverError> {
    if !element.is_enabled().await? {
        return Err(not_yet());
    }
    element.scroll_into_view().await?;
    element.click().await
}

fn by_test_id(id: &str) -> By {
    By::Css(format!("[data-testid=\"{id}\"]"))
}

/// The same answer as the WebDriver's for an element that can't be used yet.
fn not_yet() -> WebDriverError {
    WebDriverError::ElementNotInteractable(thirtyfour::error::WebDriverErrorInfo::new("not yet".to_owned()))
}

/// A page that draws itself again while it is looked at makes elements stale or covers them: look again.
fn passing_over_changes<T>(look: Result<Look<T>, WebDriverError>) -> Result<Look<T>, Failure> {
    match look {
        Ok(look) => Ok(look),
        Err(error) => match &*error {
            WebDriverErrorInner::StaleElementReference(_)
            | WebDriverErrorInner::NoSuchElement(_)
            | WebDriverErrorInner::ElementClickIntercepted(_)
            | WebDriverErrorInner::ElementNotInteractable(_)
            | WebDriverErrorInner::InvalidElementState(_) => Ok(Look::NotYet(error.to_string())),
            _ => Err(error.into()),
        },
    }
}

/// The text that stands in an element. The WebDriver's own notion of visible text leaves out what lies in boxes that
/// overflow, as most of a virtualised tree does.
async fn text_of(element: &WebElement) -> Result<String, WebDriverError> {
    Ok(element.prop("textContent").await?.unwrap_or_default().trim().to_owned())
}
