/** A page over a fake engine, as tests drive it. */
import { render } from '@testing-library/svelte';
import userEvent, { type UserEvent } from '@testing-library/user-event';
import { vi } from 'vitest';

import App from '../App.svelte';
import { setBackend } from '../lib/api';
import { fakeBackend, FakeWorkspace } from '../lib/api/fake';
import { fill } from '../lib/api/fake/samples';
import { forgetDraft } from '../lib/shared/unsaved.svelte';

/** A fake engine as the page's backend; with samples in it unless `empty`. */
export function useWorkspace(contents: 'full' | 'empty' = 'full'): FakeWorkspace {
  const workspace = new FakeWorkspace();
  if (contents === 'full') fill(workspace);
  setBackend(fakeBackend(workspace));
  for (const type of ['text', 'http_request']) forgetDraft(`token ${type}`);
  return workspace;
}

/** The whole app at a place. */
export async function openApp(
  place: string,
  workspace = useWorkspace(),
): Promise<{ user: UserEvent; container: HTMLElement; workspace: FakeWorkspace }> {
  history.replaceState(null, '', `#${place}`);
  const user = userEvent.setup();
  const { container } = render(App);
  await vi.waitFor(() => {
    if (!container.querySelector('main')) throw new Error('the page did not open');
  });
  return { user, container, workspace };
}
