//! Every `data-testid` that the journeys use, in one place: a test id that the page renames is renamed here.

/// The navigation at the left.
pub mod navigation {
    /// *Overview*.
    pub const OVERVIEW: &str = "nav-overview";
    /// *Logs*, of all connectors.
    pub const LOGS: &str = "nav-logs";
    /// *Data connectors*.
    pub const CONNECTORS: &str = "nav-connectors";
    /// *Authentication*.
    pub const AUTHENTICATION: &str = "nav-authentication";
    /// *Storage and security*.
    pub const STORAGE: &str = "nav-storage";
    /// *Appearance*.
    pub const APPEARANCE: &str = "nav-appearance";
    /// *Sandbox*.
    pub const SANDBOX: &str = "nav-sandbox";
    /// *Customers*.
    pub const CUSTOMERS: &str = "nav-customers";
    /// *Messenger*.
    pub const MESSENGER: &str = "nav-messenger";
    /// The title of the page that is open.
    pub const TITLE: &str = "page-title";
    /// The state of the vault, at the foot.
    pub const VAULT: &str = "vault-chip";
    /// Locks the workspace, beside it.
    pub const LOCK: &str = "lock";
}

/// The question before something that can't be undone.
pub mod confirm {
    /// The whole dialog.
    pub const DIALOG: &str = "confirm-dialog";
    /// Goes on.
    pub const GO_ON: &str = "confirm-action";
}

/// The page before a workspace is open.
pub mod unlock {
    /// The whole page.
    pub const PAGE: &str = "unlock-page";
    /// The passphrase of a new workspace.
    pub const NEW: &str = "passphrase-new";
    /// The new passphrase once more.
    pub const AGAIN: &str = "passphrase-again";
    /// Makes the workspace.
    pub const CREATE: &str = "passphrase-save";
    /// The passphrase of a locked workspace.
    pub const PASSPHRASE: &str = "unlock-passphrase";
    /// Opens it.
    pub const OPEN: &str = "unlock";
    /// Asks the keyring.
    pub const KEYRING: &str = "unlock-keyring";
    /// What is wrong with a damaged database.
    pub const DAMAGED: &str = "damaged-reason";
    /// Where it was set aside.
    pub const SET_ASIDE: &str = "set-aside";
    /// Restores an intact backup.
    pub const RESTORE: &str = "restore-backup";
    /// That there is no intact backup.
    pub const NO_BACKUPS: &str = "no-backups";
    /// Begins with an empty database.
    pub const START_EMPTY: &str = "start-empty";
}

/// The first page of an empty workspace.
pub mod welcome {
    /// The whole panel.
    pub const PANEL: &str = "welcome";
    /// *Try it with the sandbox*.
    pub const TRY: &str = "try-sandbox";
}

/// The sandbox's page.
pub mod sandbox {
    /// Starts it.
    pub const START: &str = "sandbox-start";
    /// Its address.
    pub const BASE_URL: &str = "sandbox-base-url";
    /// *Expire the token now*.
    pub const EXPIRE: &str = "expire-tokens";
    /// The login answers 503.
    pub const LOGIN_DOWN: &str = "switch-login_down";
    /// The login answers its token in another place.
    pub const LOGIN_MOVES: &str = "switch-login_moves_token";
    /// A request that it served.
    pub const SERVED: &str = "served";
}

