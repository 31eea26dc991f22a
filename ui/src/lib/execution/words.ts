/**
 * What Intercom's enumerations are called for people; the only file that holds these names.
 * The wire names stay visible beside them where an admin compares with the API (Logs' detail).
 */
import type { Execution, ErrorType, ExecutionRow, SourceType } from '$lib/api';

export type ChipTone = 'ok' | 'bad' | 'warn' | 'info' | 'brass' | 'neutral';

export const errorTypeNames: Record<ErrorType, string> = {
  request_validation_error: 'An input is missing or wrong',
  request_configuration_error: 'The setup does not allow it',
  faraday_error: 'Could not get an answer',
  '3rd_party_error': 'The API refused',
  response_mapping_error: 'The answer does not fit',
  token_refresh_error: 'A token could not be refreshed',
  circuit_open: 'The circuit breaker is open',
  cancelled: 'Cancelled',
  email_verification_required: 'Waits for a code',
  email_verification_error: 'Email verification failed',
  fin_action_identity_verification_error: 'No user token for this customer (Fin)',
  non_fin_standalone_action_identity_verification_error: 'No user token for this customer',
  fin_action_response_formatting_error: 'Fin could not format the answer',
  client_side_action_error: 'Failed in the browser',
};

/** The outcomes that an execution can have here, for a filter: what happens most comes first. */
export const filterableErrorTypes: ErrorType[] = [
  '3rd_party_error',
  'faraday_error',
  'token_refresh_error',
  'non_fin_standalone_action_identity_verification_error',
  'fin_action_identity_verification_error',
  'circuit_open',
  'response_mapping_error',
  'request_validation_error',
  'request_configuration_error',
  'cancelled',
];

export const sourceNames: Record<SourceType, string> = {
  test: 'Test',
  custom_bot: 'Custom bot',
  inbound_custom_bot: 'Inbound custom bot',
  button_custom_bot: 'Button custom bot',
  answer: 'Answer',
  workflow: 'Workflow',
  saved_reply: 'Saved reply',
  triggerable_custom_bot: 'Triggerable custom bot',
  inbox: 'Inbox',
  fin: 'Fin',
};

/** The short word of a result for a narrow column: the status when the API's answer says it all. */
export function resultWord(row: Pick<ExecutionRow, 'success' | 'error_type' | 'http_status'>): string {
  if (row.success) return row.http_status === null ? 'played' : String(row.http_status);
  switch (row.error_type) {
    case '3rd_party_error':
      return row.http_status === null ? 'refused' : String(row.http_status);
    case 'faraday_error':
      return 'no answer';
    case 'token_refresh_error':
      return 'refresh failed';
    case 'fin_action_identity_verification_error':
    case 'non_fin_standalone_action_identity_verification_error':
      return 'no user token';
    case 'response_mapping_error':
      return 'does not fit';
    case 'request_validation_error':
      return 'bad input';
    case 'cancelled':
      return 'cancelled';
    case 'email_verification_required':
      return 'waits for code';
    case 'email_verification_error':
      return 'code refused';
    default:
      return 'refused';
  }
}

/** Green for a success, grey for what somebody stopped or that waits, red for a failure. */
export function resultTone(row: Pick<ExecutionRow, 'success' | 'error_type'>): ChipTone {
  if (row.success) return 'ok';
  if (row.error_type === 'cancelled') return 'neutral';
  return row.error_type === 'email_verification_required' ? 'warn' : 'bad';
}

/** The headline of a run, such as `Succeeded in 457 ms`. */
export function headline(execution: Execution): string {
  const time = duration(execution.execution_time_ms);
  if (execution.success) return execution.mock ? 'Played with the mock response' : `Succeeded in ${time}`;
  if (execution.error_type === 'cancelled') return `Cancelled after ${time}`;
  return `${execution.error_type ? errorTypeNames[execution.error_type] : 'Failed'} · ${time}`;
}

/** Milliseconds as people read them: `96 ms`, `1.24 s`, `2 min 5 s`. */
export function duration(milliseconds: number): string {
  if (milliseconds < 1000) return `${milliseconds} ms`;
  if (milliseconds < 60_000) return `${(milliseconds / 1000).toFixed(2)} s`;
  const seconds = Math.round(milliseconds / 1000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** A moment in a column: the day unless it is today, and `12:04:31`, in the reader's own time zone. */
export function dayWords(moment: string, now = new Date()): [string, string] {
  const at = new Date(moment);
  const time = at.toLocaleTimeString('en-GB');
  if (at.toDateString() === now.toDateString()) return ['', time];
  const ofThisYear = at.getFullYear() === now.getFullYear();
  const day = at.toLocaleDateString('en-GB', {
    day: 'numeric',
    month: 'short',
    ...(ofThisYear ? {} : { year: '2-digit' as const }),
  });
  return [day, ofThisYear ? time : time.slice(0, 5)];
}

/** How many tokens the run itself fetched or refreshed, in words; empty for none. */
export function refreshWords(execution: Execution): string {
  const refreshes = execution.steps.filter(
    (step) => step.kind === 'refresh' && step.outcome === 'passed' && step.token?.shared === false,
  );
  if (refreshes.length === 0) return '';
  if (refreshes.length > 1) return `${refreshes.length} tokens renewed`;
  return refreshes[0]?.token?.generation_before === 0 ? 'token fetched first' : 'token refreshed once';
}
