'use strict';

/**
 * The Messenger's SDK for pages: hands over the tokens of the customer who uses the page. Calls are sent one after
 * the other; one that fails holds up none after it. Nothing goes to a storage, a cookie, an address or the console.
 * From `boot` to `shutdown` it remembers the session and, to open another when the Messenger was restarted, IDENTITY;
 * the value of a token only until its call is answered.
 */
function latchkeyMessenger(loadedFrom) {
  const IDENTITY = ['app_id', 'user_id', 'intercom_user_jwt', 'user_hash', 'client'];
  const UPDATE = ['app_id', 'user_id', 'email', 'name', 'auth_tokens'];
  const BOOT = [...IDENTITY, ...UPDATE, 'created_at', 'api_base'];
  const LOOPBACK = /^https?:\/\/(localhost|127(\.\d+){3}|\[::1\])(:\d+)?$/;
  const PAGE = globalThis.location?.origin;

  class MessengerError extends Error {
    constructor({ code, message, next_step: nextStep, field, keys = [], stored = [] }, status = 0) {
      super(message);
      Object.assign(this, { code, nextStep, field, keys, stored, status });
    }
  }
  MessengerError.prototype.name = 'MessengerError';

  const failed = (code, message, next_step, field) => new MessengerError({ code, message, next_step, field });

  /** Who is booted; or why the last boot failed. */
  let customer = null;
  let bootFailure = null;
  /** Settles when the last call has been answered. */
  let last = Promise.resolve();

  function Intercom(method, ...given) {
    const callback = typeof given.at(-1) === 'function' ? given.pop() : null;
    // Read now, since the page may change it; a fault of it is told when its turn comes.
    const fields = new Promise((resolve) => resolve(read(method, given[0])));
    const outcome = last.then(() => (Object.hasOwn(calls, method) ? calls[method](fields) : fields));
    last = Promise.allSettled([outcome, fields]);
    // A promise of its own, so that the browser tells of a failure that nobody looks at.
    if (!callback) return outcome.then((result) => result);
    outcome.then((result) => callback(null, result), callback);
    return outcome;
  }

  const calls = {
    async boot(fields) {
      const before = customer?.session;
      // Whoever was booted must not get what is meant for the next one, not even when this fails.
      customer = bootFailure = null;
      try {
        const { api_base, ...settings } = await fields;
        return await send(baseOf(api_base), 'boot', { ...settings, client: 'javascript' }, before);
      } catch (failure) {
        bootFailure = failure;
        throw failure;
      }
    },

    async update(fields) {
      const { user_id, ...changes } = await fields;
      if (customer && user_id && user_id !== customer.userId) {
        throw failed('invalid_field', 'That is another user_id.', 'Call boot for it.', 'user_id');
      }
      return sendInSession('update', changes);
    },

    async setAuthTokens(fields) {
      return sendInSession('auth_tokens', await fields);
    },

    async shutdown() {
      const { base, session, identity } = customer ?? {};
      customer = bootFailure = null;
      if (session) await send(base, 'shutdown', { app_id: identity.app_id }, session).catch(unlessOver);
    },
  };

  async function sendInSession(path, body) {
    if (!customer) {
      const { message = '', nextStep = 'Call boot first.' } = bootFailure ?? {};
      throw failed('not_booted', `Nobody is booted. ${message}`, nextStep);
    }
    const { base, identity } = customer;
    const sent = () => send(base, path, { app_id: identity.app_id, ...body }, customer.session);
    const result = await sent().catch(unlessOver);
    if (result) return result;
    await send(base, 'boot', identity);
    return sent();
  }

  function unlessOver(failure) {
    if (failure.code !== 'session_ended' && failure.code !== 'session_missing') throw failure;
  }

  function unlessNotJson(failure) {
    if (!(failure instanceof SyntaxError)) throw failure;
  }

  async function send(base, path, body, session) {
    const headers = { 'Content-Type': 'application/json' };
    if (session) headers.Authorization = `Bearer ${session}`;
    let status, answer;
    try {
      const response = await fetch(`${base}/v1/${path}`, {
        method: 'POST',
        headers,
        body: JSON.stringify(body),
        credentials: 'omit',
        keepalive: path === 'shutdown', // the page may be left at once
        redirect: 'error',
        referrerPolicy: 'no-referrer',
        signal: AbortSignal.timeout(30_000),
      });
      status = response.status;
      answer = Object(await response.json().catch(unlessNotJson));
    } catch {
      throw failed(
        'unreachable',
        `The Messenger at ${base} can't be reached, or doesn't allow pages of ${PAGE}.`,
        "See on Latchkey's Messenger page that it runs there and that this origin is allowed.",
      );
    }
    // Also beside an error about some of the tokens.
    const opened = answer.session && answer.user_id;
    if (opened) {
      const identity = Object.fromEntries(IDENTITY.map((name) => [name, body[name]]));
      customer = { base, identity, session: answer.session, userId: answer.user_id };
    }
    if (answer.error?.code) throw new MessengerError(answer.error, status);
    if (status === 200 && (path === 'boot' ? opened : answer.user_id))
      return { userId: answer.user_id, stored: answer.auth_tokens ?? [] };
    throw failed('unexpected_answer', `${base} is no Messenger.`, 'Give its address as api_base.');
  }

  /** Values stay on this machine. */
  function baseOf(named = globalThis.intercomSettings?.api_base) {
    const address = named ?? loadedFrom;
    const base = URL.canParse(address) ? new URL(address).origin : '';
    if (LOOPBACK.test(base) && (named || base !== PAGE)) return base;
    throw failed(
      'address_missing',
      named ? `${named} is no loopback address.` : 'This file is not from the Messenger.',
      'Give the address of the Messenger as api_base.',
      'api_base',
    );
  }

  /** What a call is given, by its names on the wire. */
  function read(method, given) {
    if (!Object.hasOwn(calls, method)) {
      throw failed('unknown_method', `There is no ${String(method)}.`, `There are ${Object.keys(calls)}.`);
    }
    if (method === 'setAuthTokens') return { auth_tokens: texts(given) };
    const known = method === 'boot' ? BOOT : UPDATE;
    const fields = {};
    for (const [key, value] of Object.entries(given ?? {})) {
      const name = key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
      if (known.includes(name) && value !== null && value !== undefined) {
        fields[name] = name === 'auth_tokens' ? texts(value) : text(name, value);
      }
    }
    return fields;
  }

  function texts(tokens) {
    // A list would have numbers for names, a Map none.
    if (Object.prototype.toString.call(tokens) !== '[object Object]') return text('auth_tokens');
    return Object.fromEntries(Object.entries(tokens).map(([name, value]) => [name, text(name, value)]));
  }

  function text(name, value) {
    if (name === 'created_at' && (typeof value === 'number' || value instanceof Date)) return value;
    if (typeof value === 'string' || typeof value === 'number') return `${value}`;
    throw failed(
      'invalid_field',
      `${name} has a wrong type.`,
      'Pass text; auth_tokens as { NAME: "value" }.',
      name,
    );
  }

  Intercom.MessengerError = MessengerError;
  const methods = Object.keys(calls).map((name) => [name, Intercom.bind(null, name)]);
  return { Intercom, MessengerError, ...Object.fromEntries(methods) };
}

// As a classic script it installs `Intercom` and makes the calls that wait; a second copy of it leaves that alone.
if (globalThis.document?.currentScript && !window.Intercom?.MessengerError) {
  const { Intercom } = latchkeyMessenger(document.currentScript.src);
  const stub = window.Intercom;
  const waiting = stub?.q?.splice(0) ?? [];
  Intercom.q = { push: (...calls) => calls.forEach((call) => Intercom(...call)) };
  // Who kept the stub goes on calling it.
  if (stub) stub.q = Intercom.q;
  window.Intercom = Intercom;
  Intercom.q.push(...waiting);
}
