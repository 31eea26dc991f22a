/** Fake vault, storage and preferences. */
import type { BackupView, Preferences, SlotKind, VaultStatus } from '../bindings';
import { refuse, type FakeWorkspace, type Part } from './parts';

type Commands =
  | 'vaultStatus'
  | 'unlock'
  | 'createWithPassphrase'
  | 'setPassphrase'
  | 'removePassphrase'
  | 'enrolKeyring'
  | 'copyFolder'
  | 'lock'
  | 'noteActivity'
  | 'storage'
  | 'preferences'
  | 'setPreferences';

export const FOLDER = '/home/you/.local/share/latchkey';
/** The passphrase that opens the fake. */
export const PASSPHRASE = 'correct horse';

type Closed = 'new' | 'locked' | 'away' | 'damaged' | 'unsaved' | 'broken';

function madeAt(day: number): BackupView {
  const time = `2026-05-0${String(day)}T10:00:00Z`;
  return {
    name: `workspace-2026050${String(day)}T100000Z.db`,
    made_at: time,
    bytes: 4_700_000 + day * 20_000,
    reason: day === 3 ? 'by_hand' : 'automatic',
  };
}

const DAMAGED: VaultStatus = {
  state: 'damaged',
  reason: 'The database is damaged: some of its pages can’t be read.',
  next_step: 'Restore a backup, or begin with an empty database.',
  folder: FOLDER,
  set_aside: `${FOLDER}/set-aside/20260504T101500Z`,
  backups: [madeAt(4), madeAt(3), madeAt(2)],
};

/** What stands before a workspace that is not open; `unsaved` is a damaged one without a backup. */
export const CLOSED: Record<Closed, VaultStatus> = {
  new: { state: 'new', reason: 'No keyring answered on this computer.', folder: FOLDER },
  locked: {
    state: 'locked',
    slots: ['keyring', 'passphrase'],
    reason: 'The keyring is locked, so the workspace’s key can’t be read.',
    next_step: 'Unlock the keyring and try again, or type the passphrase.',
    by_user: false,
    folder: FOLDER,
  },
  away: {
    state: 'locked',
    slots: ['keyring'],
    reason: 'It was locked because nobody used it for a while.',
    next_step: 'Unlock it with the keyring.',
    by_user: true,
    folder: FOLDER,
  },
  damaged: DAMAGED,
  unsaved: { ...DAMAGED, set_aside: null, backups: [] },
  broken: {
    state: 'broken',
    reason: 'The workspace’s folder can’t be read: permission denied.',
    next_step: 'Give yourself access to it, and try again.',
    folder: FOLDER,
  },
};

export function fakeVault(workspace: FakeWorkspace): Part<Commands> {
  let preferences: Preferences = { theme: 'system', last_place: '/connectors' };

  const openWith = (opened_with: SlotKind, slots: SlotKind[]): Promise<VaultStatus> => {
    workspace.vault = { state: 'open', opened_with, slots, folder: FOLDER };
    return workspace.answer(workspace.vault);
  };

  const slots = (): SlotKind[] => ('slots' in workspace.vault ? workspace.vault.slots : []);

  const storage: Part<'storage'>['storage'] = () =>
    workspace.answer({
      folder: FOLDER,
      database_bytes: 4_812_800,
      backups_bytes: workspace.backups.reduce((sum, backup) => sum + (backup.bytes ?? 0), 0),
      opened_with: workspace.vault.state === 'open' ? workspace.vault.opened_with : 'keyring',
      slots: slots(),
      executions: workspace.executions.length,
    });

  const setSlots = (chosen: SlotKind[]): ReturnType<typeof storage> => {
    if (workspace.vault.state === 'open') workspace.vault.slots = chosen;
    return storage();
  };

  return {
    // Answers whatever else fails: it is what says that the workspace is locked.
    vaultStatus: async () => {
      await workspace.wait(workspace.latency);
      return structuredClone(workspace.vault);
    },
    async unlock(passphrase) {
      await workspace.answer(null);
      if (passphrase === null) {
        // What was broken has been put right meanwhile.
        if (workspace.vault.state === 'broken') return openWith('keyring', ['keyring']);
        if (!slots().includes('keyring')) return structuredClone(workspace.vault);
        if (workspace.keyringLocked)
          refuse('failed', 'The keyring is still locked.', 'Unlock it and try again.');
        return openWith('keyring', slots());
      }
      if (passphrase !== PASSPHRASE) {
        refuse(
          'wrong_passphrase',
          'The passphrase does not fit.',
          'Nothing was changed. Type it again.',
          'passphrase',
        );
      }
      return openWith('passphrase', slots());
    },
    createWithPassphrase: async () => openWith('passphrase', ['passphrase']),
    setPassphrase: async (passphrase) => {
      if (passphrase.length < 8) {
        refuse('invalid', 'The passphrase is too short.', 'Use at least 8 characters.', 'passphrase');
      }
      return setSlots([...new Set<SlotKind>([...slots(), 'passphrase'])]);
    },
    removePassphrase: async () => {
      if (slots().length < 2) {
        refuse(
          'failed',
          'The passphrase is the only slot, so it can’t be removed.',
          'Add the keyring first.',
        );
      }
      return setSlots(slots().filter((slot) => slot !== 'passphrase'));
    },
    enrolKeyring: () => {
      if (workspace.keyringLocked)
        refuse('failed', 'The keyring is locked, so it can’t keep the key.', 'Unlock it and try again.');
      return setSlots([...new Set<SlotKind>(['keyring', ...slots()])]);
    },
    copyFolder: () => {
      workspace.clipboard.push(FOLDER);
      return workspace.answer(null);
    },
    lock: async () => {
      await workspace.answer(null);
      workspace.lock('by_hand');
      return structuredClone(workspace.vault);
    },
    noteActivity: () => {
      workspace.activity += 1;
      return workspace.answer(null);
    },
    storage,
    preferences: () => workspace.answer(preferences),
    setPreferences: async (chosen) => {
      preferences = chosen;
      return workspace.answer(null);
    },
  };
}
