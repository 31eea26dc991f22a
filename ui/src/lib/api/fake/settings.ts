/** Fake settings, checked as the engine does. */
import type { SettingKind, SettingView } from '../bindings';
import { refuse, type FakeWorkspace, type Part } from './parts';

type Commands = 'listSettings' | 'setSetting' | 'resetSetting';
interface Entry {
  kind: SettingKind;
  default_value: string | null;
  title: string;
  help: string;
}

function integer(
  title: string,
  help: string,
  [default_value, min, max]: [number, number, number],
  unit: string | null,
): Entry {
  return { kind: { kind: 'integer', min, max, unit }, default_value: String(default_value), title, help };
}

const CATALOGUE: Record<string, Entry> = {
  'limits.response_bytes': integer(
    'Largest answer of a connector',
    'A run whose answer is larger, counted after decompression, ends with “could not get an answer”.',
    [10_485_760, 1024, 268_435_456],
    'bytes',
  ),
  'limits.authentication_connect_timeout_ms': integer(
    'Time to connect to a login endpoint',
    'How long a test or a refresh of a token waits for the connection.',
    [10_000, 100, 300_000],
    'ms',
  ),
  'limits.authentication_timeout_ms': integer(
    'Time for a whole login',
    'How long a test or a refresh of a token may take from its first to its last byte.',
    [30_000, 100, 600_000],
    'ms',
  ),
  'security.auto_lock_minutes': integer(
    'Lock the window when nobody is there',
    'After so many minutes without keyboard or mouse, time asleep included. 0: never.',
    [0, 0, 1440],
    'minutes',
  ),
  'logs.retention_days': integer(
    'Keep executions for',
    'Older executions are deleted by themselves.',
    [30, 1, 3650],
    'days',
  ),
  'logs.retention_mib': integer(
    'Keep at most',
    'When the database holds more, the oldest executions are deleted.',
    [1024, 16, 1_048_576],
    'MiB',
  ),
  'backups.every_hours': integer(
    'Automatic backups',
    'When the newest backup is older than this, another one is made by itself. 0: never.',
    [24, 0, 8760],
    'hours',
  ),
  'backups.keep': integer(
    'Backups of each kind to keep',
    'When there are more of a kind, its oldest are deleted.',
    [5, 1, 50],
    null,
  ),
};

export function fakeSettings(workspace: FakeWorkspace): Part<Commands> {
  const entry = (key: string): Entry =>
    CATALOGUE[key] ??
    refuse('not_found', `There is no setting ${key}.`, 'Look at the list of settings.', key);

  const view = (key: string): SettingView => ({
    key,
    value: workspace.settings.get(key) ?? entry(key).default_value,
    is_default: !workspace.settings.has(key),
    is_set: workspace.settings.has(key),
    ...entry(key),
  });

  return {
    listSettings: () => workspace.answer(Object.keys(CATALOGUE).map(view)),
    async setSetting(key, value) {
      const { kind } = entry(key);
      if (kind.kind === 'integer') {
        const { min, max } = kind;
        if (!/^-?\d+$/.test(value) || Number(value) < min || Number(value) > max) {
          refuse(
            'invalid',
            `${key} must be from ${String(min)} to ${String(max)}.`,
            'Type another one.',
            key,
          );
        }
      }
      await workspace.answer(null);
      workspace.settings.set(key, value);
      workspace.emit({ event: 'settings_changed' });
      return view(key);
    },
    async resetSetting(key) {
      entry(key);
      await workspace.answer(null);
      workspace.settings.delete(key);
      workspace.emit({ event: 'settings_changed' });
      return view(key);
    },
  };
}
