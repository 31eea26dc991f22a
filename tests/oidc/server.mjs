// An OpenID provider (oidc-provider, certified, none of our code) beside a resource that it protects:
// a login endpoint and an API whose tokens really expire. One JSON line on standard output says where
// they listen; the server ends when its standard input closes, so that no test leaves it behind.
//
// LATCHKEY_OIDC_TOKEN_SECONDS   how long an access token lives (default 2)
// LATCHKEY_OIDC_TOKEN_FORMAT    `opaque` (default) or `jwt`
// LATCHKEY_OIDC_CLIENT_ID, LATCHKEY_OIDC_CLIENT_SECRET   the one client's login

import { createServer } from 'node:http';
import { once } from 'node:events';
import { createLocalJWKSet, errors, jwtVerify } from 'jose';
import Provider from 'oidc-provider';

const tokenSeconds = wholeNumber('LATCHKEY_OIDC_TOKEN_SECONDS', 2);
const tokenFormat = oneOf('LATCHKEY_OIDC_TOKEN_FORMAT', ['opaque', 'jwt']);
const clientId = process.env.LATCHKEY_OIDC_CLIENT_ID ?? 'latchkey-test';
const clientSecret = process.env.LATCHKEY_OIDC_CLIENT_SECRET ?? 'latchkey-test-secret-0123456789abcdef';
const audience = 'urn:latchkey:test-resource';
const scope = 'read';

// The issuer holds the port, so the port is taken first and answered once the provider stands.
let answer;
const server = createServer((request, response) => answer(request, response));
server.listen(0, '127.0.0.1');
await once(server, 'listening');
const origin = `http://127.0.0.1:${server.address().port}`;

const provider = new Provider(origin, {
  clients: [
    {
      client_id: clientId,
      client_secret: clientSecret,
      grant_types: ['client_credentials'],
      redirect_uris: [],
      response_types: [],
      token_endpoint_auth_method: 'client_secret_post',
    },
  ],
  clientAuthMethods: ['client_secret_post'],
  scopes: [scope],
  features: {
    clientCredentials: { enabled: true },
    devInteractions: { enabled: false },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => audience,
      getResourceServerInfo: () => ({
        scope,
        audience,
        accessTokenFormat: tokenFormat,
        accessTokenTTL: tokenSeconds,
        jwt: { sign: { alg: 'RS256' } },
      }),
    },
  },
  ttl: { ClientCredentials: tokenSeconds },
});

const answerAsProvider = provider.callback();
const resourcePath = /^\/resource\/([^/?]+)$/;
let logins = 0;

answer = (request, response) => {
  const path = request.url.split('?')[0];
  const resource = resourcePath.exec(path);
  if (resource) {
    answerResource(request, response, resource[1]).catch((error) => {
      process.stderr.write(`${error.stack}\n`);
      sendJson(response, 500, { error: 'server_error' });
    });
  } else if (path === '/logins') {
    sendJson(response, 200, { logins });
  } else {
    if (path === '/token') logins += 1;
    answerAsProvider(request, response);
  }
};

process.stdout.write(
  `${JSON.stringify({
    issuer: origin,
    token_endpoint: `${origin}/token`,
    resource: `${origin}/resource`,
    logins: `${origin}/logins`,
    client_id: clientId,
    client_secret: clientSecret,
    token_seconds: tokenSeconds,
  })}\n`,
);

process.stdin.resume();
process.stdin.on('end', stop);
process.stdin.on('error', stop);

async function answerResource(request, response, id) {
  const credentials = /^Bearer ([^ ]+)$/i.exec(request.headers.authorization ?? '');
  if (!credentials) {
    return refuse(response, `Bearer realm="${audience}"`, 'no token was sent');
  }
  const client = await clientOf(credentials[1]);
  if (!client) {
    return refuse(
      response,
      `Bearer realm="${audience}", error="invalid_token", error_description="the access token expired or is unknown"`,
      'the access token expired or is unknown',
    );
  }
  sendJson(response, 200, { id: decodeURIComponent(id), status: 'shipped', read_by: client });
}

// Whose token this is, or undefined once it is expired or was never issued.
async function clientOf(value) {
  if (tokenFormat === 'opaque') {
    const token = await provider.ClientCredentials.find(value);
    return token?.isValid && token.aud === audience ? token.clientId : undefined;
  }
  try {
    const { payload } = await jwtVerify(value, await providerKeys(), { issuer: origin, audience, typ: 'at+jwt' });
    return payload.client_id;
  } catch (error) {
    if (error instanceof errors.JOSEError) return undefined;
    throw error;
  }
}

let keys;
async function providerKeys() {
  keys ??= fetch(`${origin}/jwks`)
    .then((response) => response.json())
    .then(createLocalJWKSet);
  return keys;
}

function refuse(response, challenge, message) {
  response.setHeader('WWW-Authenticate', challenge);
  sendJson(response, 401, { error: 'unauthorized', message });
}

function sendJson(response, status, body) {
  response.writeHead(status, { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' });
  response.end(JSON.stringify(body));
}

function wholeNumber(name, otherwise) {
  const value = Number(process.env[name] ?? otherwise);
  if (Number.isInteger(value) && value > 0) return value;
  return endWith(`${name} must be a whole number of seconds above 0.`);
}

function oneOf(name, choices) {
  const value = process.env[name] ?? choices[0];
  return choices.includes(value) ? value : endWith(`${name} must be one of ${choices.join(', ')}.`);
}

function endWith(message) {
  process.stderr.write(`${message}\n`);
  process.exit(2);
}

function stop() {
  server.close();
  server.closeAllConnections();
}
