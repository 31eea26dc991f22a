/** Which part of a tested response is seen, and what is to be shown in it next. */
import type { TestReport, TokenLocation } from '$lib/api';

export type Part = 'body' | 'headers' | 'text' | 'changes';

export class ResponseView {
  /** `null` until one is chosen: the response decides. */
  part = $state<Part | null>(null);
  /** A location, or a pointer into the body; the tree takes it as soon as it is there. */
  private wanted = $state.raw<TokenLocation | string | null>(null);

  /** Turns to the part that a location points into. */
  showLocation(location: TokenLocation, report: TestReport): void {
    this.part = partOf(location, report);
    this.wanted = location;
  }

  /** Turns to a value of the body. */
  showPointer(pointer: string): void {
    this.part = 'body';
    this.wanted = pointer;
  }

  /** What is to be shown; it is asked for once. */
  take(): TokenLocation | string | null {
    const { wanted } = this;
    if (wanted !== null) this.wanted = null;
    return wanted;
  }
}

function partOf(location: TokenLocation, { text_id }: TestReport): Part {
  if (location.in === 'header' || location.in === 'cookie') return 'headers';
  return location.in === 'text' && text_id !== null ? 'text' : 'body';
}
