/** The shell that commands are copied for: chosen once, kept until the window closes. */
import type { CurlShell } from '$lib/api';

export const SHELLS = [
  { value: 'bash', label: 'bash' },
  { value: 'cmd', label: 'cmd' },
  { value: 'powershell', label: 'PowerShell 7' },
] as const satisfies readonly { value: CurlShell; label: string }[];

class ChosenShell {
  value = $state<CurlShell>('bash');

  get label(): string {
    return SHELLS.find(({ value }) => value === this.value)?.label ?? this.value;
  }
}

export const chosenShell = new ChosenShell();
