/**
 * One setting while it is edited. It is saved when it is changed; what could not be saved stays as it was typed, also
 * when the page is left and found again.
 */
import { problemOf, type SettingView } from '$lib/api';
import { draftOf, forgetDraft, keepDraft } from '$lib/shared/unsaved.svelte';

import { readAmount, typedIn, unitFor, type Unit, type Units } from './amounts';
import type { Settings } from './settings.svelte';

interface Typed {
  text: string;
  unit: string;
}

const NOT_SAVED = 'This is not saved yet. Press Enter to save it.';

export class SettingEdit {
  busy = $state(false);
  error = $state<string | undefined>();
  private typed = $state.raw<string | null>(null);
  private chosen = $state<string | null>(null);
  private last = Promise.resolve();

  constructor(
    private readonly settings: Settings,
    readonly key: string,
    readonly units: Units,
    /** The smallest that can be typed, where that is more than the smallest value: 0 may have words of its own. */
    private readonly from = 0,
  ) {
    const before = draftOf<Typed>(this.draftKey);
    if (!before) return;
    this.typed = before.text;
    this.chosen = before.unit;
    this.error = NOT_SAVED;
  }

  get view(): SettingView | undefined {
    return this.settings.of(this.key);
  }

  get stored(): number {
    return Number(this.view?.value ?? this.view?.default_value ?? 0);
  }

  get unit(): Unit {
    return this.units.find(({ name }) => name === this.chosen) ?? unitFor(this.stored, this.units);
  }

  get text(): string {
    return this.typed ?? typedIn(this.stored, this.unit);
  }

  /** Something typed that could not be saved. */
  get unsaved(): boolean {
    return this.typed !== null && this.error !== undefined;
  }

  type(text: string): void {
    this.chosen = this.unit.name;
    this.typed = text;
    this.error = undefined;
  }

  /** Shows the same amount in another unit; what is typed and not saved is an amount of the new one. */
  async choose(unit: string): Promise<void> {
    this.chosen = unit;
    await this.save();
  }

  /** Goes back to what is stored. */
  revert(): void {
    this.typed = null;
    this.error = undefined;
    forgetDraft(this.draftKey);
  }

  /** Saves what was typed, if anything was. */
  save(): Promise<void> {
    return this.inTurn(async () => {
      const { typed, view } = this;
      if (typed === null || view?.kind.kind !== 'integer') return;
      const range: [number, number] = [Math.max(this.from, view.kind.min), view.kind.max];
      const amount = readAmount(typed, this.unit, this.units, range);
      if (typeof amount === 'string') this.error = amount;
      else if (amount === this.stored) this.revert();
      else await this.attempt(() => this.settings.change(this.key, String(amount)));
    });
  }

  set(value: string): Promise<void> {
    return this.inTurn(() => this.attempt(() => this.settings.change(this.key, value)));
  }

  reset(): Promise<void> {
    this.chosen = null;
    return this.inTurn(() => this.attempt(() => this.settings.reset(this.key)));
  }

  /** Keeps what could not be saved, for coming back. */
  keep(): void {
    if (this.typed !== null)
      keepDraft(this.draftKey, { text: this.typed, unit: this.unit.name } satisfies Typed);
    else forgetDraft(this.draftKey);
  }

  private get draftKey(): string {
    return `setting:${this.key}`;
  }

  /** A change that is made while another is on its way follows it: the last one counts. */
  private inTurn(change: () => Promise<void>): Promise<void> {
    this.last = this.last.then(change);
    return this.last;
  }

  private async attempt(change: () => Promise<void>): Promise<void> {
    const typed = this.typed;
    this.busy = true;
    this.error = undefined;
    try {
      await change();
      // What was typed meanwhile is newer than what was saved.
      if (this.typed === typed) this.revert();
    } catch (error) {
      const problem = problemOf(error);
      this.error = `${problem.message} ${problem.next_step}`.trim();
    } finally {
      this.busy = false;
    }
  }
}