/// The *Authentication* pages.
pub mod token {
    /// *New token*.
    pub const NEW: &str = "new-token";
    /// The card of the HTTP request type.
    pub const TYPE_HTTP_REQUEST: &str = "token-type-http_request";
    /// The card of the text type.
    pub const TYPE_TEXT: &str = "token-type-text";
    /// The card of the user type.
    pub const TYPE_USER: &str = "token-type-user";
    /// The name.
    pub const NAME: &str = "token-name";
    /// The value of a text token.
    pub const TEXT_VALUE: &str = "token-text-value";
    /// The authentication request's method.
    pub const METHOD: &str = "request-method";
    /// The authentication request's URL.
    pub const URL: &str = "request-url";
    /// Adds a key-value pair.
    pub const ADD_PARAMETER: &str = "parameters-add";
    /// The request header key.
    pub const HEADER_KEY: &str = "token-header-key";
    /// The token prefix.
    pub const PREFIX: &str = "token-prefix";
    /// The exact header line, masked.
    pub const HEADER_PREVIEW: &str = "header-preview";
    /// *Test request*.
    pub const TEST: &str = "test-request";
    /// The status of the test's answer.
    pub const TEST_STATUS: &str = "test-status";
    /// In which part of the answer the token stands.
    pub const LOCATION_IN: &str = "location-in";
    /// Where the token stands, as typed or chosen.
    pub const LOCATION_AT: &str = "location-at";
    /// What the first step opens of what was found there.
    pub const FIRST_STEP: &str = "then-0";
    /// What a location that is typed yields, or what is wrong with it.
    pub const LOCATION_PREVIEW: &str = "location-preview";
    /// That the login answers in another shape.
    pub const MOVED: &str = "moved";
    /// Tests again, beside it.
    pub const MOVED_TEST: &str = "moved-test";
    /// Takes the first place that the value may have gone to.
    pub const MOVED_USE: &str = "moved-use-0";
    /// *Refresh now*.
    pub const REFRESH: &str = "token-refresh";
    /// What is wrong with the answer's body, and what of it can be used.
    pub const BODY_NOTE: &str = "body-note";
    /// What the chosen location yields.
    pub const LOCATED: &str = "located";
    /// *Save token*.
    pub const SAVE: &str = "token-save";
    /// Why it can't be saved yet (T3).
    pub const MISSING: &str = "missing";
    /// A row of the list.
    pub const ROW: &str = "token-row";
    /// The link of a row.
    pub const LINK: &str = "token-link";
    /// The generation of the stored value, on the token's page.
    pub const GENERATION: &str = "token-generation";
    /// *Copy value*.
    pub const COPY: &str = "token-copy";
    /// The search field of the list.
    pub const SEARCH: &str = "token-search";
    /// *Reveal value*.
    pub const REVEAL: &str = "token-reveal";
    /// The revealed value.
    pub const REVEALED: &str = "token-value";

    /// The snippet of a user token in a language.
    pub fn snippet(language: &str) -> String {
        format!("snippet-{language}")
    }

    /// Copies it.
    pub fn snippet_copy(language: &str) -> String {
        format!("snippet-copy-{language}")
    }

    /// The key of a key-value pair, counted from 0.
    pub fn parameter_name(row: usize) -> String {
        format!("parameters-{row}-name")
    }

    /// The value of a key-value pair, counted from 0.
    pub fn parameter_value(row: usize) -> String {
        format!("parameters-{row}-value")
    }
}

/// The response tree.
pub mod response {
    /// A visible row.
    pub const ROW: &str = "tree-row";
    /// The rows together: they hold the keyboard.
    pub const ROWS: &str = "tree-rows";
    /// The search field.
    pub const SEARCH: &str = "tree-search";
    /// How many rows match.
    pub const MATCHES: &str = "tree-match-count";
    /// The number of the element to go to.
    pub const GO_TO: &str = "tree-go-to-number";
    /// The tab of the headers and cookies.
    pub const TAB_HEADERS: &str = "tab-headers";
    /// The tab of what changed since the test before.
    pub const TAB_CHANGES: &str = "tab-changes";
    /// The first change.
    pub const CHANGE: &str = "change-0";
    /// Opens everything.
    pub const EXPAND_ALL: &str = "tree-expand-all";
}

