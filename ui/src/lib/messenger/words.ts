/** How the Messenger reads on the page. */
import type { IdentityVerification, MessengerCall, SnippetLanguage } from '$lib/api';

interface Way {
  way: IdentityVerification;
  title: string;
  /** What it means. */
  means: string;
  /** What callers send. */
  send: string;
}

export const WAYS: readonly Way[] = [
  {
    way: 'off',
    title: 'Off',
    means: 'Callers need not prove for whom they speak. Only pages of allowed origins are heard.',
    send: 'Callers send nothing more.',
  },
  {
    way: 'jwt',
    title: 'Signed JWT',
    means:
      'Your server signs a JWT for each customer with the secret (HS256). It holds user_id; with exp it ends by itself.',
    send: 'Pages send intercom_user_jwt with boot, apps send it as jwt when they log in.',
  },
  {
    way: 'user_hash',
    title: 'User hash',
    means:
      'Your server computes the HMAC-SHA256 of each user_id with the secret, in hexadecimal digits. It does not end by itself.',
    send: 'Callers send user_hash with boot.',
  },
];

export const LANGUAGE_NAMES: Record<SnippetLanguage, string> = {
  javascript: 'JavaScript',
  swift: 'Swift',
  kotlin: 'Kotlin',
  curl: 'curl',
};

/** What stands in the way of a call in this language, if anything does. */
export function inTheWay(
  language: SnippetLanguage,
  messenger: { running: boolean; allowed_origins: string[]; identity_verification: IdentityVerification },
): string | null {
  if (!messenger.running) return 'The Messenger does not run, so no call is heard.';
  if (language === 'javascript' && messenger.allowed_origins.length === 0)
    return 'No page may call yet: no origin is allowed.';
  if ((language === 'swift' || language === 'kotlin') && messenger.identity_verification === 'off')
    return 'Identity verification is off, so native apps are not heard.';
  return null;
}

export function callTone(status: number): 'ok' | 'warn' | 'bad' {
  if (status < 400) return 'ok';
  return status < 500 ? 'warn' : 'bad';
}

/**
 * Where the customer of a call is looked at; `null` when the call was refused, so that there may be no such customer.
 * 422 keeps the known tokens (M2), so that the customer is there.
 */
export function customerPlace({ user_id, http_status }: MessengerCall): string | null {
  if (user_id === null || (http_status >= 400 && http_status !== 422)) return null;
  return `#/customers/id/${encodeURIComponent(user_id)}`;
}

/** Names each call, the same while others come and go: by its time, and of equal times by its place from the oldest on. */
export function callKeys(calls: readonly MessengerCall[]): string[] {
  const seen = new Map<string, number>();
  const keys = calls.toReversed().map(({ at }) => {
    const before = seen.get(at) ?? 0;
    seen.set(at, before + 1);
    return `${at} ${String(before)}`;
  });
  return keys.reverse();
}
