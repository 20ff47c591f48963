// A provider of identities, as ProConnect is one: node provider.mjs SETTINGS.json. Its login page asks who
// one is, and no more. Its keys are new each time it starts. Says "listening" once it does.
import { generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';

import Provider from 'oidc-provider';

const settings = JSON.parse(readFileSync(process.argv[2]));

// A machine whose clock is wrong by so many seconds.
const now = Date.now;
Date.now = () => now() + settings.clock_ahead * 1000;

const keySet = (visible) => ['RS256', 'ES256'].map((alg) => {
  const pair = alg === 'RS256' ? generateKeyPairSync('rsa', { modulusLength: 2048 }) : generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return { ...pair[visible].export({ format: 'jwk' }), alg, use: 'sig', kid: `of ${alg}` };
});

const provider = new Provider(settings.issuer, {
  clients: [{
    client_id: settings.client_id,
    client_secret: settings.client_secret,
    redirect_uris: settings.redirect_uris,
    post_logout_redirect_uris: settings.post_logout_redirect_uris,
    response_types: ['code'],
    grant_types: ['authorization_code'],
    token_endpoint_auth_method: settings.auth_method,
    id_token_signed_response_alg: settings.algorithm,
    ...(settings.signed_userinfo ? { userinfo_signed_response_alg: settings.algorithm } : {}),
  }],
  jwks: { keys: keySet('privateKey') },
  clientAuthMethods: [settings.auth_method],
  enabledJWA: { idTokenSigningAlgValues: ['RS256', 'ES256'], userinfoSigningAlgValues: ['RS256', 'ES256'] },
  acrValues: ['eidas1', 'eidas2'],
  scopes: ['openid', 'email', 'groups'],
  claims: { openid: ['sub'], email: ['email', 'email_verified'], groups: ['groups', 'siret'] },
  features: { devInteractions: { enabled: false }, jwtUserinfo: { enabled: true } },
  pkce: { required: () => true },
  cookies: { keys: ['for this test alone'] },
  findAccount: (_, id) => settings.accounts[id] && { accountId: id, claims: () => ({ sub: id, ...settings.accounts[id].claims }) },
  interactions: { url: (_, { uid }) => `/interaction/${uid}` },
});

const page = Object.keys(settings.accounts).map((account) => `<p><a href="?account=${account}">${account}</a></p>`).join('');

async function logIn(request, response, accountId) {
  if (!accountId) return response.writeHead(200, { 'Content-Type': 'text/html' }).end(page);
  if (!settings.accounts[accountId]) return provider.interactionFinished(request, response, { error: 'access_denied' });
  const { params } = await provider.interactionDetails(request, response);
  const grant = new provider.Grant({ accountId, clientId: params.client_id });
  grant.addOIDCScope(params.scope);
  return provider.interactionFinished(request, response, {
    login: { accountId, acr: settings.accounts[accountId].acr },
    consent: { grantId: await grant.save() },
  });
}

const answer = provider.callback();
const impostor = JSON.stringify({ keys: keySet('publicKey') });
const server = createServer({ cert: readFileSync(settings.certificate), key: readFileSync(settings.key) }, async (request, response) => {
  const { pathname, searchParams } = new URL(request.url, settings.issuer);
  // What the tokens are signed with is not what is published: somebody else made them.
  if (settings.other_keys && pathname === '/jwks') return response.end(impostor);
  if (!pathname.startsWith('/interaction/')) return answer(request, response);
  try {
    return await logIn(request, response, searchParams.get('account'));
  } catch (failure) {
    return response.writeHead(500).end(String(failure.stack ?? failure));
  }
});
server.listen(Number(new URL(settings.issuer).port), '127.0.0.1', () => console.log('listening'));
