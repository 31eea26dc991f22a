/** Locking by hand: from the navigation, from *Storage and security*, and with Ctrl+L. */
import { problemOf, type Problem } from '$lib/api';
import { confirm } from '$lib/shared/confirm.svelte';
import { unsavedWork } from '$lib/shared/unsaved.svelte';

import { vault } from './vault.svelte';

class Lock {
  busy = $state(false);
  problem = $state.raw<Problem | null>(null);

  /** Asks first when something typed would be lost. */
  readonly now = async (): Promise<void> => {
    if (this.busy) return;
    this.busy = true;
    this.problem = null;
    try {
      if (await this.sure()) await vault.lock();
    } catch (error) {
      this.problem = problemOf(error);
    } finally {
      this.busy = false;
    }
  };

  /** Ctrl+L, or ⌘L, unless a dialog is open or what has the focus means something else by it. */
  readonly pressed = (event: KeyboardEvent): void => {
    if (event.key.toLowerCase() !== 'l' || !(event.ctrlKey || event.metaKey)) return;
    if (event.shiftKey || event.altKey || event.defaultPrevented) return;
    event.preventDefault();
    if (!document.querySelector('dialog[open]')) void this.now();
  };

  private async sure(): Promise<boolean> {
    const what = unsavedWork();
    if (what === null) return true;
    return confirm({
      title: 'Lock without saving?',
      body: `What you changed in ${what} is not saved, and nothing of it is kept when the workspace is locked.`,
      action: 'Lock',
      cancel: 'Stay',
      danger: true,
    });
  }
}

export const lock = new Lock();
