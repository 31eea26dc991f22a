import { render, screen, within } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';

import { setBackend, type Execution } from '$lib/api';
import { fakeBackend, FakeWorkspace } from '$lib/api/fake';
import { addSampleConnectors } from '$lib/api/fake/connectors';
import { execution, type RunKind } from '$lib/api/fake/runs';

import { expectAccessible } from '../../test/axe';
import RunPicture from './RunPicture.svelte';
import RunResult from './RunResult.svelte';

function show(kind: RunKind): { container: HTMLElement; workspace: FakeWorkspace; run: Execution } {
  const workspace = new FakeWorkspace();
  const run = execution(kind);
  workspace.executions.push(run);
  setBackend(fakeBackend(workspace));
  return { ...render(RunResult, { execution: run }), workspace, run };
}

describe('what came of a run', () => {
  it.each<[RunKind, string, string]>([
    ['succeeded', 'Succeeded in 97 ms', ''],
    ['refreshed', 'Succeeded in 458 ms', ''],
    [
      'login_failed',
      'A token could not be refreshed',
      "Try Test request on the token, or look at the endpoint's own log.",
    ],
    ['refused', 'An input is missing or wrong', 'Give it a value. Nothing was sent.'],
    ['cancelled', 'Cancelled after 1.24 s', 'Run it again when you like'],
    ['no_answer', 'Could not get an answer', 'Check that the API is up'],
    ['played', 'Played with the mock response', ''],
  ])('e11_%s_has_its_headline_and_next_step', async (kind, headline, nextStep) => {
    const { container } = show(kind);
    expect(screen.getByTestId('run-headline')).toHaveTextContent(headline);
    if (nextStep) expect(screen.getByTestId('run-next-step')).toHaveTextContent(nextStep);
    else expect(screen.queryByTestId('run-next-step')).toBeNull();
    await expectAccessible(container);
  });

  it('says that the token was refreshed, and why', () => {
    show('refreshed');
    expect(screen.getByTestId('run-renewed')).toHaveTextContent('token refreshed once');
    expect(screen.getByTestId('run-steps')).toHaveTextContent(
      'which was still the newest, so it was refreshed',
    );
  });

  it('e8_shows_the_hint_of_a_200_that_means_no', () => {
    show('denied');
    expect(screen.getByTestId('run-hint')).toHaveTextContent('The server should answer 401');
  });

  it('opens the redacted request and response of an arrow by keyboard', async () => {
    const user = userEvent.setup();
    const { container } = show('refreshed');
    const first = screen.getByRole('button', { name: /^request\s+GET \/orders\/A-1042\s+401/ });
    first.focus();
    await user.keyboard('{Enter}');
    expect(first).toHaveAttribute('aria-expanded', 'true');
    const detail = screen.getByTestId('exchange-detail');
    expect(detail).toHaveTextContent('Bearer ****');
    expect(detail).toHaveTextContent('token expired');
    await expectAccessible(container);
    await user.click(screen.getByRole('button', { name: 'Close request and response' }));
    expect(screen.queryByTestId('exchange-detail')).toBeNull();
  });

  it('copies the request of an arrow as cURL, once the run is recorded', async () => {
    const user = userEvent.setup();
    const { workspace, run } = show('refreshed');
    await user.click(screen.getByRole('button', { name: /^retry, once\s+GET/ }));
    await user.click(within(screen.getByTestId('exchange-detail')).getByTestId('copy-curl'));
    expect(workspace.copied).toEqual([
      {
        source: {
          kind: 'step',
          execution_id: run.id,
          step: run.steps.findIndex(({ kind }) => kind === 'retry'),
        },
        shell: 'bash',
      },
    ]);
    const { rerender } = render(RunPicture, { steps: run.steps });
    await rerender({ steps: run.steps });
    const running = screen.getAllByRole('button', { name: /^retry, once\s+GET/ }).at(-1);
    await user.click(running as HTMLElement);
    const details = screen.getAllByTestId('exchange-detail');
    expect(details, 'two pictures are open').toHaveLength(2);
    const copies = details.map((detail) => within(detail).queryAllByTestId('copy-curl').length);
    expect(copies, 'a run under way is not recorded yet').toEqual([1, 0]);
  });

  it('e7_says_that_only_the_shape_of_a_login_response_is_kept', async () => {
    const user = userEvent.setup();
    show('refreshed');
    await user.click(screen.getByRole('button', { name: /^refresh\s+POST/ }));
    expect(screen.getByTestId('shape-note')).toHaveTextContent('Only the shape of a login response is kept.');
    expect(screen.getByLabelText('Response body')).toHaveTextContent('access_token: string(312)');
  });

  it('lists every step in order for those who do not see the picture', () => {
    show('refreshed');
    const steps = within(screen.getByTestId('run-picture')).getAllByRole('listitem');
    const words = steps.map((item) => item.textContent.replaceAll(/\s+/g, ' ').trim());
    expect(words).toEqual([
      expect.stringMatching(/^check: Inputs, URL and headers are in order/),
      expect.stringMatching(/^request GET .*401/),
      expect.stringMatching(/^refresh POST \/login .*generation 7 → 8/),
      expect.stringMatching(/^retry, once GET .*200/),
      expect.stringMatching(/^reading: The answer was read/),
    ]);
  });

  it('r3_shows_what_was_mapped_and_marks_it_in_the_response', async () => {
    const user = userEvent.setup();
    show('succeeded');
    const status = await screen.findByRole('treeitem', { name: /^status:/ });
    expect(status).toHaveTextContent('mapped to order_status');
    await user.click(screen.getByTestId('tab-mapped'));
    expect(screen.getByTestId('mapped-fields')).toHaveTextContent('conversation · order_status');
  });

  it('draws the steps as they come while the run is under way', async () => {
    const { steps } = execution('refreshed');
    const { rerender } = render(RunPicture, { steps: [] });
    expect(screen.getByText('Checking inputs, URL and headers …')).toBeVisible();
    await rerender({ steps: steps.slice(0, 2) });
    expect(screen.getAllByTestId('run-exchange')).toHaveLength(1);
    expect(screen.getByText('Waiting for the answer …')).toBeVisible();
  });

  it('says when, for whom and under which id it ran, and copies the id or the command', async () => {
    const user = userEvent.setup();
    const workspace = new FakeWorkspace();
    const run = execution('not_found', {
      customer: 'c-1042',
      source_type: 'fin',
      sent_tokens: [
        { token_id: 'token-session', name: 'session_token', generation: 3 },
        { token_id: 'token-session', name: 'session_token', generation: 4 },
      ],
    });
    workspace.executions.push(run);
    setBackend(fakeBackend(workspace));
    render(RunResult, { execution: run });
    const facts = screen.getByTestId('run-facts');
    const sent = 'sent session_token (generation 3), session_token (generation 4)';
    for (const word of ['Fin', 'customer c-1042', sent, '3rd_party_error', run.id]) {
      expect(facts).toHaveTextContent(word);
    }
    await user.click(screen.getByTestId('copy-execution-id'));
    await user.click(screen.getByTestId('copy-execution-command'));
    expect(workspace.clipboard).toEqual([run.id, `latchkey logs --id ${run.id}`]);
  });

  it('copies the last request to the API as cURL without an arrow being opened', async () => {
    const user = userEvent.setup();
    const { workspace, run } = show('refreshed');
    await user.click(screen.getByTestId('copy-curl'));
    const step = run.steps.findIndex(({ kind }) => kind === 'retry');
    expect(workspace.copied).toEqual([
      { source: { kind: 'step', execution_id: run.id, step }, shell: 'bash' },
    ]);
  });

  it('has no request to copy where nothing was sent', () => {
    show('refused');
    expect(screen.queryByTestId('copy-curl')).toBeNull();
  });

  it('s2_marks_what_was_redacted_in_a_request', async () => {
    const user = userEvent.setup();
    show('refreshed');
    await user.click(screen.getByRole('button', { name: /^refresh\s+POST/ }));
    expect(within(screen.getByLabelText('Request body')).getAllByTestId('redacted')).toHaveLength(2);
    expect(screen.getByLabelText('Request body').textContent).toContain('"password": "****"');
  });

  it('shows where the time of each exchange went, and that a connection was used again', async () => {
    const user = userEvent.setup();
    const { container } = show('refreshed');
    await user.click(screen.getByTestId('tab-timing'));
    const bars = within(screen.getByTestId('run-times')).getAllByRole('img');
    expect(bars.map((bar) => bar.getAttribute('aria-label'))).toEqual([
      '96 ms in all: DNS 1.2 ms, connect 12 ms, TLS 25 ms, first byte 58 ms, download 0.41 ms',
      '96 ms in all: DNS 1.2 ms, connect 12 ms, TLS 25 ms, first byte 58 ms, download 0.41 ms',
      '96 ms in all: connection reused, first byte 95 ms, download 0.38 ms',
    ]);
    expect(screen.getByTestId('connection-reused')).toBeVisible();
    await user.click(screen.getByRole('button', { name: /^retry, once\s+GET/ }));
    expect(screen.getByTestId('http-version')).toHaveTextContent('HTTP/1.1');
    await expectAccessible(container);
  });

  it('says why there are no times when no answer came', async () => {
    const user = userEvent.setup();
    show('no_answer');
    await user.click(screen.getByTestId('tab-timing'));
    expect(screen.getByTestId('run-times')).toHaveTextContent('No answer came');
  });

  it('shows what it was given', async () => {
    const user = userEvent.setup();
    const { run } = show('succeeded');
    await user.click(screen.getByTestId('tab-given'));
    expect(screen.getByTestId('run-given')).toHaveTextContent('order_id A-1042');
    expect(run.customer).toBeNull();
  });

  it('e7_shows_the_saved_shape_beside_the_one_that_came_with_what_moved_in_words', async () => {
    const user = userEvent.setup();
    const { container } = show('moved');
    expect(screen.getByTestId('run-hint')).toHaveTextContent('answers in another shape');
    await user.click(screen.getByRole('button', { name: /^refresh\s+POST/ }));
    expect(screen.getByTestId('shape-saved')).toHaveTextContent('gone: access_token: string(298)');
    expect(screen.getByTestId('shape-came')).toHaveTextContent('new: session: object');
    await expectAccessible(container);
  });

  it('c4_draws_the_shut_gate_of_the_breaker_and_the_breaker_as_it_is_now', async () => {
    const workspace = new FakeWorkspace();
    const connector_id = addSampleConnectors(workspace, '');
    const run = execution('circuit_open', { connector_id });
    workspace.executions.push(run);
    setBackend(fakeBackend(workspace));
    const { container } = render(RunResult, { execution: run });
    expect(screen.getByTestId('breaker-gate')).toHaveTextContent('refused: nothing leaves');
    expect(screen.getByTestId('next-probe')).toHaveTextContent('the next probe was due at');
    expect(await screen.findByTestId('breaker-closed-since')).toBeVisible();
    expect(screen.queryByTestId('run-steps'), 'there is nothing to add to the sentence').toBeNull();
    await expectAccessible(container);
  });
});
