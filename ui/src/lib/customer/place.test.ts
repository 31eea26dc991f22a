import { describe, expect, it } from 'vitest';

import { parse } from '$lib/shared/router.svelte';
import { queryOf } from '$lib/shared/place';

import { customerPlace, newCustomerPlace, runsPlace } from './place';

const USER_IDS = [
  'c-1042',
  'new',
  'id',
  '.',
  '..',
  'a/b/c',
  'a?b=c&d',
  '#top',
  '100%',
  '%2F',
  'a+b c',
  'ann@example.com',
  '"><img src=x onerror=alert(1)>',
  'مستخدم-١',
  '\u202eevil\u2069',
  '🗝️',
  'x'.repeat(255),
];

describe('the place of a customer', () => {
  it.each(USER_IDS)('comes back as it was: %s', (userId) => {
    // Through a real address, as a link and a reload go.
    location.hash = `#${customerPlace(userId)}`;
    expect(parse(location.hash.slice(1))).toEqual({ page: 'customer', userId });
  });

  it.each(USER_IDS)('carries a user id into the form of a new one and into the log: %s', (userId) => {
    location.hash = `#${newCustomerPlace(userId)}`;
    expect(parse(location.hash.slice(1))).toEqual({ page: 'customer_new' });
    expect(queryOf(location.hash.slice(1)).get('user_id')).toBe(userId);
    expect(queryOf(runsPlace(userId)).get('customer')).toBe(userId);
  });

  it('of a new one says nothing where nothing is known', () => {
    expect(newCustomerPlace()).toBe('/customers/new');
  });
});
