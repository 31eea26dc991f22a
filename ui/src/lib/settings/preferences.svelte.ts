/** What the page remembers between starts: the theme, the last place, how paths are copied. Never anything typed (T8). */
import { backend, type PathForm, type Theme } from '$lib/api';

const DARK = '(prefers-color-scheme: dark)';

class PagePreferences {
  theme = $state<Theme>('system');
  lastPlace = '/connectors';
  /** How the path of a row was last copied. */
  pathForm = $state<PathForm>('pointer');
  private known = false;

  /** Reads them and follows the system's theme until the returned function is called. */
  start(): () => void {
    const system = window.matchMedia(DARK);
    const apply = (): void => {
      this.apply();
    };
    system.addEventListener('change', apply);
    apply();
    return () => {
      system.removeEventListener('change', apply);
    };
  }

  async load(): Promise<void> {
    try {
      const preferences = await backend.preferences();
      this.theme = preferences.theme ?? 'system';
      this.pathForm = preferences.path_form ?? 'pointer';
      if (preferences.last_place?.startsWith('/')) this.lastPlace = preferences.last_place;
    } catch {
      // Without its preferences the page starts as if it were new.
    }
    this.known = true;
    this.apply();
  }

  async choose(theme: Theme): Promise<void> {
    this.theme = theme;
    this.apply();
    await this.keep();
  }

  rememberPlace(place: string): void {
    if (!this.known || place === this.lastPlace) return;
    this.lastPlace = place;
    void this.keep().catch(() => {
      // A place that is not remembered is no reason to disturb.
    });
  }

  rememberPathForm(form: PathForm): void {
    if (form === this.pathForm) return;
    this.pathForm = form;
    if (!this.known) return;
    void this.keep().catch(() => {
      // As with a place.
    });
  }

  private async keep(): Promise<void> {
    await backend.setPreferences({
      theme: this.theme,
      last_place: this.lastPlace,
      path_form: this.pathForm,
    });
  }

  private apply(): void {
    const dark = this.theme === 'dark' || (this.theme === 'system' && window.matchMedia(DARK).matches);
    document.documentElement.dataset.theme = dark ? 'dark' : 'light';
  }
}

export const preferences = new PagePreferences();
