import { screen, waitFor } from '@testing-library/svelte';
import { describe, expect, it } from 'vitest';

import { backend, setBackend } from '$lib/api';
import { addSampleConnectors } from '$lib/api/fake/connectors';
import { addSampleExecutions } from '$lib/api/fake/executions';
import { exportedFiles } from '$lib/api/fake/logs';

import { expectAccessible } from '../../test/axe';
import { openApp, useWorkspace } from '../../test/page';

async function openExport(query = '') {
  const workspace = useWorkspace('empty');
  const id = addSampleConnectors(workspace, '');
  addSampleExecutions(workspace, id, 24);
  const opened = await openApp(`/connectors/${id}/logs${query}`, workspace);
  await screen.findAllByTestId('log-row');
  await opened.user.click(screen.getByTestId('log-export-open'));
  const path = await screen.findByTestId('export-path');
  await waitFor(() => {
    expect(path).toHaveValue('/home/ada/Downloads/latchkey-get-order-status-2026-11-23.har');
  });
  return { ...opened, path, files: exportedFiles(workspace) };
}

describe('an export of the log', () => {
  it('says what it holds, and writes what is filtered', async () => {
    const { user, files, container } = await openExport('?success=false&status=404');
    expect(screen.getByTestId('export-what')).toHaveTextContent('2 executions: Failed · Status 404.');
    await expectAccessible(container);
    await user.selectOptions(screen.getByTestId('export-format'), 'jsonl');
    await waitFor(() => {
      expect(screen.getByTestId('export-path')).toHaveValue(
        '/home/ada/Downloads/latchkey-get-order-status-2026-11-23.jsonl',
      );
    });
    await user.click(screen.getByTestId('export-start'));
    expect(await screen.findByTestId('export-report')).toHaveTextContent(
      /2 executions, 1.8 KB, in .*\.jsonl/,
    );
    expect([...files.values()]).toEqual([2]);
    await user.click(screen.getByTestId('export-done'));
    expect(screen.queryByTestId('log-export')).toBeNull();
  });

  it('says at the field what is wrong with the path, and keeps a path that was typed', async () => {
    const { user, path, files } = await openExport();
    await user.clear(path);
    await user.type(path, 'log.har{Enter}');
    expect(await screen.findByText(/This is not a whole path/)).toBeVisible();
    expect(path).toHaveAttribute('aria-invalid', 'true');
    await waitFor(() => {
      expect(path).toHaveFocus();
    });
    await user.selectOptions(screen.getByTestId('export-format'), 'jsonl');
    expect(path).toHaveValue('log.har');
    files.set('/tmp/log.har', 1);
    await user.clear(path);
    await user.type(path, '/tmp/log.har{Enter}');
    expect(await screen.findByText(/There is a file already/)).toBeVisible();
    await user.click(screen.getByTestId('export-replace'));
    await user.click(screen.getByTestId('export-start'));
    expect(await screen.findByTestId('export-report')).toHaveTextContent('24 executions');
  });

  it('shows how far it is, and can be cancelled', async () => {
    const { user, files } = await openExport();
    const { exportExecutions } = backend;
    let go = (): void => undefined;
    const held = new Promise<void>((resolve) => (go = resolve));
    setBackend({
      ...backend,
      exportExecutions: async (task, request, progress) => {
        progress({ written: 7, total: 24, bytes: 6300 });
        await held;
        return exportExecutions(task, request, progress);
      },
    });
    await user.click(screen.getByTestId('export-start'));
    expect(await screen.findByTestId('export-progress')).toHaveAttribute('value', '7');
    expect(screen.getByText(/7 executions of 24/)).toBeVisible();
    await user.click(screen.getByTestId('export-cancel'));
    go();
    expect(await screen.findByTestId('export-cancelled')).toBeVisible();
    expect(files.size).toBe(0);
    await user.click(screen.getByTestId('export-cancel'));
    expect(screen.queryByTestId('log-export')).toBeNull();
  });
});
