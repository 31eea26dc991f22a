import { screen, waitFor } from '@testing-library/svelte';
import { describe, expect, it, vi } from 'vitest';

import type { TokenLocation } from '$lib/api';
import { fieldsBody, jsonBody, textBody, xmlBody } from '$lib/api/fake/body';

import { expectAccessible } from '../../test/axe';
import { activeElement, openTree as open, press } from '../../test/tree';

const JWT = `eyJhbGciOiJIUzI1NiJ9.${btoa(JSON.stringify({ sub: 'bot', api: { key: 'k-1' } })).replaceAll('=', '')}.c2ln`;
const INSIDE = { inner: JSON.stringify({ login: { token: 'x-1' } }), jwt: JWT, text: 'one\ntwo' };
const TWICE = 'The key “token” stands twice in this object. Choose another value.';
const SOAP = '<e:Login xmlns:e="u"><e:Session id="s-1">abc</e:Session><role>a</role><role>b</role></e:Login>';

function chosen(onpick: ReturnType<typeof vi.fn>): TokenLocation {
  expect(onpick).toHaveBeenCalledOnce();
  return onpick.mock.calls[0]?.[0] as TokenLocation;
}

describe('choosing in a response tree', () => {
  it('t4_a_value_inside_a_text_is_chosen_with_its_whole_chain_by_keyboard', async () => {
    const onpick = vi.fn();
    const { user } = await open(INSIDE, { pickable: true, onpick });
    expect(screen.getByRole('treeitem', { name: /^inner:.*JSON inside/ })).toBeVisible();
    await press(user, '{ArrowDown}', '{ArrowRight}', '{ArrowDown}', '{ArrowRight}', '{ArrowDown}', '{Enter}');
    const then = [{ open: 'json', at: '/login/token' }];
    expect(chosen(onpick)).toEqual({ in: 'json', at: '/inner', then });
  });

  it('t4_a_claim_of_a_jwt_and_what_is_inside_of_it_are_chosen', async () => {
    const onpick = vi.fn();
    const { user } = await open(INSIDE, { pickable: true, onpick });
    await press(user, 'j', '{ArrowRight}', 'a', '{ArrowRight}', '{ArrowDown}', '{Enter}');
    const then = [
      { open: 'jwt_claim', claim: 'api' },
      { open: 'json', at: '/key' },
    ];
    expect(chosen(onpick)).toEqual({ in: 'json', at: '/jwt', then });
  });

  it('t4_a_text_that_opens_can_be_chosen_itself', async () => {
    const onpick = vi.fn();
    const { user } = await open(INSIDE, { pickable: true, onpick });
    await user.click(screen.getByRole('treeitem', { name: /^text:/ }));
    expect(chosen(onpick)).toEqual({ in: 'json', at: '/text', then: [] });
  });

  it('t4_lines_are_counted_from_1', async () => {
    const onpick = vi.fn();
    const { user } = await open(textBody('Welcome\nsession=1'), { pickable: true, onpick, format: 'text' });
    await user.click(screen.getByRole('treeitem', { name: '2: session=1' }));
    expect(chosen(onpick)).toEqual({ in: 'text', at: '', then: [{ open: 'line', number: 2 }] });
  });

  it('t4_an_attribute_and_one_of_several_elements_are_chosen', async () => {
    const onpick = vi.fn();
    const { user, container } = await open(xmlBody(SOAP), { pickable: true, onpick, format: 'xml' });
    await user.click(screen.getByRole('treeitem', { name: /^@id: s-1/ }));
    expect(chosen(onpick)).toEqual({ in: 'xml', at: '/e:Login/e:Session/@id', then: [] });
    onpick.mockClear();
    await user.click(screen.getByRole('treeitem', { name: 'role: b' }));
    expect(chosen(onpick)).toEqual({ in: 'xml', at: '/e:Login/role[2]', then: [] });
    await expectAccessible(container);
  });

  it('t4_a_cookie_is_chosen_like_a_value_of_the_body', async () => {
    const onpick = vi.fn();
    const body = fieldsBody({
      Headers: [{ name: 'server', value: 'x', in: 'header' }],
      Cookies: [{ name: 'SID', value: 's-12345678', in: 'cookie' }],
    });
    const { user } = await open(body, { pickable: true, onpick });
    await user.click(screen.getByRole('treeitem', { name: /^SID:/ }));
    expect(chosen(onpick)).toEqual({ in: 'cookie', at: 'SID', then: [] });
  });

  it('t4_a_value_that_cant_be_chosen_says_why_by_mouse_and_by_keyboard', async () => {
    const onpick = vi.fn();
    const body = jsonBody({ token: 'a-1', none: null }, { refused: { '/token': TWICE } });
    const { user } = await open(body, { pickable: true, onpick });
    const row = screen.getByRole('treeitem', { name: /^token:.*can’t be chosen/ });
    expect(row).toHaveAttribute('title', TWICE);
    await user.click(row);
    expect(screen.getByTestId('tree-note')).toHaveTextContent(TWICE);
    await press(user, '{ArrowDown}');
    expect(screen.getByTestId('tree-note')).toHaveTextContent(/^$/);
    await press(user, '{Enter}');
    expect(screen.getByTestId('tree-note')).toHaveTextContent(
      'Only a non-empty text or a number can be a token.',
    );
    expect(onpick).not.toHaveBeenCalled();
  });

  it('t4_an_empty_object_is_not_silent_either', async () => {
    const { user } = await open({ data: {} }, { pickable: true });
    await press(user, '{ArrowDown}', '{Enter}');
    expect(screen.getByTestId('tree-note')).toHaveTextContent('Only a non-empty text or a number');
  });

  it('opens at the chosen location, also inside of a value', async () => {
    const picked = { in: 'json', at: '/inner', then: [{ open: 'json', at: '/login/token' }] };
    await open(INSIDE, { pickable: true, picked });
    const row = await screen.findByRole('treeitem', { selected: true });
    expect(row).toHaveTextContent('token location');
    expect(row).toHaveTextContent('token "');
    expect(activeElement()).toBe(row);
  });

  it('opens as usual when the chosen location leads nowhere', async () => {
    await open(INSIDE, { pickable: true, picked: { in: 'json', at: '/nothing' } });
    expect(screen.queryByRole('treeitem', { selected: true })).toBeNull();
    expect(screen.queryByRole('alert')).toBeNull();
  });

  it('shows what is new and what has changed since the previous test', async () => {
    await open(jsonBody({ a: 1, b: 2 }, { changes: { '/a': 'added', '/b': 'changed' } }));
    expect(screen.getByRole('treeitem', { name: 'a: 1, new, since the previous test' })).toHaveTextContent(
      'new',
    );
    expect(screen.getByRole('treeitem', { name: /^b: 2, changed/ })).toHaveTextContent('changed');
  });

  it('says nothing of tokens where nothing is to be chosen', async () => {
    const { user } = await open({ none: null });
    await user.click(screen.getByRole('treeitem', { name: 'none: null' }));
    expect(screen.getByTestId('tree-note')).toHaveTextContent(/^$/);
    await waitFor(() => {
      expect(screen.getByRole('treeitem', { name: 'none: null' })).not.toHaveAttribute('title');
    });
  });
});
