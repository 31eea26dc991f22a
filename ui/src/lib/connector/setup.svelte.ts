/**
 * The configuration of one connector as it is edited: what is saved, what is typed, and what is wrong with it. What was
 * typed is kept in memory when the page is left, and never goes to disk.
 */
import {
  backend,
  problemOf,
  type ConnectorCurlImport,
  type ConnectorDetail,
  type ConnectorDraft,
  type Problem,
} from '$lib/api';
import { draftOf, forgetDraft, keepDraft } from '$lib/shared/unsaved.svelte';

import { isAdvanced, newDraft } from './draft';

export class SetupState {
  detail = $state.raw<ConnectorDetail | null>(null);
  draft = $state<ConnectorDraft>(newDraft());
  /** Why the connector could not be loaded. */
  loadProblem = $state.raw<Problem | null>(null);
  /** Why the last action was refused. */
  problem = $state.raw<Problem | null>(null);
  saving = $state(false);
  advancedOpen = $state(false);
  private saved = $state(JSON.stringify(newDraft()));
  readonly dirty = $derived(this.differs());

  /** `id` is null for a connector that has never been saved. */
  constructor(readonly id: string | null) {
    if (id === null) this.takeKept();
  }

  get summary() {
    return this.detail?.summary ?? null;
  }

  async load(): Promise<void> {
    if (this.id === null) return;
    try {
      const detail = await backend.getConnector(this.id);
      const first = this.detail === null;
      // Somebody else's change must not overwrite what is being typed here.
      if (first || (!this.dirty && JSON.stringify(detail.draft) !== this.saved)) this.take(detail);
      else this.detail = detail;
      if (first) this.takeKept();
      this.loadProblem = null;
    } catch (error) {
      this.loadProblem = problemOf(error);
    }
  }

  /** Saves what is typed; the saved connector, or null when it was refused. */
  save(): Promise<ConnectorDetail | null> {
    return this.act(() => backend.saveConnector(this.id, $state.snapshot(this.draft)));
  }

  setLive(): Promise<ConnectorDetail | null> {
    return this.act(() => backend.setConnectorLive(this.idOfSaved));
  }

  setDraft(): Promise<ConnectorDetail | null> {
    return this.act(() => backend.setConnectorDraft(this.idOfSaved));
  }

  discardEdits(): Promise<ConnectorDetail | null> {
    return this.act(() => backend.discardConnectorEdits(this.idOfSaved));
  }

  /** Takes a pasted request over; inputs that it names and that are missing are added, and returned. */
  fillFromCurl({ request }: ConnectorCurlImport): string[] {
    const { http_method, url, headers, body, inputs } = request;
    Object.assign(this.draft, { http_method, url, headers, body });
    const known = this.draft.data_inputs.map(({ name }) => name);
    const added = inputs.filter((name) => !known.includes(name));
    for (const name of added) {
      this.draft.data_inputs.push({
        name,
        type: 'string',
        description: '',
        required: true,
        default_value: '',
      });
    }
    this.problem = null;
    return added;
  }

  /** Goes back to what is saved. */
  revert(): void {
    if (this.detail) this.take(this.detail);
    else this.draft = JSON.parse(this.saved) as ConnectorDraft;
    this.problem = null;
    forgetDraft(this.key);
  }

  /** Whether it was deleted. */
  async delete(): Promise<boolean> {
    try {
      await backend.deleteConnector(this.idOfSaved);
      this.saved = JSON.stringify(this.draft);
      forgetDraft(this.key);
      return true;
    } catch (error) {
      this.problem = problemOf(error);
      return false;
    }
  }

  /** Keeps what is typed, for coming back. */
  keep(): void {
    if (this.differs()) keepDraft(this.key, $state.snapshot(this.draft));
    else forgetDraft(this.key);
  }

  private differs(): boolean {
    return JSON.stringify(this.draft) !== this.saved;
  }

  private get key(): string {
    return `connector:${this.id ?? 'new'}`;
  }

  private get idOfSaved(): string {
    return this.detail?.summary.id ?? '';
  }

  private take(detail: ConnectorDetail): void {
    this.detail = detail;
    this.draft = structuredClone(detail.draft);
    this.saved = JSON.stringify(detail.draft);
  }

  private takeKept(): void {
    const kept = draftOf<ConnectorDraft>(this.key);
    if (kept) this.draft = structuredClone(kept);
  }

  private async act(work: () => Promise<ConnectorDetail>): Promise<ConnectorDetail | null> {
    this.saving = true;
    try {
      const detail = await work();
      this.take(detail);
      this.problem = null;
      forgetDraft(this.key);
      return detail;
    } catch (error) {
      this.problem = problemOf(error);
      if (this.problem.field !== null && isAdvanced(this.problem.field)) this.advancedOpen = true;
      return null;
    } finally {
      this.saving = false;
    }
  }
}
