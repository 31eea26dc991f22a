import { render, waitFor, within } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';

import { setBackend, type Execution } from '$lib/api';
import { fakeBackend, FakeWorkspace } from '$lib/api/fake';
import { execution } from '$lib/api/fake/runs';
import ResponseTree from '$lib/response/ResponseTree.svelte';

import CompareChoice from './CompareChoice.svelte';
import CompareResult from './CompareResult.svelte';
import RunResult from './RunResult.svelte';

/** Each would become an element, an attribute or an address if it were taken for anything but text. */
const HOSTILE = [
  '<img src=x onerror="window.hostile=1">',
  '<script>window.hostile=1</script>',
  '"><svg onload=window.hostile=1>',
  '<a href="javascript:window.hostile=1">here</a>',
  'javascript:window.hostile=1',
  '{@html "<b>bold</b>"}',
  '&lt;b&gt;&#60;i&#62;',
];

const nothing = (): void => undefined;

function hostileRun(text: string): Execution {
  const run = execution('refreshed');
  run.sentence = run.next_step = run.hint = text;
  run.request_url = run.request_body = run.response_body = run.raw_response_body = text;
  run.connector_name = text;
  run.customer = text;
  run.inputs = [{ name: text, value: text, redacted: false }];
  run.mapped_fields = [{ object_type: text, attribute: text, path: text, value: text }];
  for (const step of run.steps) {
    step.detail = text;
    if (step.token) step.token.name = text;
    const { exchange } = step;
    if (!exchange) continue;
    exchange.url = exchange.host = exchange.path = exchange.failure = text;
    exchange.request_body = exchange.response_body = exchange.http_version = text;
    Object.assign(exchange, { saved_shape: text });
    exchange.request_headers = exchange.response_headers = [{ name: text, value: text }];
  }
  return run;
}

function expectOnlyText(container: HTMLElement, text: string): void {
  // Icons and the lanes of a run are drawings of our own, and our own elements have a class; none has a handler.
  const made = 'img, script, iframe, object, embed, b:not([class]), i:not([class]), [onerror], [onload]';
  expect(container.querySelector(made)).toBeNull();
  for (const element of container.querySelectorAll('[href], [src], [action]')) {
    for (const name of ['href', 'src', 'action']) {
      expect(element.getAttribute(name) ?? '').not.toContain('javascript:');
    }
  }
  expect(container.textContent).toContain(text);
  expect('hostile' in window).toBe(false);
}

describe('what a hostile server wrote', () => {
  it.each(HOSTILE)('s5_is_text_in_a_run_its_log_and_its_exchange: %s', async (text) => {
    const user = userEvent.setup();
    const workspace = new FakeWorkspace();
    const run = hostileRun(text);
    workspace.executions.push(run);
    setBackend(fakeBackend(workspace));
    const { container } = render(RunResult, { execution: run });
    expectOnlyText(container, text);
    for (const arrow of within(container)
      .getAllByRole('button')
      .filter((button) => button.hasAttribute('aria-expanded'))) {
      await user.click(arrow);
      expectOnlyText(container, text);
    }
    expect(within(container).getByTestId('exchange-detail')).toHaveTextContent(text);
    for (const tab of ['mapped', 'headers', 'timing', 'given']) {
      await user.click(within(container).getByTestId(`tab-${tab}`));
      expectOnlyText(container, text);
    }
  });

  it.each(HOSTILE)('s5_is_text_where_two_executions_are_compared: %s', (text) => {
    const [left, right] = [hostileRun(text), execution('not_found')];
    for (const onlyDifferences of [false, true]) {
      const { container } = render(CompareResult, { left, right, onlyDifferences });
      expectOnlyText(container, text);
    }
  });

  it.each(HOSTILE)('s5_is_text_in_what_is_offered_for_comparing: %s', async (text) => {
    const workspace = new FakeWorkspace();
    workspace.executions.push(execution('succeeded'), { ...hostileRun(text), id: 'other' });
    setBackend(fakeBackend(workspace));
    const run = execution('succeeded');
    const { container } = render(CompareChoice, { execution: run, onclose: nothing, onchoose: nothing });
    await waitFor(() => {
      expectOnlyText(container, text);
    });
  });

  it.each(HOSTILE)('s5_is_text_in_keys_and_values_of_a_response_tree: %s', async (text) => {
    const workspace = new FakeWorkspace();
    workspace.bodies.set('r', { [text]: text, list: [text] });
    setBackend(fakeBackend(workspace));
    const { container } = render(ResponseTree, { responseId: 'r' });
    await waitFor(() => {
      expectOnlyText(container, text);
    });
  });
});
