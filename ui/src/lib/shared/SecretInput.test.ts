import { fireEvent, render, screen } from '@testing-library/svelte';
import { tick } from 'svelte';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { REVEAL_MILLISECONDS } from './reveal.svelte';
import SecretInput from './SecretInput.svelte';

const DOTS = '••••••••••••';
const input = (): HTMLElement => screen.getByTestId('secret');

describe('a stored secret', () => {
  beforeEach(() => {
    vi.useFakeTimers();
    render(SecretInput, {
      value: null,
      stored: true,
      onreveal: () => Promise.resolve('hunter2'),
      label: 'Password',
      'data-testid': 'secret',
    });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  async function reveal(): Promise<void> {
    await fireEvent.click(screen.getByTestId('secret-reveal'));
    await vi.advanceTimersByTimeAsync(1);
    expect(input()).toHaveValue('hunter2');
  }

  it('t8_it_is_dots_until_it_is_revealed', () => {
    expect(input()).toHaveValue(DOTS);
  });

  it('t8_a_revealed_secret_goes_after_30_seconds', async () => {
    await reveal();
    await vi.advanceTimersByTimeAsync(REVEAL_MILLISECONDS - 100);
    expect(input()).toHaveValue('hunter2');
    await vi.advanceTimersByTimeAsync(200);
    expect(input()).toHaveValue(DOTS);
  });

  it('t8_a_revealed_secret_goes_when_focus_leaves', async () => {
    await reveal();
    await fireEvent.focusOut(input(), { relatedTarget: document.body });
    expect(input()).toHaveValue(DOTS);
  });

  it('t8_a_revealed_secret_goes_with_the_window_and_with_navigation', async () => {
    for (const event of [new Event('blur'), new HashChangeEvent('hashchange')]) {
      await reveal();
      window.dispatchEvent(event);
      await tick();
      expect(input()).toHaveValue(DOTS);
    }
  });

  it('t8_what_is_typed_is_hidden_again_after_30_seconds', async () => {
    await fireEvent.click(screen.getByTestId('secret-replace'));
    await fireEvent.input(input(), { target: { value: 'new secret' } });
    await fireEvent.click(screen.getByRole('button', { name: 'Show what is typed' }));
    expect(input()).toHaveAttribute('type', 'text');
    await vi.advanceTimersByTimeAsync(REVEAL_MILLISECONDS + 100);
    expect(input()).toHaveAttribute('type', 'password');
    expect(input()).toHaveValue('new secret');
  });
});
