import { screen, waitFor } from '@testing-library/svelte';
import { describe, expect, it, vi } from 'vitest';

import { backend, ProblemError } from '$lib/api';
import { connectorDetail, orderDraft } from '$lib/api/fake/connectors';
import { addUserToken } from '$lib/api/fake/sample-customers';

import { expectAccessible } from '../../test/axe';
import { openApp, useWorkspace } from '../../test/page';

const get = (id: string): HTMLElement => screen.getByTestId(id);

async function openSetup(over: Parameters<typeof orderDraft>[0] = {}) {
  const workspace = useWorkspace();
  const connector = connectorDetail(orderDraft({ name: 'Orders', ...over }));
  workspace.connectors.push(connector);
  const id = connector.summary.id;
  const opened = await openApp(`/connectors/${id}/setup`, workspace);
  await screen.findByTestId('setup');
  return { ...opened, workspace, connector, id };
}

describe('the setup of a connector', () => {
  it('is usable by everyone, folded and open', async () => {
    const { user, container } = await openSetup();
    await expectAccessible(container);
    await user.click(get('advanced-summary'));
    await user.click(get('fields-from-mock'));
    await expectAccessible(container);
  });

  it('shows an error at its field, moves there, and loses nothing that was typed', async () => {
    const { user } = await openSetup();
    await user.clear(get('connector-url'));
    await user.type(get('connector-url'), 'api.example.com');
    await user.click(get('save-connector'));
    await waitFor(() => {
      expect(get('connector-url')).toHaveAccessibleDescription(/Begin it with https/);
    });
    expect(get('connector-url')).toHaveFocus();
    expect(get('connector-url')).toHaveValue('api.example.com');
    expect(screen.queryByTestId('setup-problem')).toBeNull();
  });

  it('is filled from a pasted cURL command, with its data inputs', async () => {
    const { user, connector } = await openSetup();
    await user.click(get('paste-curl'));
    await user.click(get('curl-command'));
    await user.paste(
      "curl --insecure -X PUT 'https://api.example.com/orders/{{order_id}}' -H 'Authorization: Bearer x' -d '{\"n\": {{amount}}}'",
    );
    await user.click(get('curl-fill'));
    await waitFor(() => {
      expect(screen.queryByTestId('curl-dialog')).toBeNull();
    });
    expect(get('connector-method')).toHaveValue('put');
    expect(get('connector-url')).toHaveValue('https://api.example.com/orders/{{order_id}}');
    expect(get('header-name')).toHaveValue('Authorization');
    expect(get('header-value')).toHaveAttribute('type', 'password');
    expect(get('curl-notes')).toHaveTextContent('certificates are always checked');
    expect(get('curl-notes')).toHaveTextContent('look at their types: amount.');
    expect(connector.draft.data_inputs, 'nothing is saved yet').toHaveLength(2);
  });

  it('is copied as cURL as it stands in the form', async () => {
    const { user, workspace, id } = await openSetup();
    await user.clear(get('connector-url'));
    await user.type(get('connector-url'), 'https://api.example.com/typed');
    await user.click(get('copy-curl'));
    await waitFor(() => {
      expect(get('toasts')).toHaveTextContent('Fill in {{order_id}}.');
    });
    expect(workspace.copied[0]?.source).toMatchObject({
      kind: 'connector',
      connector_id: id,
      draft: { url: 'https://api.example.com/typed' },
    });
  });

  it('shows the error of a row at that row', async () => {
    const { user } = await openSetup();
    await user.click(get('add-header'));
    const name = screen.getAllByTestId('header-name')[1];
    await user.type(name as HTMLElement, 'No good');
    await user.click(get('save-connector'));
    await waitFor(() => {
      expect(name).toHaveAccessibleDescription(/can’t be the name of a header/);
    });
    expect(screen.getAllByTestId('header-name')[0]).not.toHaveAttribute('aria-invalid');
  });

  it('opens Advanced when the error is in there', async () => {
    const { user, workspace } = await openSetup();
    workspace.refusing.saveConnector = new ProblemError({
      code: 'invalid',
      message: 'This is no JSON.',
      next_step: 'Correct it.',
      field: 'mock_response',
    });
    await user.type(get('connector-description'), '!');
    await user.click(get('save-connector'));
    await waitFor(() => {
      expect(get('advanced')).toHaveAttribute('open');
    });
    expect(get('advanced')).toHaveTextContent('This is no JSON. Correct it.');
  });

  it('e10_marks_an_input_that_does_not_exist_and_offers_to_add_it', async () => {
    const { user } = await openSetup();
    await user.type(get('connector-url'), '/{{{{line}}');
    expect(get('template-preview')).toHaveTextContent('line?');
    await user.click(screen.getByTestId('add-missing-input'));
    expect(screen.getAllByTestId('input-name').at(-1)).toHaveValue('line');
    await user.click(get('save-connector'));
    await waitFor(() => {
      expect(screen.queryByTestId('unsaved')).toBeNull();
    });
  });

  it('t1_attaches_and_detaches_tokens_with_their_header_line', async () => {
    const { user, workspace, connector } = await openSetup({ token_ids: [] });
    const token = workspace.tokens[0]?.summary;
    await user.selectOptions(await screen.findByTestId('attach-token'), token?.id ?? '');
    expect(get('attached-token')).toHaveTextContent(token?.header_preview ?? '?');
    await user.click(get('save-connector'));
    await waitFor(() => {
      expect(connector.draft.token_ids).toEqual([token?.id]);
    });
    await user.click(get('detach-token'));
    expect(screen.queryByTestId('attached-token')).toBeNull();
  });

  it('t1_says_before_saving_that_two_tokens_have_one_header', async () => {
    const { user, workspace } = await openSetup({ token_ids: [] });
    const first = workspace.tokens[0]?.summary;
    const header = first?.header_preview.split(':')[0] ?? '';
    const other = addUserToken(workspace, 'session_token', {
      key: header.toLowerCase(),
      prefix: '',
    });
    workspace.emit({ event: 'tokens_changed' });
    await screen.findByRole('option', { name: /session_token/ });
    await user.selectOptions(get('attach-token'), first?.id ?? '');
    await user.selectOptions(get('attach-token'), other);
    expect(
      screen.getByText(new RegExp(`${first?.name ?? '?'} is sent in the header ${header} already`, 'i')),
    ).toBeVisible();
    expect(screen.getAllByTestId('attached-token')[1]).toHaveTextContent('each customer’s own');
    await user.click(screen.getAllByTestId('detach-token')[0] as HTMLElement);
    expect(screen.queryByText(/is sent in the header/)).toBeNull();
  });

  it('t8_a_secret_header_is_only_revealed_on_purpose', async () => {
    const { container, id } = await openSetup({
      headers: [{ name: 'X-Api-Key', value: null, secret: true, stored: 0 }],
    });
    const reveal = vi.spyOn(backend, 'revealSecret').mockResolvedValue('sk_live_12345');
    expect(container).not.toHaveTextContent('sk_live');
    screen.getByRole('button', { name: /^Reveal/ }).click();
    await waitFor(() => {
      expect(reveal).toHaveBeenCalledWith({ kind: 'connector_header', connector_id: id, index: 0 });
    });
  });

  it('t8_a_stored_secret_is_kept_by_position_when_it_is_not_touched', async () => {
    const { user } = await openSetup({
      headers: [{ name: 'X-Api-Key', value: null, secret: true, stored: 0 }],
    });
    const save = vi.spyOn(backend, 'saveConnector');
    await user.type(get('connector-description'), '!');
    await user.click(get('save-connector'));
    await waitFor(() => {
      expect(save).toHaveBeenCalled();
    });
    expect(save.mock.calls[0]?.[1].headers).toEqual([
      { name: 'X-Api-Key', value: null, secret: true, stored: 0 },
    ]);
  });

  it('asks before what was typed is left, and finds it again', async () => {
    const { user, id } = await openSetup();
    await user.type(get('connector-name'), ' 2');
    expect(get('unsaved')).toBeVisible();
    location.hash = '#/connectors';
    await user.click(await screen.findByTestId('confirm-action'));
    await screen.findByTestId('connector-table');
    location.hash = `#/connectors/${id}/setup`;
    await waitFor(() => {
      expect(get('connector-name')).toHaveValue('Orders 2');
    });
    await user.click(get('revert-connector'));
    await user.click(await screen.findByTestId('confirm-action'));
    expect(get('connector-name')).toHaveValue('Orders');
  });

  it('keeps what was typed when another tab is looked at', async () => {
    const { user } = await openSetup();
    await user.type(get('connector-name'), ' 2');
    await user.click(get('tab-test'));
    expect(await screen.findByTestId('run-unsaved')).toBeVisible();
    await user.click(get('tab-setup'));
    expect(await screen.findByTestId('connector-name')).toHaveValue('Orders 2');
    expect(get('save-connector')).toBeEnabled();
    await user.click(get('save-connector'));
    await waitFor(() => {
      expect(screen.queryByTestId('unsaved')).toBeNull();
    });
  });

  it('r1_goes_live_shows_unpublished_edits_and_discards_them', async () => {
    const { user } = await openSetup();
    await user.click(get('set-live'));
    await waitFor(() => {
      expect(get('connector-state')).toHaveTextContent('live');
    });
    expect(screen.queryByTestId('delete-connector')).toBeNull();
    await user.type(get('connector-description'), ' Edited.');
    await user.click(get('save-connector'));
    expect(await screen.findByTestId('unpublished-edits')).toBeVisible();
    await user.click(get('discard-edits'));
    expect(await screen.findByTestId('confirm-dialog')).toHaveTextContent('since it went live is lost');
    await user.click(get('confirm-action'));
    await waitFor(() => {
      expect(get('connector-description')).toHaveValue('Where an order is, by its number.');
    });
  });

  it('r1_deletes_a_draft_after_naming_what_is_lost', async () => {
    const { user, workspace, id } = await openSetup();
    await user.click(get('delete-connector'));
    expect(await screen.findByTestId('confirm-dialog')).toHaveTextContent(
      'its whole log of executions are lost',
    );
    await user.click(get('confirm-action'));
    await screen.findByTestId('connector-table');
    expect(workspace.connectors.some((connector) => connector.summary.id === id)).toBe(false);
  });

  it('makes a new connector', async () => {
    const { user, workspace } = await openApp('/connectors/new');
    await user.click(await screen.findByTestId('save-connector'));
    await waitFor(() => {
      expect(get('connector-name')).toHaveFocus();
    });
    await user.type(get('connector-name'), 'Ping');
    await user.click(get('save-connector'));
    await waitFor(() => {
      expect(get('page-title')).toHaveTextContent('Ping');
    });
    expect(workspace.connectors.at(-1)?.summary.name).toBe('Ping');
    expect(screen.queryByTestId('unsaved')).toBeNull();
  });
});
