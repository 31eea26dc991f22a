/** The workspace's settings, as the engine has them. */
import { backend, type SettingView } from '$lib/api';
import { Loaded } from '$lib/shared/loaded.svelte';

export class Settings extends Loaded<SettingView[]> {
  constructor() {
    super(() => backend.listSettings());
  }

  /** `undefined` while they are not known. */
  of(key: string): SettingView | undefined {
    return this.value?.find((setting) => setting.key === key);
  }

  async change(key: string, value: string): Promise<void> {
    this.take(await backend.setSetting(key, value));
  }

  async reset(key: string): Promise<void> {
    this.take(await backend.resetSetting(key));
  }

  private take(changed: SettingView): void {
    this.set((this.value ?? []).map((setting) => (setting.key === changed.key ? changed : setting)));
  }
}
