/** One secret shown on purpose. It leaves the page with blur, navigation or after 30 s (T8). */
export const REVEAL_MILLISECONDS = 30_000;

export class Reveal {
  value = $state<string | null>(null);
  private timer: ReturnType<typeof setTimeout> | undefined;

  readonly hide = (): void => {
    this.value = null;
    clearTimeout(this.timer);
    window.removeEventListener('blur', this.hide);
    window.removeEventListener('hashchange', this.hide);
  };

  show(value: string): void {
    this.hide();
    this.value = value;
    this.timer = setTimeout(this.hide, REVEAL_MILLISECONDS);
    window.addEventListener('blur', this.hide);
    window.addEventListener('hashchange', this.hide);
  }
}
