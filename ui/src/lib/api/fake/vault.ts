/** Fake vault, storage and preferences. */
import type { Preferences, SlotKind, VaultStatus } from '../bindings';
import { refuse, type FakeWorkspace, type Part } from './parts';

type Commands =
  | 'vaultStatus'
  | 'unlock'
  | 'createWithPassphrase'
  | 'setPassphrase'
  | 'removePassphrase'
  | 'storage'
  | 'preferences'
  | 'setPreferences';

export const FOLDER = '/home/you/.local/share/latchkey';
/** The passphrase that opens the fake. */
export const PASSPHRASE = 'correct horse';

/** What stands before a workspace that is not open. */
export const CLOSED: Record<'new' | 'locked' | 'broken', VaultStatus> = {
  new: { state: 'new', reason: 'No keyring answered on this computer.', folder: FOLDER },
  locked: {
    state: 'locked',
    slots: ['keyring', 'passphrase'],
    reason: 'The keyring is locked, so the workspace’s key can’t be read.',
    next_step: 'Unlock the keyring and try again, or type the passphrase.',
    folder: FOLDER,
  },
  broken: {
    state: 'broken',
    reason: 'The database is damaged.',
    next_step: 'It was set aside untouched. Restore a backup, or move the folder away to begin anew.',
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
      if (passphrase === null) refuse('failed', 'The keyring is still locked.', 'Unlock it and try again.');
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
    storage,
    preferences: () => workspace.answer(preferences),
    setPreferences: async (chosen) => {
      preferences = chosen;
      return workspace.answer(null);
    },
  };
}
