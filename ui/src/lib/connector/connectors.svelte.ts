/** The connector list. */
import { backend, type ConnectorSummary } from '$lib/api';
import { Loaded } from '$lib/shared/loaded.svelte';

class Connectors extends Loaded<ConnectorSummary[]> {
  /** `null` until it has been loaded. */
  readonly list = $derived(this.value);

  constructor() {
    super(() => backend.listConnectors());
  }
}

export const connectors = new Connectors();
