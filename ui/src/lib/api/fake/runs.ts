/** What runs look like: steps and executions as the engine records them, for the fake runs and for tests. */
import type {
  ErrorType,
  Exchange,
  ExchangeTimings,
  Execution,
  ExecutionRow,
  MappedField,
  Step,
  StepToken,
} from '../bindings';

export const API_HOST = '127.0.0.1:4010';
export const ORDER = {
  order: {
    id: 'A-1042',
    status: 'shipped',
    shipped_at: '2026-05-04T09:12:00Z',
    total: 129.9,
    lines: [
      { sku: 'LK-1', quantity: 1 },
      { sku: 'LK-7', quantity: 2 },
    ],
  },
};

const FIRST_CONNECTION: ExchangeTimings = {
  redirects_us: 0,
  dns_us: 1_240,
  connect_us: 11_800,
  tls_us: 24_600,
  first_byte_us: 58_100,
  download_us: 410,
};
const REUSED: ExchangeTimings = {
  redirects_us: 0,
  dns_us: null,
  connect_us: null,
  tls_us: null,
  first_byte_us: 95_200,
  download_us: 380,
};

export function exchange(over: Partial<Exchange> = {}): Exchange {
  const path = over.path ?? '/orders/A-1042';
  return {
    method: 'GET',
    url: `http://${over.host ?? API_HOST}${path}`,
    host: API_HOST,
    path,
    request_headers: [
      { name: 'Authorization', value: 'Bearer ****' },
      { name: 'Accept', value: 'application/json' },
    ],
    request_body: null,
    http_status: 200,
    response_headers: [{ name: 'content-type', value: 'application/json' }],
    response_body: JSON.stringify(ORDER),
    response_is_shape: false,
    response_bytes: 214,
    saved_shape: null,
    failure: null,
    redirects: 0,
    http_version: over.http_status === null ? null : 'HTTP/1.1',
    timings: over.http_status === null ? null : FIRST_CONNECTION,
    ...over,
  };
}

export function loginExchange(over: Partial<Exchange> = {}): Exchange {
  return exchange({
    method: 'POST',
    path: '/login',
    request_headers: [{ name: 'Content-Type', value: 'application/json' }],
    request_body: '{"username":"****","password":"****"}',
    response_body: 'object\n  access_token: string(312)\n  expires_in: number\n  token_type: string(6)',
    response_is_shape: true,
    ...over,
  });
}

/** A login that answers the token in another place than it used to. */
const movedLogin: Exchange & { saved_shape: string } = {
  ...loginExchange({
    response_body: 'object\n  session: object\n    access_token: string(312)\n  expires_in: number',
  }),
  saved_shape: 'object\n  access_token: string(298)\n  expires_in: number',
};

export function step(over: Partial<Step>): Step {
  return {
    kind: 'request',
    outcome: 'passed',
    http_status: over.exchange?.http_status ?? null,
    started_ms: 0,
    duration_ms: 96,
    detail: '',
    token: null,
    exchange: null,
    ...over,
  };
}

export function token(before: number, after: number, shared = false): StepToken {
  return {
    id: 'token-orders',
    name: 'Orders login',
    generation_before: before,
    generation_after: after,
    shared,
  };
}

const gate = step({
  kind: 'gate',
  duration_ms: 0,
  detail: 'Inputs, URL and headers are in order. The token Orders login is sent.',
});
const mapping = step({
  kind: 'mapping',
  duration_ms: 1,
  detail: 'The answer was read and 2 fields were mapped.',
});
const unauthorized = step({
  outcome: 'failed',
  duration_ms: 118,
  detail: `${API_HOST} answered 401 with generation 7 of Orders login.`,
  exchange: exchange({ http_status: 401, response_body: '{"error":"token expired"}', response_bytes: 25 }),
});
const retried = step({
  kind: 'retry',
  started_ms: 361,
  detail: `${API_HOST} answered 200 with generation 8 of Orders login.`,
  exchange: exchange({ timings: REUSED }),
});

export type RunKind =
  | 'succeeded'
  | 'refreshed'
  | 'shared'
  | 'login_failed'
  | 'not_found'
  | 'no_answer'
  | 'refused'
  | 'cancelled'
  | 'missing_field'
  | 'denied'
  | 'circuit_open'
  | 'moved'
  | 'played';

