/** A connector before it is first saved: the engine's own defaults. */
import type { ConnectorDraft } from '$lib/api';

export function newDraft(): ConnectorDraft {
  return {
    name: '',
    description: '',
    http_method: 'get',
    url: '',
    headers: [],
    body: '',
    data_inputs: [],
    token_ids: [],
    direct_fin_usage: false,
    audiences: [],
    execution_type: 'server_side',
    configuration_response_type: null,
    data_transformation_type: 'full_access',
    client_function_name: null,
    client_function_timeout_ms: null,
    response_fields: [],
    object_mappings: [],
    mock_response: '',
    customer_authentication: false,
    bypass_authentication: false,
    validate_missing_attributes: true,
    background: false,
    reliability: {
      failures: 5,
      window_seconds: 600,
      open_seconds: 60,
      connect_timeout_ms: 10_000,
      timeout_ms: 30_000,
    },
  };
}

/** Fields that stand in the folded part of the form. */
const ADVANCED =
  /^(direct_fin_usage|audiences|background|bypass_authentication|validate_missing_attributes|customer_authentication|execution_type|data_transformation_type|client_function|response_fields|object_mappings|mock_response)/;

export function isAdvanced(field: string): boolean {
  return ADVANCED.test(field);
}

/** The tab on which a field stands. */
export function tabOf(field: string): 'setup' | 'reliability' {
  return field.startsWith('reliability.') ? 'reliability' : 'setup';
}
