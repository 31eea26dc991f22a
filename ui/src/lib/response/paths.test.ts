import { screen, waitFor } from '@testing-library/svelte';
import { beforeEach, describe, expect, it, vi } from 'vitest';

import { backend } from '$lib/api';
import { textBody, xmlBody } from '$lib/api/fake/body';
import { preferences } from '$lib/settings/preferences.svelte';

import { expectAccessible } from '../../test/axe';
import { active, activeElement, openTree as open, press } from '../../test/tree';

const BODY = { data: { items: [{ 'odd key': 'x' }] } };
const LONG = { ids: Array.from({ length: 1500 }, (_, number) => number), few: [1, 2] };

function note(): HTMLElement {
  return screen.getByTestId('tree-note');
}

beforeEach(() => {
  preferences.pathForm = 'pointer';
});

describe('copying a path', () => {
  it('offers the forms of JSON in a menu that the keyboard can use', async () => {
    const { user, container } = await open(BODY);
    await user.click(screen.getByTestId('tree-expand-all'));
    await press(user, '{End}');
    await user.click(screen.getByTestId('tree-copy-path-menu'));
    expect(screen.getByRole('menuitemradio', { name: /JSON pointer/ })).toHaveFocus();
    await expectAccessible(container);
    await user.keyboard('{ArrowDown}{Enter}');
    await waitFor(() => {
      expect(note()).toHaveTextContent("Copied $['data']['items'][0]['odd key']");
    });
    expect(screen.queryByRole('menu')).toBeNull();
    expect(screen.getByTestId('tree-rows')).toHaveFocus();
  });

  it('copies in the form that was used last, and remembers it', async () => {
    const { user } = await open(BODY);
    await preferences.load();
    const kept = vi.spyOn(backend, 'setPreferences');
    await user.click(screen.getByTestId('tree-expand-all'));
    await press(user, '{End}', '{Control>}{Shift>}c{/Shift}{/Control}');
    await waitFor(() => {
      expect(note()).toHaveTextContent('Copied /data/items/0/odd key');
    });
    await user.click(screen.getByTestId('tree-copy-path-menu'));
    await user.click(screen.getByTestId('tree-copy-dotted'));
    expect(kept).toHaveBeenLastCalledWith(expect.objectContaining({ path_form: 'dotted' }));
    await press(user, '{ArrowUp}', '{Control>}{Shift>}c{/Shift}{/Control}');
    await waitFor(() => {
      expect(note()).toHaveTextContent(/^Copied data.items\[0\]$/);
    });
  });

  it('says a long path by its beginning and its end', async () => {
    const path = `/${'a/'.repeat(5000)}end`;
    const { user } = await open(BODY, {}, { responseCopyPath: () => Promise.resolve(path) });
    await press(user, '{ArrowDown}', '{Control>}{Shift>}c{/Shift}{/Control}');
    await waitFor(() => {
      expect(note()).toHaveTextContent(/^Copied [/]a.*….*end$/);
    });
    expect(note().textContent.length).toBeLessThan(320);
  });

  it('closes its menu with Escape, and goes back to its button', async () => {
    const { user } = await open(BODY);
    await user.click(screen.getByTestId('tree-copy-path-menu'));
    await user.keyboard('{Escape}');
    expect(screen.queryByRole('menu')).toBeNull();
    expect(screen.getByTestId('tree-copy-path-menu')).toHaveFocus();
  });

  it('has one form for XML, which does not become that of JSON', async () => {
    const { user } = await open(xmlBody('<a id="1"><b>x</b></a>'), { format: 'xml' });
    await press(user, '{End}', '{Control>}{Shift>}c{/Shift}{/Control}');
    await waitFor(() => {
      expect(note()).toHaveTextContent('Copied /a/b');
    });
    await press(user, '{Home}');
    await user.click(screen.getByTestId('tree-copy-path-menu'));
    expect(screen.queryByRole('menu')).toBeNull();
    await waitFor(() => {
      expect(note()).toHaveTextContent(/^Copied \/a$/);
    });
    expect(screen.getByTestId('tree-rows')).toHaveFocus();
    expect(preferences.pathForm).toBe('pointer');
  });
});

