/** How a typed location can go on: a list that follows the typing and is taken from by keyboard or pointer. */
import { backend, type Completion, type LocationIn } from '$lib/api';

/** The engine counts characters, the page counts UTF-16. */
function characters(text: string): number {
  return Array.from(text).length;
}

export class Completions {
  list = $state.raw<Completion[]>([]);
  /** The one that is taken next; -1 for none. */
  active = $state(-1);
  private asked = 0;

  /** Asks for what follows `typed`, of which `before` stands before the cursor. */
  async ask(responseId: string, part: LocationIn, typed: string, before: string): Promise<void> {
    this.asked += 1;
    const mine = this.asked;
    try {
      const found = await backend.responseComplete(responseId, part, typed, characters(before));
      if (mine !== this.asked) return;
      const whole = found.some(({ text }) => text === typed);
      this.list = found.length === 1 && whole ? [] : found;
      // What is whole as it stands must not be changed by the key that leaves the field.
      this.active = this.list.length > 0 && !whole ? 0 : -1;
    } catch {
      // Typing goes on without a list; what is wrong with the response stands elsewhere.
      if (mine === this.asked) this.close();
    }
  }

  close(): void {
    this.asked += 1;
    this.list = [];
    this.active = -1;
  }

  /** Moves through the list and over its ends. */
  move(by: 1 | -1): void {
    const count = this.list.length;
    if (count === 0) return;
    this.active = this.active < 0 && by < 0 ? count - 1 : (this.active + by + count) % count;
  }

  /** The text of the active one, or of another; the list closes. */
  take(index = this.active): string | null {
    const text = this.list[index]?.text ?? null;
    this.close();
    return text;
  }
}
