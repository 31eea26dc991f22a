import { describe, expect, it } from 'vitest';

import type { CustomerSummary } from '$lib/api';

import { lackOf } from './lack';

const ann: CustomerSummary = {
  user_id: 'ann',
  email: null,
  name: null,
  kind: 'leads',
  tokens: ['session'],
  last_seen_at: null,
  created_at: '2026-05-04T12:00:00Z',
};
const nobody = { userId: '', known: null, userTokens: ['session', 'orders'], audiences: [] };
const asAnn = { ...nobody, userId: 'ann', known: ann };

describe('what a run would lack', () => {
  it('m6_is_a_customer_when_user_tokens_are_sent', () => {
    expect(lackOf(nobody)).toMatch(/sends the user tokens session and orders: without a customer/);
    expect(lackOf({ ...nobody, userTokens: [] })).toBeNull();
  });

  it('m6_is_the_value_that_the_customer_does_not_hold', () => {
    expect(lackOf(asAnn)).toMatch(/^This customer holds no value of orders:/);
    expect(lackOf({ ...asAnn, userTokens: ['session'] })).toBeNull();
    expect(lackOf({ ...asAnn, known: 'unknown' })).toMatch(/no value of session and orders/);
  });

  it('r4_is_being_of_the_kind_that_the_connector_is_for', () => {
    expect(lackOf({ ...asAnn, audiences: ['users'] })).toMatch(/for users only, .* one of the leads/);
    expect(lackOf({ ...asAnn, userTokens: [], audiences: ['leads', 'visitors'] })).toBeNull();
    expect(
      lackOf({ ...asAnn, userTokens: [], audiences: ['users'], known: 'unknown' }),
      'whom nobody knows is one of the users',
    ).toBeNull();
    expect(lackOf({ ...nobody, userTokens: [], audiences: ['leads'] }), 'nobody is asked').toBeNull();
  });

  it('is not guessed before the customer has been looked up', () => {
    expect(lackOf({ ...asAnn, known: null })).toBeNull();
  });
});
