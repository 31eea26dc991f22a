'use strict';

/**
 * The Messenger's SDK for pages: it hands over the tokens of the customer who uses the page.
 *
 * Calls are sent one after the other, as they were made; one that fails holds up none that comes after it.
 * Nothing is written to a storage, a cookie, an address or the console. In memory are, from `boot` until
 * `shutdown`, the session and what it takes to open it again when the Messenger was restarted: app_id, user_id
 * and intercom_user_jwt or user_hash. The value of a token is there until its call has been answered.
 *
 * @param {string} loadedFrom where this file came from, which is where the Messenger is, unless `api_base` says so
 */
function latchkeyMessenger(loadedFrom) {
  const LONGEST_WAIT_MS = 30_000;
  const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/;
  const HERE = globalThis.location?.origin;
  const IDENTITY = ['app_id', 'user_id', 'intercom_user_jwt', 'user_hash'];
  const PROFILE = ['email', 'name', 'auth_tokens'];
  const CALLS = {
    boot: { fields: [...IDENTITY, ...PROFILE, 'created_at', 'api_base'], run: boot },
    update: { fields: ['app_id', 'user_id', ...PROFILE], run: update },
    setAuthTokens: { fields: ['auth_tokens'], run: setAuthTokens },
    shutdown: { fields: [], run: shutdown },
  };

  class MessengerError extends Error {
    constructor({ code, message, next_step: nextStep, field, keys = [], stored = [] }, status = 0) {
      super(message);
      Object.assign(this, { code, nextStep, field, keys, stored, status });
    }

    get name() {
      return 'MessengerError';
    }
  }

  const failed = (code, message, next_step, field) => new MessengerError({ code, message, next_step, field });

  /** Who is booted and where, or null. */
  let customer = null;
  /** Why the last boot failed, or null. */
  let bootFailure = null;
  /** Settles when the last call has been answered. */
  let last = Promise.resolve();

  function Intercom(method, ...rest) {
    const callback = typeof rest.at(-1) === 'function' ? rest.pop() : null;
    const call = Object.hasOwn(CALLS, method) ? CALLS[method] : null;
    // Read now, as the page may change it later; a fault is told when its turn comes.
    const read = new Promise((resolve) => resolve(fieldsOf(method, call, rest[0])));
    const outcome = last.then(() => (call ? call.run(read) : read));
    last = Promise.allSettled([outcome, read]);
    if (callback) {
      outcome.then((result) => callback(null, result), callback);
    }
    return outcome;
  }

  async function boot(read) {
    const session = customer?.session;
    // Whoever was booted before must not get the tokens of the next one, also when this boot fails.
    customer = null;
    bootFailure = null;
    try {
      const { api_base, ...settings } = await read;
      return await open(baseOf(api_base), settings, session);
    } catch (failure) {
      bootFailure = failure;
      throw failure;
    }
  }

  async function update(read) {
    const { user_id, ...changes } = await read;
    if (customer && user_id !== undefined && String(user_id) !== customer.userId) {
      throw failed(
        'invalid_field',
        'update can not change the user_id.',
        'Call boot for another customer.',
        'user_id',
      );
    }
    return sendInSession('update', 'update', changes);
  }

  async function setAuthTokens(read) {
    return sendInSession('setAuthTokens', 'auth_tokens', await read);
  }

  async function shutdown() {
    const ended = customer;
    customer = null;
    bootFailure = null;
    if (ended?.session) {
      const { failure } = await send(ended.base, 'shutdown', ended.session, { app_id: ended.identity.app_id });
      if (failure && !isOver(failure)) {
        throw failure;
      }
    }
  }

  /** Opens a session, which the Messenger does also when it refuses some of the tokens. */
  async function open(base, settings, before) {
    const body = { ...settings, client: 'javascript' };
    const { answer, failure } = await send(base, 'boot', before, body);
    if (answer.session) {
      const identity = Object.fromEntries(IDENTITY.map((name) => [name, settings[name]]));
      customer = { base, identity, session: answer.session, userId: answer.user_id };
    }
    return resultOf(answer, failure);
  }

  /** Sends a call of the session; when that has ended, because the Messenger was restarted, it is opened again, once. */
  async function sendInSession(method, path, body) {
    if (!customer) {
      throw notBooted(method);
    }
    const sent = () => send(customer.base, path, customer.session, { app_id: customer.identity.app_id, ...body });
    if (customer.session) {
      const { answer, failure } = await sent();
      if (!isOver(failure)) {
        return resultOf(answer, failure);
      }
      customer.session = null;
    }
    await open(customer.base, customer.identity);
    const { answer, failure } = await sent();
    return resultOf(answer, failure);
  }

  const isOver = (failure) => failure?.code === 'session_ended' || failure?.code === 'session_missing';

  function notBooted(method) {
    return bootFailure
      ? failed('not_booted', `${method} needs a boot, and the last one failed: ${bootFailure.message}`, bootFailure.nextStep)
      : failed('not_booted', `${method} was called before boot.`, 'Call boot with the app_id and the user_id first.');
  }

  function resultOf(answer, failure) {
    if (failure) {
      throw failure;
    }
    return { userId: answer.user_id, stored: answer.auth_tokens ?? [] };
  }

  async function send(base, path, session, body) {
    let status, text;
    try {
      const response = await fetch(`${base}/v1/${path}`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', ...(session && { Authorization: `Bearer ${session}` }) },
        body: JSON.stringify(body),
        cache: 'no-store',
        credentials: 'omit',
        // After a shutdown the page may be left at once.
        keepalive: path === 'shutdown',
        redirect: 'error',
        referrerPolicy: 'no-referrer',
        signal: AbortSignal.timeout(LONGEST_WAIT_MS),
      });
      status = response.status;
      text = await response.text();
    } catch {
      throw failed(
        'unreachable',
        `The Messenger at ${base} could not be reached, or does not allow pages of ${HERE}.`,
        'See on the Messenger page of Latchkey that it runs there and that this origin is allowed.',
      );
    }
    const answer = parsed(text);
    if (answer.error?.code) {
      return { answer, failure: new MessengerError(answer.error, status) };
    }
    if (status !== 200 || typeof answer.user_id !== 'string') {
      throw failed('unexpected_answer', `What answers at ${base} is not the Messenger.`, 'Give its address as api_base.');
    }
    return { answer };
  }

  function parsed(text) {
    try {
      return Object(JSON.parse(text));
    } catch {
      return {};
    }
  }

  /** The Messenger is on this machine: values go nowhere else, wherever this file was copied to. */
  function baseOf(given) {
    const named = given ?? globalThis.intercomSettings?.api_base;
    const address = named ?? loadedFrom;
    const url = URL.canParse(address) ? new URL(address) : null;
    const isLoopback = url && /^https?:$/.test(url.protocol) && LOOPBACK.test(url.hostname);
    if (!isLoopback || (named === undefined && url.origin === HERE)) {
      throw failed(
        'address_missing',
        named ? `${named} is no loopback address.` : 'This file was not loaded from the Messenger.',
        'Give the address that the Messenger page of Latchkey shows as api_base.',
        'api_base',
      );
    }
    return url.origin;
  }

  function fieldsOf(method, call, argument) {
    if (!call) {
      throw failed(
        'unknown_method',
        `The Messenger knows no call ${String(method)}.`,
        'It knows boot, update, setAuthTokens and shutdown.',
      );
    }
    if (method === 'setAuthTokens') {
      return { auth_tokens: tokensOf(argument) };
    }
    if (!isPlainObject(argument ?? {})) {
      throw invalid(undefined, `What ${method} is given is no object.`, 'Pass an object, such as { user_id: "42" }.');
    }
    const fields = {};
    for (const [key, value] of Object.entries(argument ?? {})) {
      const name = key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
      if (call.fields.includes(name) && value !== undefined && value !== null) {
        fields[name] = name === 'auth_tokens' ? tokensOf(value) : simple(name, value);
      }
    }
    return fields;
  }

  function tokensOf(tokens) {
    if (!isPlainObject(tokens)) {
      throw invalid('auth_tokens', 'auth_tokens is no object.', 'Pass { NAME_OF_THE_TOKEN: "value" }.');
    }
    for (const [name, value] of Object.entries(tokens)) {
      if (typeof value !== 'string') {
        throw invalid(`auth_tokens.${name}`, `The value of ${name} is no text.`, 'Pass { NAME_OF_THE_TOKEN: "value" }.');
      }
    }
    return { ...tokens };
  }

  function simple(name, value) {
    if (name === 'created_at' && (typeof value === 'number' || value instanceof Date)) {
      return value;
    }
    if (typeof value === 'string' || typeof value === 'number') {
      return String(value);
    }
    throw invalid(name, `${name} is no text.`, `Pass ${name} as text.`);
  }

  const isPlainObject = (value) => Object.prototype.toString.call(value) === '[object Object]';
  const invalid = (field, message, next_step) => failed('invalid_field', message, next_step, field);

  return {
    Intercom: Object.assign(Intercom, { MessengerError }),
    MessengerError,
    boot: (settings, callback) => Intercom('boot', settings, callback),
    update: (settings, callback) => Intercom('update', settings, callback),
    setAuthTokens: (tokens, callback) => Intercom('setAuthTokens', tokens, callback),
    shutdown: (callback) => Intercom('shutdown', callback),
  };
}

// As a classic script it installs `Intercom` and makes the calls that wait in the queue. A second copy of it finds the
// first and leaves everything as it is; a module exports instead.
if (typeof document !== 'undefined' && document.currentScript && !window.Intercom?.MessengerError) {
  const { Intercom } = latchkeyMessenger(document.currentScript.src);
  const stub = window.Intercom;
  const waiting = Array.isArray(stub?.q) ? stub.q : [];
  Intercom.q = { push: (...calls) => calls.forEach((call) => Intercom(...call)) };
  if (typeof stub === 'function') {
    // Who kept the stub goes on calling it.
    stub.q = Intercom.q;
  }
  window.Intercom = Intercom;
  Intercom.q.push(...waiting);
}