/// The connector's pages.
pub mod connector {
    /// *New connector*.
    pub const NEW: &str = "new-connector";
    /// A row of the list.
    pub const ROW: &str = "connector-row";
    /// The link of a row.
    pub const LINK: &str = "connector-link";
    /// The name.
    pub const NAME: &str = "connector-name";
    /// The URL.
    pub const URL: &str = "connector-url";
    /// The token picker of the *HTTP headers* section.
    pub const ATTACH_TOKEN: &str = "attach-token";
    /// An attached token.
    pub const ATTACHED_TOKEN: &str = "attached-token";
    /// Adds a data input.
    pub const ADD_INPUT: &str = "add-input";
    /// The name of a data input.
    pub const INPUT_NAME: &str = "input-name";
    /// Saves.
    pub const SAVE: &str = "save-connector";
    /// Draft or live.
    pub const STATE: &str = "connector-state";
    /// The *Test* tab.
    pub const TAB_TEST: &str = "tab-test";
    /// The *Logs* tab.
    pub const TAB_LOGS: &str = "tab-logs";
    /// The *Reliability* tab.
    pub const TAB_RELIABILITY: &str = "tab-reliability";
}

/// The *Test* tab and the picture of a run, which the *Logs* tab shows too.
pub mod run {
    /// *Run connector*.
    pub const RUN: &str = "run-connector";
    /// How it ended.
    pub const RESULT: &str = "run-result";
    /// How it ended, in one chip.
    pub const HEADLINE: &str = "run-headline";
    /// That a token was renewed, in one chip.
    pub const RENEWED: &str = "run-renewed";
    /// What happened, in a sentence.
    pub const SENTENCE: &str = "run-sentence";
    /// What to do.
    pub const NEXT_STEP: &str = "run-next-step";
    /// The picture.
    pub const PICTURE: &str = "run-picture";
    /// On whose behalf it runs.
    pub const CUSTOMER: &str = "run-customer";
    /// The `user_id` of that, as it is typed.
    pub const CUSTOMER_ID: &str = "run-customer-id";
    /// One exchange of the picture: request, refresh or retry.
    pub const EXCHANGE: &str = "run-exchange";

    /// The field of a data input, by its name.
    pub fn input(name: &str) -> String {
        format!("run-input-{name}")
    }
}

/// The circuit breaker, in the *Reliability* tab and where a run was refused.
pub mod breaker {
    /// Its state.
    pub const STATE: &str = "breaker-state";
    /// What happens to a run now.
    pub const PHASE: &str = "breaker-phase";
    /// How long until the next probe.
    pub const COUNTDOWN: &str = "breaker-countdown";
    /// The picture.
    pub const PICTURE: &str = "breaker-picture";
    /// An execution that opened it.
    pub const FAILURE: &str = "breaker-failure";
    /// *Reset*.
    pub const RESET: &str = "breaker-reset";
    /// *Reset breaker*, in the connector's header.
    pub const RESET_HEADER: &str = "breaker-reset-header";
    /// That it is not closed, in the connector's header and row.
    pub const CHIP: &str = "breaker-chip";
    /// It, where a run was refused.
    pub const REFUSAL: &str = "breaker-refusal";
    /// For how many seconds it stays open.
    pub const OPEN_SECONDS: &str = "reliability-open-seconds";
    /// After how many failures it opens.
    pub const FAILURES: &str = "reliability-failures";
}