/** The steps of each kind of run. */
export const runSteps: Record<RunKind, Step[]> = {
  succeeded: [gate, step({ detail: `${API_HOST} answered 200.`, exchange: exchange() }), mapping],
  refreshed: [
    gate,
    unauthorized,
    step({
      kind: 'refresh',
      started_ms: 118,
      duration_ms: 243,
      detail:
        '401 with generation 7 of Orders login, which was still the newest, so it was refreshed. Generation 8 is stored.',
      token: token(7, 8),
      exchange: loginExchange(),
    }),
    retried,
    mapping,
  ],
  shared: [
    gate,
    unauthorized,
    step({
      kind: 'refresh',
      duration_ms: 180,
      detail:
        "401 with generation 7 of Orders login, which was still the newest, so it was refreshed. Another run's refresh was already under way: its outcome is shared.",
      token: token(7, 8, true),
    }),
    retried,
    mapping,
  ],
  login_failed: [
    gate,
    unauthorized,
    step({
      kind: 'refresh',
      outcome: 'failed',
      duration_ms: 412,
      detail: '401 with generation 7 of Orders login, so it was refreshed. The login endpoint answered 503.',
      token: token(7, 7),
      exchange: loginExchange({
        http_status: 503,
        response_body: 'object\n  error: string(19)',
      }),
    }),
  ],
  not_found: [
    gate,
    step({
      outcome: 'failed',
      detail: `${API_HOST} answered 404.`,
      exchange: exchange({ http_status: 404, response_body: '{"error":"no such order"}' }),
    }),
  ],
  no_answer: [
    gate,
    step({
      outcome: 'failed',
      duration_ms: 10_004,
      detail: `${API_HOST} did not answer within 10 s.`,
      exchange: exchange({
        http_status: null,
        response_headers: [],
        response_body: null,
        failure: `${API_HOST} did not answer within 10 s.`,
      }),
    }),
  ],
  refused: [
    step({
      kind: 'gate',
      outcome: 'refused',
      duration_ms: 0,
      detail: 'The input order_id is required and has no value.',
    }),
  ],
  cancelled: [
    gate,
    step({
      outcome: 'cancelled',
      duration_ms: 1240,
      detail: 'The run was cancelled while this request was under way.',
      exchange: exchange({
        http_status: null,
        response_headers: [],
        response_body: null,
        failure: 'The run was cancelled.',
      }),
    }),
  ],
  missing_field: [
    gate,
    step({ detail: `${API_HOST} answered 200.`, exchange: exchange() }),
    step({
      kind: 'mapping',
      outcome: 'failed',
      duration_ms: 1,
      detail: 'The response has nothing at “order.carrier”, which is mapped to “carrier”.',
    }),
  ],
  denied: [
    gate,
    step({
      detail: `${API_HOST} answered 200.`,
      exchange: exchange({ response_body: '{"error":"access denied"}' }),
    }),
    step({ ...mapping, detail: 'The answer was read. No fields are mapped.' }),
  ],
  moved: [
    gate,
    unauthorized,
    step({
      kind: 'refresh',
      outcome: 'failed',
      started_ms: 118,
      duration_ms: 214,
      detail:
        '401 with generation 7 of Orders login, so it was refreshed. Nothing stands at /access_token any more.',
      token: token(7, 7),
      exchange: movedLogin,
    }),
  ],
  circuit_open: [
    step({
      kind: 'gate',
      outcome: 'refused',
      duration_ms: 0,
      detail: 'The circuit breaker is open: 5 runs in a row failed. Nothing was sent.',
    }),
  ],
  played: [gate, mapping],
};

const outcomes: Record<
  RunKind,
  { error_type: ErrorType | null; sentence: string; next_step: string; hint?: string }
