/** Backups in words. */
import type { BackupView } from '$lib/api';
import { size } from '$lib/shared/bytes';
import { moment } from '$lib/shared/time';

export const REASONS: Record<BackupView['reason'], string> = {
  automatic: 'by itself',
  by_hand: 'by hand',
  before_update: 'before an update',
  before_restore: 'before a restore',
};

/** Such as `4 May 2026, 10:00:00 (4.6 MB, by itself)`. */
export function backupWords(backup: BackupView): string {
  return `${moment(backup.made_at)} (${size(backup.bytes)}, ${REASONS[backup.reason]})`;
}
