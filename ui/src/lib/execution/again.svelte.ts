/** An execution that is to be run again: asked for where it is shown, taken by the *Test* tab of its connector. */
import type { Execution, RecordedInput, SourceType } from '$lib/api';
import { router } from '$lib/shared/router.svelte';

export interface Repeat {
  executionId: string;
  connectorId: string;
  inputs: RecordedInput[];
  customer: string;
  mock: boolean;
  /** What triggered it; it is repeated as a test, whatever it was. */
  source: SourceType;
}

class Again {
  asked = $state.raw<Repeat | null>(null);

  /** Opens the *Test* tab of the execution's connector, which goes on. */
  ask(execution: Execution): void {
    this.asked = {
      executionId: execution.id,
      connectorId: execution.connector_id,
      inputs: execution.inputs ?? [],
      customer: execution.customer ?? '',
      mock: execution.mock,
      source: execution.source_type,
    };
    router.go(`/connectors/${execution.connector_id}/test`);
  }

  /** What is to be repeated of this connector; asking once more finds nothing. */
  take(connectorId: string): Repeat | null {
    if (this.asked?.connectorId !== connectorId) return null;
    const asked = this.asked;
    this.asked = null;
    return asked;
  }

  forget(): void {
    this.asked = null;
  }
}

export const again = new Again();
