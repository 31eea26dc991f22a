/** Who may call the Messenger, as it stands in the form: the allowed origins, identity verification and its secret (M4). */
import {
  problemOf,
  type IdentityVerification,
  type MessengerDraft,
  type MessengerStatus,
  type Problem,
} from '$lib/api';
import { draftOf, forgetDraft, keepDraft } from '$lib/shared/unsaved.svelte';

import { messenger } from './messenger.svelte';
import { splitOrigins, withOrigins, type OriginRow } from './origins';

const DRAFT = 'messenger';

type Stored = Pick<MessengerStatus, 'allowed_origins' | 'identity_verification' | 'has_secret'>;

/** Everything that was typed, to be found again after leaving the page. In memory only (T8). */
interface Typed {
  origins: OriginRow[];
  adding: string;
  identity: IdentityVerification;
  secret: string | null;
  removesSecret: boolean;
}

export class MessengerForm {
  origins = $state<OriginRow[]>([]);
  /** The field below the list: what stands there is saved with it. */
  adding = $state('');
  identity = $state<IdentityVerification>('off');
  /** The secret as typed; `null` keeps the stored one. */
  secret = $state<string | null>(null);
  /** The stored secret goes when this is saved. */
  removesSecret = $state(false);
  problem = $state.raw<Problem | null>(null);
  saving = $state(false);
  private stored = $state.raw<Stored | null>(null);

  get hasSecret(): boolean {
    return this.stored?.has_secret ?? false;
  }

  /** Whether saving would change something. */
  get dirty(): boolean {
    if (!this.stored) return false;
    return (
      Boolean(this.secret) ||
      this.removesSecret ||
      this.identity !== this.stored.identity_verification ||
      JSON.stringify(this.wantedOrigins) !== JSON.stringify(this.stored.allowed_origins)
    );
  }

  /** Takes what is stored now. What is typed and not saved stays. */
  follow({ allowed_origins, identity_verification, has_secret }: MessengerStatus): void {
    const stored = { allowed_origins, identity_verification, has_secret };
    if (JSON.stringify(stored) === JSON.stringify(this.stored)) return;
    const first = this.stored === null;
    const touched = this.dirty;
    this.stored = stored;
    if (!touched) this.fill(stored);
    const typed = first ? draftOf<Typed>(DRAFT) : undefined;
    if (typed) Object.assign(this, structuredClone(typed));
  }

  /** Puts these into the list, from this row on or at its end. */
  add(text: string): void {
    this.origins = withOrigins(this.origins, splitOrigins(text));
    this.adding = '';
    this.forgetOriginErrors();
  }

  remove(index: number): void {
    this.origins.splice(index, 1);
    this.forgetOriginErrors();
  }

  /** What is wrong with an origin stands at its row, which may be another one after a change. */
  forgetOriginErrors(): void {
    if (this.problem?.field?.startsWith('allowed_origins')) this.problem = null;
  }

  /** Goes back to what is stored. */
  revert(): void {
    if (this.stored) this.fill(this.stored);
    this.problem = null;
    forgetDraft(DRAFT);
  }

  /** Saves; whether that worked, else `problem` is set. */
  async save(): Promise<boolean> {
    this.add(this.adding);
    this.origins = this.origins.filter(({ text }) => text.trim() !== '');
    this.problem = this.missing;
    if (this.problem) return false;
    this.saving = true;
    try {
      const status = await messenger.setUp(this.draft);
      this.stored = status;
      this.fill(status);
      forgetDraft(DRAFT);
      return true;
    } catch (error) {
      this.problem = problemOf(error);
      return false;
    } finally {
      this.saving = false;
    }
  }

  /** Keeps what is typed, for coming back. */
  keep(): void {
    const { adding, identity, secret, removesSecret } = this;
    const origins = $state.snapshot(this.origins);
    if (this.dirty) keepDraft(DRAFT, { origins, adding, identity, secret, removesSecret } satisfies Typed);
    else forgetDraft(DRAFT);
  }

  private get wantedOrigins(): string[] {
    return withOrigins(this.origins, splitOrigins(this.adding))
      .map(({ text }) => text.trim())
      .filter((origin) => origin !== '');
  }

  private get draft(): MessengerDraft {
    return {
      allowed_origins: this.wantedOrigins,
      identity_verification: this.identity,
      identity_secret: this.removesSecret ? '' : this.secret || null,
    };
  }

  /** An empty secret would remove the stored one, which is only done on purpose. */
  private get missing(): Problem | null {
    if (this.secret !== '' || !this.hasSecret || this.removesSecret) return null;
    return {
      code: 'invalid',
      message: 'The new secret is empty.',
      next_step: 'Type it, or keep the stored one.',
      field: 'identity_secret',
    };
  }

  private fill({ allowed_origins, identity_verification, has_secret }: Stored): void {
    this.origins = allowed_origins.map((text) => ({ text }));
    this.adding = '';
    this.identity = identity_verification;
    this.secret = has_secret ? null : '';
    this.removesSecret = false;
  }
}
