/**
 * A customer as it stands in the form. What another program changes meanwhile is taken where nothing was typed. All that is
 * typed, values of tokens included, is kept in memory when the page is left (T8: never on disk).
 */
import {
  backend,
  problemOf,
  type CustomerDetail,
  type CustomerKind,
  type CustomerSummary,
  type Problem,
} from '$lib/api';
import { draftOf, forgetDraft, keepDraft } from '$lib/shared/unsaved.svelte';

interface Fields {
  userId: string;
  email: string;
  name: string;
  kind: CustomerKind;
}

interface Kept extends Fields {
  typed: Record<string, string>;
}

const NAMES = ['userId', 'email', 'name', 'kind'] as const satisfies (keyof Fields)[];

export class CustomerForm {
  userId = $state('');
  email = $state('');
  name = $state('');
  kind = $state<CustomerKind>('users');
  /** Values of user tokens as typed, by the token's id; only of those that are being typed. */
  typed = $state<Record<string, string>>({});
  problem = $state.raw<Problem | null>(null);
  saving = $state(false);
  /** The user id that another customer was found to have already. */
  taken = $state<string | null>(null);
  private base = $state.raw<Fields>({ userId: '', email: '', name: '', kind: 'users' });

  /** `known` is null for a customer that is being made. */
  constructor(
    private readonly known: string | null,
    userId = '',
  ) {
    this.userId = known ?? userId;
    this.base = this.fields;
    const kept = draftOf<Kept>(this.key);
    if (kept) Object.assign(this, kept);
  }

  get dirty(): boolean {
    const typing = Object.values(this.typed).some((value) => value !== '');
    return typing || NAMES.some((name) => this[name] !== this.base[name]);
  }

  /** What the engine knows now. */
  take(customer: CustomerSummary): void {
    const now: Fields = {
      userId: customer.user_id,
      email: customer.email ?? '',
      name: customer.name ?? '',
      kind: customer.kind,
    };
    const untouched = NAMES.filter((name) => this[name] === this.base[name]);
    Object.assign(this, Object.fromEntries(untouched.map((name) => [name, now[name]])));
    this.base = now;
  }

  /** Gives what was saved, or null when it was refused: then `problem` says why. */
  async save(): Promise<CustomerDetail | null> {
    this.saving = true;
    this.problem = null;
    this.taken = null;
    try {
      const { userId: user_id, email, name, kind } = this.fields;
      const saved = await backend.saveCustomer({ user_id, email, name, kind }, this.known !== null);
      Object.assign(this, { email: saved.email ?? '', name: saved.name ?? '', kind: saved.kind });
      this.base = this.fields;
      return saved;
    } catch (error) {
      this.problem = problemOf(error);
      if (this.known === null && this.problem.field === 'user_id') await this.lookForTaken();
      return null;
    } finally {
      this.saving = false;
    }
  }

  /** What is typed as the value of a token; `undefined` when it is no longer typed. */
  type(tokenId: string, value: string | undefined): void {
    const others = Object.entries(this.typed).filter(([id]) => id !== tokenId);
    this.typed = Object.fromEntries(value === undefined ? others : [...others, [tokenId, value]]);
  }

  /** Takes back what was typed in the fields. */
  revert(): void {
    Object.assign(this, this.base);
    this.problem = null;
  }

  /** To be found again when the page is left. */
  keep(): void {
    if (this.dirty) {
      keepDraft(this.key, { ...this.fields, typed: $state.snapshot(this.typed) } satisfies Kept);
    } else this.forget();
  }

  forget(): void {
    forgetDraft(this.key);
  }

  private async lookForTaken(): Promise<void> {
    const { userId } = this.fields;
    try {
      this.taken = (await backend.getCustomer(userId)).user_id;
    } catch {
      // Something else is wrong with it, and the field says what.
    }
  }

  private get fields(): Fields {
    const [userId, email, name] = [this.userId, this.email, this.name].map((text) => text.trim());
    return { userId: this.known ?? userId ?? '', email: email ?? '', name: name ?? '', kind: this.kind };
  }

  private get key(): string {
    return this.known === null ? 'customer new' : `customer id ${this.known}`;
  }
}