describe('going to an element', () => {
  it('opens a closed array at the element, by keyboard alone', async () => {
    const { user, container } = await open(LONG);
    await press(user, '{ArrowDown}');
    expect(active()).toBe('/ids');
    await user.keyboard('{Control>}g{/Control}');
    const field = await screen.findByTestId('tree-go-to-number');
    expect(field).toHaveFocus();
    expect(screen.getByTestId('tree-go-to')).toHaveTextContent('0–1,499');
    await expectAccessible(container);
    await user.keyboard('1,234{Enter}');
    await waitFor(() => {
      expect(active()).toBe('/ids/1234');
    });
    expect(screen.queryByTestId('tree-go-to')).toBeNull();
    expect(screen.getByTestId('tree-rows')).toHaveFocus();
  });

  it.each(['1500', '-1', 'x', ''])('names the range for %j and stays', async (typed) => {
    const { user } = await open(LONG);
    await press(user, '{ArrowDown}');
    await user.keyboard('{Control>}g{/Control}');
    await screen.findByTestId('tree-go-to-number');
    await user.keyboard(`${typed}{Enter}`);
    expect(await screen.findByText('Type a number from 0 to 1,499.')).toBeVisible();
    expect(screen.getByTestId('tree-go-to-number')).toHaveFocus();
    await user.keyboard('{Escape}');
    expect(screen.getByTestId('tree-rows')).toHaveFocus();
    expect(active()).toBe('/ids');
  });

  it('shows why the engine could not go there', async () => {
    const { user, workspace } = await open(LONG);
    await press(user, '{ArrowDown}');
    await user.keyboard('{Control>}g{/Control}');
    await screen.findByTestId('tree-go-to-number');
    workspace.bodies.clear();
    await user.keyboard('3{Enter}');
    expect(await screen.findByText(/no longer in memory/)).toBeVisible();
  });

  it('has a button where the list is long only', async () => {
    const { user } = await open(LONG);
    await press(user, '{ArrowDown}');
    const button = await screen.findByTestId('tree-go-to-open');
    await press(user, 'f');
    await waitFor(() => {
      expect(button).not.toBeInTheDocument();
    });
  });

  it('counts the members of an object where there is no list', async () => {
    const { user } = await open({ a: { b: 1, c: 2 } });
    await press(user, '{ArrowDown}', '{Control>}g{/Control}');
    await screen.findByTestId('tree-go-to-number');
    expect(screen.getByTestId('tree-go-to')).toHaveTextContent('Go to member of a');
    await user.keyboard('1{Enter}');
    await waitFor(() => {
      expect(active()).toBe('/a/c');
    });
  });

  it('counts lines from 1', async () => {
    const { user } = await open(textBody('one\ntwo\nthree'), { format: 'text' });
    await press(user, '{Control>}g{/Control}');
    await screen.findByTestId('tree-go-to-number');
    expect(screen.getByTestId('tree-go-to')).toHaveTextContent('Go to line 1–3');
    await user.keyboard('2{Enter}');
    await waitFor(() => {
      expect(activeElement()).toHaveTextContent('two');
    });
  });

  it('leaves the range to the engine inside of a value that was opened', async () => {
    const { user } = await open(['[5,6,7]']);
    await press(user, '{ArrowDown}', '{ArrowRight}', '{ArrowDown}', '{Control>}g{/Control}');
    await screen.findByTestId('tree-go-to-number');
    await user.keyboard('9{Enter}');
    expect(await screen.findByText(/Its elements are 0 to 2/)).toBeVisible();
    await user.keyboard('2{Enter}');
    await waitFor(() => {
      expect(activeElement()).toHaveTextContent('7');
    });
  });

  it('says that a row stands in no list', async () => {
    const { user } = await open('alone');
    await press(user, '{Control>}g{/Control}');
    await waitFor(() => {
      expect(note()).toHaveTextContent('stands in no list');
    });
  });
});
