import { describe, expect, it } from 'vitest';

import { filterableErrorTypes, resultWord } from './words';

describe('a run without a user token', () => {
  it.each([
    'fin_action_identity_verification_error',
    'non_fin_standalone_action_identity_verification_error',
  ] as const)('m6_has_its_own_word_in_the_log_and_can_be_filtered: %s', (error_type) => {
    expect(resultWord({ success: false, error_type, http_status: null })).toBe('no user token');
    expect(filterableErrorTypes).toContain(error_type);
  });
});
