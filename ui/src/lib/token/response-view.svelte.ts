/** Which part of a tested response is seen, and what its tree opens at. */
import type { TestReport, TokenLocation } from '$lib/api';

export type Part = 'body' | 'headers' | 'text' | 'changes';

export class ResponseView {
  part = $state<Part>('body');
  /** Goes up when something is to be seen, so that the tree opens at it. */
  shows = $state(0);
  private shown = $state.raw<{ responseId: string; pointer: string } | null>(null);

  /** The pointer that a body opens at, instead of the chosen location. */
  pointerIn(responseId: string): string | null {
    return this.shown?.responseId === responseId ? this.shown.pointer : null;
  }

  /** Turns to the part that a location points into. */
  showLocation(location: TokenLocation, report: TestReport): void {
    this.part = partOf(location, report);
    this.shown = null;
    this.shows += 1;
  }

  /** Turns to a value of the body. */
  showPointer(responseId: string, pointer: string): void {
    this.part = 'body';
    this.shown = { responseId, pointer };
    this.shows += 1;
  }
}

function partOf(location: TokenLocation, { text_id }: TestReport): Part {
  if (location.in === 'header' || location.in === 'cookie') return 'headers';
  return location.in === 'text' && text_id !== null ? 'text' : 'body';
}
