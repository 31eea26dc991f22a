import { screen, waitFor } from '@testing-library/svelte';
import { describe, expect, it, vi } from 'vitest';

import { backend, type ConnectorDraft } from '$lib/api';
import { connectorDetail, orderDraft } from '$lib/api/fake/connectors';

import { expectAccessible } from '../../test/axe';
import { openApp, useWorkspace } from '../../test/page';

const get = (id: string): HTMLElement => screen.getByTestId(id);

async function openTest(over: Partial<ConnectorDraft> = {}, live = false) {
  const workspace = useWorkspace();
  const connector = connectorDetail(orderDraft({ name: 'Orders', ...over }), {
    state: live ? 'live' : 'draft',
  });
  workspace.connectors.push(connector);
  const id = connector.summary.id;
  const opened = await openApp(`/connectors/${id}/test`, workspace);
  await screen.findByTestId('run-connector');
  return { ...opened, connector, id };
}

describe('the test of a connector', () => {
  it('has a widget for each type of data input', async () => {
    const { container } = await openTest({
      data_inputs: [
        { name: 'text', type: 'string', required: true, description: 'Anything' },
        { name: 'whole', type: 'integer' },
        { name: 'part', type: 'decimal', default_value: '1.5' },
        { name: 'flag', type: 'boolean', default_value: 'true' },
      ],
    });
    expect(get('run-input-text')).toHaveAccessibleDescription('string · required · Anything');
    expect(get('run-input-text')).toHaveAttribute('aria-required', 'true');
    expect(get('run-input-whole')).toHaveAttribute('inputmode', 'numeric');
    expect(get('run-input-part')).toHaveAttribute('placeholder', '1.5');
    expect(get('run-input-flag')).toHaveTextContent('default (true)truefalse');
    await expectAccessible(container);
  });

  it('r1_offers_only_the_source_test_to_a_draft_and_says_so', async () => {
    await openTest();
    expect(get('run-source').querySelectorAll('option')).toHaveLength(1);
    expect(get('run-source')).toHaveAccessibleDescription('A draft runs from Test only.');
  });

  it('r1_offers_every_source_when_live', async () => {
    const { user, id } = await openTest({}, true);
    const run = vi.spyOn(backend, 'runConnector');
    await user.selectOptions(get('run-source'), 'Fin');
    await user.type(get('run-input-order_id'), 'A-1');
    await user.click(get('run-connector'));
    await screen.findByTestId('run-result');
    expect(run.mock.calls[0]?.slice(1, 5)).toEqual([id, { order_id: 'A-1' }, 'fin', false]);
  });

  it('runs for a customer, who is remembered as inputs are', async () => {
    const { user, id } = await openTest();
    const run = vi.spyOn(backend, 'runConnector');
    await user.type(get('run-input-order_id'), 'A-1');
    await user.click(get('run-connector'));
    await screen.findByTestId('run-result');
    expect(run.mock.calls[0]?.[5], 'it is optional').toBeNull();
    await user.type(get('run-customer-id'), ' c-1042 ');
    await user.click(get('run-connector'));
    expect(await screen.findByTestId('execution-customer')).toHaveTextContent('c-1042');
    expect(run.mock.calls[1]?.[5]).toBe('c-1042');
    location.hash = '#/appearance';
    await screen.findByTestId('theme-dark');
    location.hash = `#/connectors/${id}/test`;
    expect(await screen.findByTestId('run-customer-id')).toHaveValue(' c-1042 ');
  });

  it('runs with Ctrl+Enter and shows what happened', async () => {
    const { user, container, id } = await openTest();
    await user.type(get('run-input-order_id'), 'expired');
    await user.keyboard('{Control>}{Enter}{/Control}');
    expect(await screen.findByTestId('run-headline')).toHaveTextContent('Succeeded in 458 ms');
    expect(get('run-renewed')).toHaveTextContent('token refreshed once');
    expect(get('open-in-logs').getAttribute('href')).toMatch(`#/connectors/${id}/logs/0192`);
    await screen.findByTestId('tree-rows');
    expect(await screen.findAllByTestId('earlier-run')).toHaveLength(1);
    await expectAccessible(container);
  });

  it('finds a run again that went on while another page was open', async () => {
    const { user, workspace, id } = await openTest();
    workspace.latency = 60;
    await user.type(get('run-input-order_id'), 'expired');
    await user.click(get('run-connector'));
    await screen.findByTestId('run-progress');
    location.hash = '#/appearance';
    await screen.findByTestId('theme-dark');
    location.hash = `#/connectors/${id}/test`;
    expect(await screen.findByTestId('run-cancel'), 'it can still be cancelled').toBeVisible();
    expect(screen.queryByTestId('run-connector'), 'and not be started twice').toBeNull();
  });

  it('draws steps as they arrive, and can be cancelled', async () => {
    const { user, workspace } = await openTest();
    workspace.latency = 60;
    await user.type(get('run-input-order_id'), 'expired');
    await user.click(get('run-connector'));
    await waitFor(() => {
      expect(screen.getAllByTestId('run-exchange')).toHaveLength(1);
    });
    expect(get('run-progress')).toBeVisible();
    expect(screen.queryByTestId('run-connector')).toBeNull();
    await user.click(get('run-cancel'));
    await waitFor(
      () => {
        expect(get('run-headline')).toHaveTextContent('Cancelled after');
      },
      { timeout: 3000 },
    );
  });

  it('r2_plays_with_the_mock_response_without_the_network', async () => {
    const { user } = await openTest();
    const run = vi.spyOn(backend, 'runConnector');
    await user.type(get('run-input-order_id'), 'A-1');
    await user.click(get('run-mock'));
    await user.click(get('run-connector'));
    expect(await screen.findByTestId('run-headline')).toHaveTextContent('Played with the mock response');
    expect(run.mock.calls[0]?.[4]).toBe(true);
    expect(get('run-picture')).toHaveTextContent('Nothing was sent.');
  });

  it('r2_has_no_mock_switch_without_a_mock_response', async () => {
    await openTest({ mock_response: '' });
    expect(screen.queryByTestId('run-mock')).toBeNull();
  });

  it('e10_a_missing_or_wrong_input_is_marked_at_its_field_before_anything_is_sent', async () => {
    const run = vi.spyOn(backend, 'runConnector');
    const { user } = await openTest({
      data_inputs: [
        { name: 'order_id', type: 'string', required: true },
        { name: 'amount', type: 'decimal' },
      ],
    });
    await user.type(get('run-input-amount'), '1,5');
    await user.click(get('run-connector'));
    await waitFor(() => {
      expect(get('run-input-order_id')).toHaveFocus();
    });
    expect(get('run-input-order_id')).toHaveAccessibleDescription(/This input is required/);
    expect(get('run-input-amount')).toHaveAccessibleDescription(/not a decimal number/);
    expect(run).not.toHaveBeenCalled();
    await user.type(get('run-input-order_id'), 'A-1');
    expect(get('run-input-order_id')).toBeValid();
    run.mockRestore();
  });

  it('e10_off_a_missing_input_is_sent_empty', async () => {
    const { user } = await openTest({ validate_missing_attributes: false });
    await user.click(get('run-connector'));
    await screen.findByTestId('run-result');
  });

  it('nothing_behind_an_open_question_runs', async () => {
    const run = vi.spyOn(backend, 'runConnector');
    const { user } = await openTest();
    await user.type(get('run-input-order_id'), 'A-1');
    await user.click(get('delete-connector'));
    await screen.findByTestId('confirm-dialog');
    await user.keyboard('{Control>}{Enter}{/Control}');
    expect(run).not.toHaveBeenCalled();
    run.mockRestore();
  });

  it('shows an earlier run again, and keeps what was typed', async () => {
    const { user } = await openTest();
    await user.type(get('run-input-order_id'), 'missing');
    await user.click(get('run-connector'));
    await screen.findByTestId('run-result');
    await user.clear(get('run-input-order_id'));
    await user.type(get('run-input-order_id'), 'A-2');
    await user.click(get('run-connector'));
    await waitFor(() => {
      expect(screen.getAllByTestId('earlier-run')).toHaveLength(2);
    });
    await user.click(screen.getAllByTestId('earlier-run')[1] as HTMLElement);
    await waitFor(() => {
      expect(get('run-headline')).toHaveTextContent('The API refused');
    });
    await user.click(get('tab-logs'));
    await user.click(get('tab-test'));
    expect(await screen.findByTestId('run-input-order_id')).toHaveValue('A-2');
    expect(get('run-headline')).toHaveTextContent('The API refused');
  });
});
