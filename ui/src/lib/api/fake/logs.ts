/** The fake log: filters, outline, and timeline over the executions in memory. */
import type { ExecutionFilter, ExecutionRow } from '../bindings';
import { refuse, type FakeWorkspace, type Part } from './parts';
import { rowOf } from './runs';

type Commands = 'logOutline' | 'logTimeline' | 'logStorage' | 'suggestExportPath' | 'exportExecutions';

/** The rows that fit, newest first; `seq` counts from the oldest. */
export function filtered(workspace: FakeWorkspace, filter: ExecutionFilter): ExecutionRow[] {
  const count = workspace.executions.length;
  return workspace.executions
    .map((execution, position) => ({ ...rowOf(execution), seq: count - position }))
    .filter(
      (row) =>
        (!filter.connector_id || row.connector_id === filter.connector_id) &&
        (filter.success === undefined || filter.success === null || row.success === filter.success) &&
        (!filter.error_type || row.error_type === filter.error_type) &&
        (!filter.source_type || row.source_type === filter.source_type) &&
        (!filter.execution_id || row.id === filter.execution_id) &&
        (!filter.customer || row.customer === filter.customer) &&
        (!filter.since || row.created_at >= filter.since) &&
        (!filter.until || row.created_at < filter.until),
    );
}

export function fakeLogs(workspace: FakeWorkspace): Part<Commands> {
  return {
    async logOutline(_taskId, filter) {
      const every = 100;
      const rows = filtered(workspace, filter);
      const before = rows.filter((_, at) => at % every === 0).map((row) => (row.seq ?? 0) + 1);
      return workspace.answer({ total: rows.length, every, before });
    },
    async logTimeline() {
      return refuse('failed', 'There is no timeline yet.', 'Try again.');
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
    async suggestExportPath(_filter, format) {
      return workspace.answer(`/home/ada/Downloads/latchkey-log.${format}`);
    },
    async exportExecutions(_taskId, request, progress) {
      const total = filtered(workspace, request.filter).length;
      progress({ written: total, total, bytes: total * 900 });
      return workspace.answer({ path: request.path, executions: total, bytes: total * 900 });
    },
  };
}