> = {
  succeeded: { error_type: null, sentence: `${API_HOST} answered 200.`, next_step: '' },
  refreshed: { error_type: null, sentence: `${API_HOST} answered 200.`, next_step: '' },
  shared: { error_type: null, sentence: `${API_HOST} answered 200.`, next_step: '' },
  played: { error_type: null, sentence: 'Played with the mock response; nothing was sent.', next_step: '' },
  login_failed: {
    error_type: 'token_refresh_error',
    sentence: 'No new value of Orders login could be had. The login endpoint answered 503.',
    next_step: "Try Test request on the token, or look at the endpoint's own log.",
  },
  not_found: {
    error_type: '3rd_party_error',
    sentence: `${API_HOST} answered 404 Not Found.`,
    next_step: 'Check the URL in Setup and the inputs of this run: the API knows no such thing.',
  },
  no_answer: {
    error_type: 'faraday_error',
    sentence: `${API_HOST} did not answer within 10 s.`,
    next_step: 'Check that the API is up, or allow it more time on the Reliability tab.',
  },
  refused: {
    error_type: 'request_validation_error',
    sentence: 'The input order_id is required and has no value.',
    next_step: 'Give it a value. Nothing was sent.',
  },
  cancelled: {
    error_type: 'cancelled',
    sentence: 'The run was cancelled.',
    next_step: 'Run it again when you like.',
  },
  missing_field: {
    error_type: 'response_mapping_error',
    sentence: 'The answer has no field order.carrier, which is mapped.',
    next_step: 'Compare the response below with the object mappings in Setup.',
  },
  circuit_open: {
    error_type: 'circuit_open',
    sentence: 'The circuit breaker is open: 5 runs in a row failed. Nothing was sent.',
    next_step: 'Mend what fails, then press Reset breaker or wait for the next probe.',
  },
  moved: {
    error_type: 'token_refresh_error',
    sentence: 'No new value of Orders login could be had. Nothing stands at /access_token any more.',
    next_step: 'Press Test request on the token Orders login and choose the new place.',
    hint: 'The login answers in another shape than when the location was chosen. Both shapes are in its step.',
  },
  denied: {
    error_type: null,
    sentence: `${API_HOST} answered 200.`,
    next_step: '',
    hint: 'The answer is a 200, yet its “error” reads like a refusal. The server should answer 401, so that the token can be refreshed.',
  },
};

const mapped: MappedField[] = [
  { object_type: 'conversation', attribute: 'order_status', path: 'order.status', value: '"shipped"' },
  { object_type: 'conversation', attribute: 'order_total', path: 'order.total', value: '129.9' },
];

/** An execution of one kind. */
export function execution(kind: RunKind, over: Partial<Execution> = {}): Execution {
  const steps = runSteps[kind];
  const last = steps.findLast((step) => step.exchange && step.kind !== 'refresh')?.exchange ?? null;
  const body = kind === 'played' ? JSON.stringify(ORDER) : (last?.response_body ?? null);
  const { error_type, sentence, next_step, hint = null } = outcomes[kind];
  return {
    id: `execution-${kind}`,
    connector_id: 'connector-order',
    connector_name: 'Get order status',
    source_type: 'test',
    success: error_type === null,
    error_type,
    sentence,
    next_step,
    hint,
    http_status: last?.http_status ?? null,
    http_method: 'get',
    execution_time_ms: steps.reduce((sum, step) => sum + step.duration_ms, 0),
    created_at: '2026-05-04T12:04:31.204Z',
    request_url: last?.url ?? null,
    request_body: null,
    response_body: body,
    raw_response_body: body,
    mock: kind === 'played',
    customer: null,
    inputs: [{ name: 'order_id', value: 'A-1042', redacted: false }],
    next_probe_at: kind === 'circuit_open' ? new Date(Date.now() + 42_000).toISOString() : null,
    steps,
    mapped_fields: error_type === null && kind !== 'denied' ? mapped : [],
    ...over,
  };
}

export function rowOf(execution: Execution): ExecutionRow {
  const {
    id,
    connector_id,
    source_type,
    success,
    error_type,
    sentence,
    http_status,
    execution_time_ms,
    created_at,
    customer = null,
  } = execution;
  const refreshes = execution.steps.filter(
    (step) => step.kind === 'refresh' && step.outcome === 'passed' && step.token?.shared === false,
  ).length;
  return {
    seq: 0,
    id,
    connector_id,
    customer,
    source_type,
    success,
    error_type,
    sentence,
    http_status,
    execution_time_ms,
    created_at,
    refreshes,
  };
}
