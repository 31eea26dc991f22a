/** A token as it stands in the form: what all types share, the text value, and the authentication request. */
import {
  backend,
  problemOf,
  type CurlImport,
  type LocationIn,
  type Problem,
  type RequestDraft,
  type RequestView,
  type TokenDetail,
  type TokenDraft,
  type TokenLocation,
  type TokenType,
} from '$lib/api';

import { chosenOf, fingerprint, sameChoice } from './location';
import { marginOf, marginProblem } from './refresh-ahead';
import { draftsOf, rowOf, type FieldRow } from './rows';
import { RequestTest } from './request-test.svelte';
import { missing, whatChanged } from './tested-before-saved';

/** Everything that was typed, to be found again after leaving the page. In memory only (T8). */
export type TypedToken = ReturnType<TokenForm['typed']>;

export class TokenForm {
  readonly id: string | null;
  readonly type: TokenType;
  name = $state('');
  description = $state('');
  headerKey = $state('Authorization');
  prefix = $state('Bearer');
  domain = $state('');
  /** The text value; `null` keeps the stored one. */
  value = $state<string | null>('');

  method = $state('POST');
  url = $state('');
  headers = $state<FieldRow[]>([]);
  parameters = $state<FieldRow[]>([]);
  encoding = $state<NonNullable<RequestDraft['encoding']>>('json');
  location = $state<TokenLocation | null>(null);
  /** The part of the response that is chosen while no location is. */
  place = $state<LocationIn>('json');
  /** *Refresh before it expires*, with its margin in seconds as typed. */
  refreshAhead = $state(false);
  refreshMargin = $state('');

  problem = $state.raw<Problem | null>(null);
  saving = $state(false);
  readonly test: RequestTest;

  private readonly saved: { request: RequestDraft; location: TokenLocation | null } | null;
  private readonly before: string;

  constructor(type: TokenType, detail: TokenDetail | null = null) {
    this.type = type;
    this.id = detail?.summary.id ?? null;
    if (detail) this.fillFrom(detail);
    this.saved = detail ? { request: this.request, location: detail.location } : null;
    this.before = this.fingerprint();
    this.test = new RequestTest(this);
  }

  /** The request as it would be sent now. */
  get request(): RequestDraft {
    return {
      method: this.method,
      url: this.url.trim(),
      headers: draftsOf(this.headers),
      parameters: draftsOf(this.parameters),
      encoding: this.encoding,
    };
  }

  /** What of T3 is missing before it can be saved. */
  get missing(): ReturnType<typeof missing> {
    if (this.type !== 'http_request') return null;
    return missing({
      request: this.request,
      location: chosenOf(this.location),
      tested: this.test.sent,
      testProblem: this.test.problem,
      saved: this.saved,
      located: this.test.located !== null,
      locationProblem: this.test.locationProblem,
    });
  }

  /** Whether saving gives the token another value (T3: a changed request or location discards the stored one). */
  get proofNeeded(): boolean {
    if (!this.saved) return true;
    return (
      whatChanged(this.saved.request, this.request) !== null ||
      !sameChoice(this.saved.location, this.location)
    );
  }

  get dirty(): boolean {
    return this.fingerprint() !== this.before;
  }

  get draft(): TokenDraft {
    const common = {
      id: this.id,
      name: this.name.trim(),
      description: this.description.trim(),
      request_header_key: this.headerKey.trim(),
      token_prefix: this.prefix.trim(),
      domain: this.domain.trim() || null,
    };
    if (this.type === 'user') return { ...common, token_type: 'user' };
    if (this.type === 'text') return { ...common, token_type: 'text', value: this.value };
    const chosen = this.proofNeeded ? (this.test.located?.location ?? this.location) : this.location;
    return {
      ...common,
      token_type: 'http_request',
      request: this.request,
      location: chosenOf(chosen),
      refresh_before_seconds: this.refreshAhead ? marginOf(this.refreshMargin) : null,
    };
  }

  /** Saves; the saved token, or `null` with `problem` set. */
  async save(): Promise<TokenDetail | null> {
    this.problem = this.refreshAhead ? marginProblem(this.refreshMargin) : null;
    if (this.problem) return null;
    this.saving = true;
    try {
      const proof = this.type === 'http_request' && this.proofNeeded ? this.test.sent?.report.test_id : null;
      return await backend.saveToken(this.draft, proof ?? null);
    } catch (error) {
      this.problem = problemOf(error);
      if (this.problem.code === 'response_gone' || this.problem.code === 'needs_test') this.test.forget();
      return null;
    } finally {
      this.saving = false;
    }
  }

  fillFromCurl(pasted: CurlImport): void {
    const { request } = pasted;
    this.method = request.method.toUpperCase();
    this.url = request.url;
    this.headers = (request.headers ?? []).map(rowOf);
    this.parameters = (request.parameters ?? []).map(rowOf);
    this.encoding = request.encoding ?? 'json';
  }

  typed() {
    const { name, description, headerKey, prefix, domain, value, method, url, encoding } = this;
    const { place, refreshAhead, refreshMargin } = this;
    const rows = $state.snapshot({
      headers: this.headers,
      parameters: this.parameters,
      location: this.location,
    });
    return {
      ...{ name, description, headerKey, prefix, domain, value, method, url, encoding },
      ...{ place, refreshAhead, refreshMargin },
      ...rows,
    };
  }

  /** What was typed, as one text to compare: only what saving would keep counts. */
  private fingerprint(): string {
    const { refreshAhead, refreshMargin, ...typed } = this.typed();
    const margin = refreshAhead ? refreshMargin : null;
    return JSON.stringify({ ...typed, place: null, margin, location: fingerprint(typed.location) });
  }

  restore(typed: TypedToken): void {
    Object.assign(this, structuredClone(typed));
  }

  private fillFrom(detail: TokenDetail): void {
    this.name = detail.summary.name;
    this.description = detail.summary.description;
    this.headerKey = detail.request_header_key;
    this.prefix = detail.token_prefix;
    this.domain = detail.summary.domain ?? '';
    this.value = null;
    this.location = detail.location;
    this.place = detail.location?.in ?? 'json';
    this.refreshAhead = detail.refresh_before_seconds !== null;
    this.refreshMargin = String(detail.refresh_before_seconds ?? '');
    if (detail.request) this.fillRequest(detail.request);
  }

  private fillRequest(request: RequestView): void {
    this.method = request.method;
    this.url = request.url;
    this.headers = request.headers.map(rowOf);
    this.parameters = request.parameters.map(rowOf);
    this.encoding = request.encoding;
  }
}
