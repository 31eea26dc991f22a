/** Fake backups, and what follows from a damaged database. */
import type { BackupView, VaultStatus } from '../bindings';
import { refuse, type FakeWorkspace, type Part } from './parts';
import { FOLDER } from './vault';

type Commands = 'listBackups' | 'makeBackup' | 'restoreBackup' | 'startEmpty';

export function fakeBackups(workspace: FakeWorkspace): Part<Commands> {
  const known = (): BackupView[] =>
    workspace.vault.state === 'damaged' ? workspace.vault.backups : workspace.backups;

  const add = (reason: BackupView['reason']): BackupView => {
    const made_at = new Date().toISOString();
    const name = `workspace-${made_at.replaceAll(/[-:.]/g, '')}.db`;
    const backup: BackupView = { name, made_at, bytes: 4_812_800, reason };
    workspace.backups = [backup, ...workspace.backups];
    return backup;
  };

  const open = (): Promise<VaultStatus> => {
    workspace.vault = { state: 'open', opened_with: 'keyring', slots: ['keyring'], folder: FOLDER };
    return workspace.answer(workspace.vault);
  };

  return {
    listBackups: () => {
      const problem = workspace.backupProblem;
      return workspace.answer({
        folder: `${FOLDER}/backups`,
        backups: known(),
        problem: problem && {
          code: problem.code,
          message: problem.message,
          next_step: problem.next_step,
          field: null,
        },
      });
    },
    makeBackup: () => workspace.answer(add('by_hand')),
    async restoreBackup(name) {
      await workspace.answer(null);
      if (!known().some((backup) => backup.name === name)) {
        refuse('not_found', 'There is no such backup any more.', 'Choose another one.');
      }
      if (workspace.vault.state === 'open') add('before_restore');
      else workspace.backups = known();
      workspace.restored.push(name);
      return open();
    },
    async startEmpty() {
      await workspace.answer(null);
      workspace.tokens = [];
      workspace.connectors = [];
      workspace.executions = [];
      workspace.settings.clear();
      return open();
    },
  };
}
