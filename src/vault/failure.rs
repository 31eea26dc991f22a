//! Why a vault did not open or was not changed, in sentences for people.

use super::slot::{Slot, SlotFailure};

/// Fewest characters of a new passphrase.
pub const SHORTEST_PASSPHRASE: usize = 8;

/// What came of asking the keyring for an existing workspace's key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyringAnswer {
    /// It was not asked: this workspace has no keyring slot.
    NotEnrolled,
    /// It is open and has no key of this workspace.
    Empty,
    /// It could not be asked.
    Failed(SlotFailure),
}

/// Why the vault did not open or was not changed. Nothing has been changed when one of these is returned.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VaultFailure {
    /// A workspace exists and no slot opened it.
    #[error("{}", locked_sentence(slots, keyring))]
    Locked {
        /// The slots that exist.
        slots: Vec<Slot>,
        /// What the keyring said.
        keyring: KeyringAnswer,
    },
    /// The passphrase that was given is not the one that is enrolled.
    #[error("The passphrase does not fit this workspace.")]
    WrongPassphrase,
    /// The user locked it, and a passphrase is enrolled: nothing else opens it then.
    #[error("The workspace was locked in this window, so only its passphrase opens it.")]
    PassphraseOnly,
    /// The new passphrase is shorter than [`SHORTEST_PASSPHRASE`] characters.
    #[error("The passphrase is too short: it needs at least {SHORTEST_PASSPHRASE} characters.")]
    PassphraseTooShort,
    /// A new workspace can't be made because the keyring can't keep its key.
    #[error("The keyring can't keep the key of this workspace. {why}")]
    NoKeyring {
        /// Why not.
        why: SlotFailure,
    },
    /// The keyring can't keep the key of an existing workspace.
    #[error("The keyring did not take the key of this workspace, so nothing was changed. {why}")]
    NotKept {
        /// Why not.
        why: SlotFailure,
    },
    /// The folder holds another workspace than the one that is open.
    #[error("This folder holds another workspace by now than the one that was opened here.")]
    OtherWorkspace,
    /// Without the passphrase nothing would open the workspace.
    #[error("The passphrase is needed: without it nothing would open this workspace.")]
    LastSlot {
        /// What the keyring said.
        keyring: KeyringAnswer,
    },
    /// A database is there, and nothing says which key it has.
    #[error("This folder holds an encrypted database, but its vault.json is missing.")]
    KeyLost,
    /// There is no workspace in the folder yet.
    #[error("There is no workspace in this folder.")]
    NoWorkspace,
    /// A file of the vault can't be read as what it should be.
    #[error("The file {file} of this workspace {problem}.")]
    Damaged {
        /// Its name.
        file: &'static str,
        /// What is wrong with it: the rest of the sentence.
        problem: String,
    },
    /// The workspace was made by a newer Latchkey.
    #[error("The file {file} was written by a newer version of Latchkey.")]
    Newer {
        /// Its name.
        file: &'static str,
    },
    /// The folder or a file in it can't be read or written.
    #[error("The workspace's folder can't be used ({path}): {problem}.")]
    Folder {
        /// What could not be used.
        path: String,
        /// The operating system's words.
        problem: String,
    },
    /// The operating system gave no random bytes, or too little memory.
    #[error("The system can't make a key: {0}.")]
    System(String),
}

impl VaultFailure {
    /// What happened, in one or two plain sentences.
    pub fn sentence(&self) -> String {
        self.to_string()
    }

    /// What to do now, in one or two sentences.
    pub fn next_step(&self) -> String {
        match self {
            Self::Locked { slots, keyring } => locked_next_step(slots, keyring),
            Self::WrongPassphrase => {
                "Nothing was changed. Check for capital letters and the keyboard layout, and try again.".into()
            }
            Self::PassphraseOnly => "Enter the passphrase.".into(),
            Self::PassphraseTooShort => "Choose a longer one; a few words make a good passphrase.".into(),
            Self::NoKeyring { why } => format!("Choose a passphrase to protect the workspace instead. Or: {}", why.next_step()),
            Self::NotKept { why } => why.next_step().into(),
            Self::OtherWorkspace => "Nothing was changed. Close this workspace and open it again.".into(),
            Self::LastSlot { keyring } => match keyring {
                KeyringAnswer::Failed(why) => why.next_step().into(),
                KeyringAnswer::Empty | KeyringAnswer::NotEnrolled => {
                    "Keep the key in the keyring first, then remove the passphrase.".into()
                }
            },
            Self::KeyLost => {
                "Put vault.json back from a copy of this folder, or choose another folder. The database was not touched.".into()
            }
            Self::NoWorkspace => "Open the workspace once; that creates it.".into(),
            Self::Damaged { file, .. } => {
                format!("Put {file} back from a copy of this folder. Nothing was changed and the database was not touched.")
            }
            Self::Newer { .. } => "Update Latchkey, then open the workspace again.".into(),
            Self::Folder { .. } => "Check that the folder exists, is yours and that the disk has room, then try again.".into(),
            Self::System(_) => "Close other programs or restart the machine, then try again.".into(),
        }
    }
}

fn locked_sentence(slots: &[Slot], keyring: &KeyringAnswer) -> String {
    let slots = match (slots.contains(&Slot::Keyring), slots.contains(&Slot::Passphrase)) {
        (true, true) => "The keyring or a passphrase opens this workspace.",
        (true, false) => "Only the keyring opens this workspace; it has no passphrase.",
        (false, true) => "A passphrase opens this workspace; its key is not in the keyring.",
        (false, false) => "Nothing is enrolled that could open this workspace.",
    };
    match keyring {
        KeyringAnswer::NotEnrolled => slots.to_owned(),
        KeyringAnswer::Empty => format!("{slots} The keyring has no key for it."),
        KeyringAnswer::Failed(why) => format!("{slots} {why}"),
    }
}

fn locked_next_step(slots: &[Slot], keyring: &KeyringAnswer) -> String {
    let for_keyring = match keyring {
        KeyringAnswer::NotEnrolled => None,
        KeyringAnswer::Empty => {
            Some("Open it as the user and on the machine where it was made, or restore that user's keyring.")
        }
        KeyringAnswer::Failed(why) => Some(why.next_step()),
    };
    match (for_keyring, slots.contains(&Slot::Passphrase)) {
        (Some(step), true) => format!("Enter the passphrase. Or: {step}"),
        (Some(step), false) => step.to_owned(),
        (None, _) => "Enter the passphrase.".to_owned(),
    }
}
