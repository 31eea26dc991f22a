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
  unit: string,
): Entry {
  return { kind: { kind: 'integer', min, max, unit }, default_value: String(default_value), title, help };
}

const CATALOGUE: Record<string, Entry> = {
  'limits.response_bytes': integer(
    'A connector’s response',
    'A response that is longer, counted after decompression, ends the run.',
    [10_485_760, 1024, 268_435_456],
    'bytes',
  ),
  'limits.authentication_connect_timeout_ms': integer(
    'Authentication requests: time to connect',
    'How long to wait for the connection.',
    [10_000, 100, 300_000],
    'ms',
  ),
  'limits.authentication_timeout_ms': integer(
    'Authentication requests: time in all',
    'From the first byte sent to the last received.',
    [30_000, 100, 600_000],
    'ms',
  ),
  'security.auto_lock_minutes': integer(
    'Lock when nobody is there',
    'After so long without the pointer or the keyboard in this window.',
    [0, 0, 1440],
    'minutes',
  ),
  'backups.every_hours': integer(
    'Make a backup',
    'By itself, when the newest one is older and something has changed.',
    [24, 0, 8760],
    'hours',
  ),
  'backups.keep': integer(
    'Automatic backups to keep',
    'Older ones are removed; the last intact one never is.',
    [5, 1, 50],
    'backups',
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