/// The *Logs* tab, and the log of all connectors.
pub mod logs {
    /// A recorded execution.
    pub const ROW: &str = "log-row";
    /// The rows.
    pub const LIST: &str = "log-list";
    /// How many there are.
    pub const COUNT: &str = "log-count";
    /// The detail of the selected one.
    pub const DETAIL: &str = "log-detail";
    /// The search.
    pub const SEARCH: &str = "log-search";
    /// Only failures.
    pub const FAILED: &str = "filter-failed";
    /// The filters that are not always seen.
    pub const MORE: &str = "filter-more";
    /// Only of this customer.
    pub const CUSTOMER: &str = "filter-customer";
    /// Takes every filter off.
    pub const CLEAR: &str = "clear-filters";
    /// The timeline.
    pub const TIMELINE: &str = "timeline-plot";
    /// Back to the longer time.
    pub const ZOOM_OUT: &str = "timeline-zoom-out";
    /// Lets new rows come in, or not.
    pub const LIVE: &str = "log-live";
    /// How many wait for it.
    pub const WAITING: &str = "log-waiting";
    /// *Export…*
    pub const EXPORT: &str = "log-export-open";
    /// The file to export to.
    pub const EXPORT_PATH: &str = "export-path";
    /// Exports.
    pub const EXPORT_START: &str = "export-start";
    /// What was exported.
    pub const EXPORT_REPORT: &str = "export-report";
    /// Closes the dialog.
    pub const EXPORT_DONE: &str = "export-done";
    /// *Run again*.
    pub const RUN_AGAIN: &str = "run-again";
    /// *Compare with…*
    pub const COMPARE: &str = "compare-with";
    /// The last success.
    pub const COMPARE_SUCCESS: &str = "compare-success";
    /// Two of them side by side.
    pub const COMPARED: &str = "compare-dialog";
    /// A fact of both.
    pub const COMPARED_FACT: &str = "compare-fact";
    /// Closes it.
    pub const COMPARE_CLOSE: &str = "compare-close";
}

/// The overview.
pub mod overview {
    /// A connector.
    pub const ROW: &str = "overview-row";
    /// Why its runs fail.
    pub const REASON: &str = "overview-reason";
}

/// The *Appearance* page.
pub mod appearance {
    /// *Dark*.
    pub const DARK: &str = "theme-dark";
}

/// The *Storage and security* page.
pub mod storage {
    /// The workspace's folder.
    pub const FOLDER: &str = "storage-folder";
    /// When the window locks by itself, in minutes.
    pub const LOCK_AFTER: &str = "setting-security.auto_lock_minutes-choice";
    /// Copies it.
    pub const COPY: &str = "storage-copy";
    /// Adds or changes the passphrase.
    pub const PASSPHRASE: &str = "passphrase-change";
    /// The passphrase among what opens the workspace.
    pub const PASSPHRASE_SLOT: &str = "slot-passphrase";
    /// *Lock now*.
    pub const LOCK: &str = "lock-now";
    /// What opens a locked workspace.
    pub const LOCK_OPENS: &str = "lock-opens";
    /// *Back up now*.
    pub const BACK_UP: &str = "backup-now";
    /// A backup.
    pub const BACKUP: &str = "backup-row";
    /// Restores a backup.
    pub const RESTORE: &str = "backup-restore";

    /// The value of a setting, by its key.
    pub fn setting(key: &str) -> String {
        format!("setting-{key}-value")
    }
}

/// The *Customers* pages.
pub mod customer {
    /// A customer of the list.
    pub const ROW: &str = "customer-row";
    /// The search.
    pub const SEARCH: &str = "customer-search";
    /// The `user_id` of the one that is open.
    pub const USER_ID: &str = "customer-user-id";
    /// A token that it holds, masked and decoded.
    pub const HELD: &str = "held-token";
    /// Removes its value.
    pub const HELD_REMOVE: &str = "held-token-remove";
}

/// The *Messenger* page.
pub mod messenger {
    /// Starts it.
    pub const START: &str = "messenger-start";
    /// Stops it.
    pub const STOP: &str = "messenger-stop";
    /// Its address.
    pub const ADDRESS: &str = "messenger-address";
    /// Its `app_id`.
    pub const APP_ID: &str = "messenger-app-id";
    /// An origin to allow.
    pub const ORIGINS: &str = "messenger-origins";
    /// Adds that.
    pub const ADD_ORIGIN: &str = "messenger-origin-add";
    /// An origin that is allowed.
    pub const ORIGIN: &str = "messenger-origin";
    /// Saves who may call.
    pub const SAVE: &str = "messenger-save";
    /// One of the latest calls.
    pub const CALL: &str = "messenger-call";
}
