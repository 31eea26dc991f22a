/** The fake log: outline, timeline and export over the executions in memory. */
import { cancelledRuns } from './executions';
import { filtered } from './log-rows';
import { refuse, type FakeWorkspace, type Part } from './parts';
import { timelineOf } from './timeline';

type Commands = 'logOutline' | 'logTimeline' | 'logStorage' | 'suggestExportPath' | 'exportExecutions';

const OUTLINED_EVERY = 100;
const EXPORTED_AT_ONCE = 5000;
const BYTES_EACH = 900;
const writtenBy = new WeakMap<FakeWorkspace, Map<string, number>>();

/** The files that exports have left, with how many executions are in each. */
export function exportedFiles(workspace: FakeWorkspace): Map<string, number> {
  const files = writtenBy.get(workspace) ?? new Map<string, number>();
  writtenBy.set(workspace, files);
  return files;
}

export function fakeLogs(workspace: FakeWorkspace): Part<Commands> {
  return {
    async logOutline(taskId, filter) {
      const rows = filtered(workspace, filter);
      const before = rows.filter((_, at) => at % OUTLINED_EVERY === 0).map((row) => (row.seq ?? 0) + 1);
      const outline = await workspace.answer({ total: rows.length, every: OUTLINED_EVERY, before });
      endIfCancelled(workspace, taskId);
      return outline;
    },
    async logTimeline(taskId, filter, mostBuckets) {
      const timeline = timelineOf(filtered(workspace, filter), filter, mostBuckets, Date.now());
      const answer = await workspace.answer(timeline);
      endIfCancelled(workspace, taskId);
      return answer;
    },
    async logStorage() {
      return workspace.answer({
        executions: workspace.executions.length,
        oldest_at: workspace.executions.at(-1)?.created_at ?? null,
        used_bytes: 48 * 1024 * 1024,
        limit_bytes: Number(workspace.settings.get('logs.retention_mib') ?? '1024') * 1024 * 1024,
        days: Number(workspace.settings.get('logs.retention_days') ?? '30'),
        behind: workspace.searchBehind,
      });
    },
    async suggestExportPath(filter, format) {
      const connector = workspace.connectors.find(({ summary }) => summary.id === filter.connector_id);
      const name = connector?.summary.name.toLowerCase().replaceAll(' ', '-') ?? 'log';
      return workspace.answer(`/home/ada/Downloads/latchkey-${name}-2026-11-23.${format}`);
    },
    async exportExecutions(taskId, { filter, path, replace }, progress) {
      const files = exportedFiles(workspace);
      if (!path.startsWith('/')) {
        refuse('invalid', 'This is not a whole path.', 'Begin it with the folder, such as /home.', 'path');
      }
      if (files.has(path) && !replace) {
        refuse('invalid', 'There is a file already.', 'Choose another name, or replace it.', 'path');
      }
      const total = filtered(workspace, filter).length;
      for (let written = 0; written < total; written += EXPORTED_AT_ONCE) {
        progress({ written, total, bytes: written * BYTES_EACH });
        await workspace.answer(null);
        endIfCancelled(workspace, taskId);
      }
      progress({ written: total, total, bytes: total * BYTES_EACH });
      files.set(path, total);
      return workspace.answer({ path, executions: total, bytes: total * BYTES_EACH });
    },
  };
}

function endIfCancelled(workspace: FakeWorkspace, taskId: string): void {
  if (cancelledRuns(workspace).has(taskId)) refuse('cancelled', 'It was cancelled.', '');
}
