/**
 * T3 on the page's side: an HTTP request token can be saved only after a test of exactly this request succeeded and a
 * location was chosen that yields a value in that test's response. The engine decides; this says beforehand what is
 * missing, and why.
 */
import type { Problem, RequestDraft, TestReport, TokenLocation } from '$lib/api';

import { sameChoice } from './location';

/** A request as it was sent, so that a later change can be told and named. */
export interface SentRequest {
  request: RequestDraft;
  report: TestReport;
}

export interface Proof {
  /** What is in the form now. */
  request: RequestDraft;
  location: TokenLocation | null;
  /** The newest test, if one was made. */
  tested: SentRequest | null;
  /** Why the newest test could not be made, if so. */
  testProblem: Problem | null;
  /** What is saved, for a token that is edited. */
  saved: { request: RequestDraft; location: TokenLocation | null } | null;
  /** Whether the location has been found to yield a value in the newest test's response. */
  located: boolean;
  /** Why the location yields nothing, if it does not. */
  locationProblem: Problem | null;
}

export type Missing =
  | { part: 'test'; sentence: string }
  | { part: 'changed'; what: string; sentence: string }
  | { part: 'success'; sentence: string }
  | { part: 'location'; sentence: string };

const PARTS: [keyof RequestDraft, string][] = [
  ['method', 'the method'],
  ['url', 'the URL'],
  ['headers', 'the HTTP headers'],
  ['parameters', 'the key-value pairs'],
  ['encoding', 'how the pairs are sent'],
];

function same(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** What differs between two requests, in words; `null` when nothing does. */
export function whatChanged(before: RequestDraft, now: RequestDraft): string | null {
  const changed = PARTS.filter(([part]) => !same(before[part], now[part])).map(([, words]) => words);
  if (changed.length > 2) return 'the request';
  return changed.length > 0 ? changed.join(' and ') : null;
}

function missingTest(proof: Proof): Missing | null {
  const { tested, saved, request } = proof;
  if (tested) {
    const what = whatChanged(tested.request, request);
    if (!what) return null;
    return { part: 'changed', what, sentence: `Not tested yet since you changed ${what}` };
  }
  if (proof.testProblem) return { part: 'success', sentence: 'The last test got no answer' };
  const what = saved && (whatChanged(saved.request, request) ?? 'the token location');
  if (what) return { part: 'changed', what, sentence: `Not tested yet since you changed ${what}` };
  return { part: 'test', sentence: 'Not tested yet' };
}

/** What stands between the form and *Save token*; `null` when nothing of T3 does. */
export function missing(proof: Proof): Missing | null {
  const { saved, request, location, tested } = proof;
  if (saved && !whatChanged(saved.request, request) && sameChoice(saved.location, location)) return null;
  const test = missingTest(proof);
  if (test) return test;
  if (tested && !tested.report.ok) {
    const { http_status, status_text } = tested.report;
    return { part: 'success', sentence: `The test answered ${String(http_status)} ${status_text}`.trim() };
  }
  if (!location) return { part: 'location', sentence: 'Choose which value is the token' };
  if (proof.locationProblem) return { part: 'location', sentence: 'The token location yields no value' };
  return proof.located ? null : { part: 'location', sentence: 'Looking at the token location' };
}
