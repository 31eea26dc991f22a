/** Short confirmations of what was done. Never the only copy of a message that someone has to act on. */
export interface Toast {
  id: number;
  text: string;
}

class Toasts {
  shown = $state<Toast[]>([]);
  private last = 0;

  say(text: string): void {
    this.last += 1;
    const id = this.last;
    this.shown.push({ id, text });
    setTimeout(() => {
      this.shown = this.shown.filter((toast) => toast.id !== id);
    }, 4000);
  }

  clear(): void {
    this.shown = [];
  }
}

export const toasts = new Toasts();
