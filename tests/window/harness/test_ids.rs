//! Every `data-testid` that the journeys use, in one place: a test id that the page renames is renamed here.

/// The navigation at the left.
pub mod navigation {
    /// *Data connectors*.
    pub const CONNECTORS: &str = "nav-connectors";
    /// *Authentication*.
    pub const AUTHENTICATION: &str = "nav-authentication";
    /// *Sandbox*.
    pub const SANDBOX: &str = "nav-sandbox";
    /// The state of the vault, at the foot.
    pub const VAULT: &str = "vault-state";
}

/// The page before a workspace is open.
pub mod unlock {
    /// The passphrase of a new or locked workspace.
    pub const PASSPHRASE: &str = "unlock-passphrase";
    /// The passphrase once more, when it is chosen.
    pub const REPEAT: &str = "unlock-passphrase-repeat";
    /// Creates or opens the workspace.
    pub const SUBMIT: &str = "unlock-submit";
    /// Why it is locked, or what is wrong with what was typed.
    pub const PROBLEM: &str = "unlock-problem";
}

/// The first page of an empty workspace.
pub mod welcome {
    /// The whole panel.
    pub const PANEL: &str = "welcome";
}

/// The sandbox's page.
pub mod sandbox {
    /// Starts it.
    pub const START: &str = "sandbox-start";
    /// Its address.
    pub const BASE_URL: &str = "sandbox-base-url";
    /// *Expire the token now*.
    pub const EXPIRE: &str = "sandbox-expire";
    /// A request that it served.
    pub const SERVED: &str = "sandbox-request";
}

/// The *Authentication* pages.
pub mod token {
    /// *New token*.
    pub const NEW: &str = "token-new";
    /// The card of the HTTP request type.
    pub const TYPE_HTTP_REQUEST: &str = "token-type-http_request";
    /// The name.
    pub const NAME: &str = "token-name";
    /// The authentication request's method.
    pub const METHOD: &str = "token-method";
    /// The authentication request's URL.
    pub const URL: &str = "token-url";
    /// Adds a key-value pair.
    pub const ADD_PARAMETER: &str = "token-parameter-add";
    /// The request header key.
    pub const HEADER_KEY: &str = "token-header-key";
    /// The token prefix.
    pub const PREFIX: &str = "token-prefix";
    /// The exact header line, masked.
    pub const HEADER_PREVIEW: &str = "token-header-preview";
    /// *Test request*.
    pub const TEST: &str = "token-test";
    /// The status of the test's answer.
    pub const TEST_STATUS: &str = "token-test-status";
    /// The chosen location.
    pub const LOCATION: &str = "token-location";
    /// *Save token*.
    pub const SAVE: &str = "token-save";
    /// Why it can't be saved yet (T3).
    pub const SAVE_REASON: &str = "token-save-reason";
    /// A row of the list.
    pub const ROW: &str = "token-row";
    /// The generation of the stored value, on the token's page.
    pub const GENERATION: &str = "token-generation";
    /// *Reveal value*.
    pub const REVEAL: &str = "token-reveal";
    /// The revealed value.
    pub const REVEALED: &str = "token-revealed";

    /// The key of a key-value pair, counted from 0.
    pub fn parameter_name(row: usize) -> String {
        format!("token-parameter-name-{row}")
    }

    /// The value of a key-value pair, counted from 0.
    pub fn parameter_value(row: usize) -> String {
        format!("token-parameter-value-{row}")
    }
}

/// The response tree.
pub mod response {
    /// A visible row.
    pub const ROW: &str = "tree-row";
    /// Opens everything.
    pub const EXPAND_ALL: &str = "tree-expand-all";
}

/// The connector's pages.
pub mod connector {
    /// *New connector*.
    pub const NEW: &str = "connector-new";
    /// A row of the list.
    pub const ROW: &str = "connector-row";
    /// The name.
    pub const NAME: &str = "connector-name";
    /// The URL.
    pub const URL: &str = "connector-url";
    /// The token picker of the *HTTP headers* section.
    pub const ATTACH_TOKEN: &str = "connector-token-attach";
    /// An attached token.
    pub const ATTACHED_TOKEN: &str = "connector-token";
    /// Adds a data input.
    pub const ADD_INPUT: &str = "connector-input-add";
    /// Saves.
    pub const SAVE: &str = "connector-save";
    /// Shown once everything is saved.
    pub const SAVED: &str = "connector-saved";
    /// The *Test* tab.
    pub const TAB_TEST: &str = "connector-tab-test";
    /// The *Logs* tab.
    pub const TAB_LOGS: &str = "connector-tab-logs";

    /// The name of a data input, counted from 0.
    pub fn input_name(row: usize) -> String {
        format!("connector-input-name-{row}")
    }
}

/// The *Test* tab and the picture of a run, which the *Logs* tab shows too.
pub mod run {
    /// *Run connector*.
    pub const RUN: &str = "run-connector";
    /// How it ended.
    pub const OUTCOME: &str = "run-outcome";
    /// The picture.
    pub const PICTURE: &str = "run-picture";
    /// One exchange of the picture: request, refresh or retry.
    pub const EXCHANGE: &str = "run-exchange";

    /// The field of a data input, by its name.
    pub fn input(name: &str) -> String {
        format!("run-input-{name}")
    }
}

/// The *Logs* tab.
pub mod logs {
    /// A recorded execution.
    pub const ROW: &str = "log-row";
    /// The detail of the selected one.
    pub const DETAIL: &str = "log-detail";
}
