/** The backups of the workspace, and restoring one of them. */
import { backend, problemOf, type BackupsView, type BackupView, type Problem } from '$lib/api';
import { Loaded } from '$lib/shared/loaded.svelte';
import { moment } from '$lib/shared/time';
import { toasts } from '$lib/shared/toast.svelte';
import { vault } from '$lib/vault/vault.svelte';

export class Backups extends Loaded<BackupsView> {
  constructor() {
    super(() => backend.listBackups());
  }

  async make(): Promise<BackupView> {
    const made = await backend.makeBackup();
    await this.load();
    return made;
  }
}

/** Outlives the page: an open workspace is closed for it, and its pages with it. */
class Restoring {
  /** Why the last one failed; until the next is begun. */
  problem = $state.raw<Problem | null>(null);

  async start(backup: BackupView): Promise<void> {
    this.problem = null;
    try {
      await vault.restore(backup.name);
      if (vault.open) toasts.say(`The backup of ${moment(backup.made_at)} was restored.`);
    } catch (error) {
      this.problem = problemOf(error);
    }
  }
}

export const restoring = new Restoring();
