import { randomUUID } from 'node:crypto';
import { tokenBody } from '../support/log-in.js';
import { sshKeygen } from '../support/ssh-keygen.js';
import { filled, type Route } from './every-route.js';
import { Secrets } from './secrets.js';
import { type Answered, send } from './wire.js';

type Headers = Readonly<Record<string, string>>;

/** Secrets on their way through the routes of a service, and the answers. */
export class Journey {
  /** Secrets that must appear nowhere. */
  readonly secrets = new Secrets();
  /** What a refusal may show to its sender, as Nova's do, and nothing else may. */
  readonly shown = new Secrets();
  /** Answers of 400 and above. */
  readonly refusals: { readonly to: string; readonly answered: Answered }[] = [];
  /** `GET /v2.1 200`, without queries. */
  readonly seen = new Set<string>();
  /** Headers in which clients send secrets, each with one. */
  readonly headers: Headers = {
    'X-Auth-Token': this.secrets.make('X-Auth-Token'),
    'X-Subject-Token': this.secrets.make('X-Subject-Token'),
    'X-Service-Token': this.secrets.make('X-Service-Token'),
    Authorization: `Basic ${Buffer.from(`alice:${this.secrets.make('Authorization')}`).toString('base64')}`,
    'Proxy-Authorization': `Bearer ${this.secrets.make('Proxy-Authorization')}`,
    Cookie: `session=${this.secrets.make('Cookie')}`,
    'X-Api-Key': this.secrets.make('X-Api-Key'),
  };

  /** `pasted` is a private key, which is sent where a public one belongs. */
  constructor(private readonly pasted: string) {
    this.secrets.addPrivateKey('pasted private key', pasted);
  }

  async sent(host: string, method: string, target: string, headers: Headers = {}, body?: string): Promise<Answered> {
    const answered = await send(host, { method, target, headers, body });
    if (answered.status >= 400) this.refusals.push({ to: `${method} ${target}`, answered });
    this.seen.add(`${method} ${target.split('?', 1)[0]} ${answered.status}`);
    return answered;
  }

  /** Sends requests to all routes with these headers, accepted or not. */
  async everywhere(host: string, routes: readonly Route[], headers: Headers): Promise<void> {
    const query = `token=${this.shown.make('query')}&limit=${this.shown.make('limit')}`;
    const bodies = this.badBodies();
    for (const route of routes) {
      const target = targetOf(route);
      const json = { ...headers, 'Content-Type': 'application/json' };
      await this.sent(host, route.method, target, headers);
      await this.sent(host, route.method, `${target}?${query}`, headers);
      await this.sent(host, route.method, target, { ...headers, 'OpenStack-API-Version': 'compute 9.9' });
      if (!['POST', 'PUT', 'PATCH'].includes(route.method)) continue;
      await this.sent(host, route.method, target, { ...headers, 'Content-Type': 'text/html' }, 'x');
      for (const version of ['2.1', '2.92']) {
        const versioned = { ...json, 'X-OpenStack-Nova-API-Version': version };
        for (const body of bodies) await this.sent(host, route.method, target, versioned, body);
      }
    }
  }

  /** `METHOD target: secret`, for each secret in a refusal. */
  inRefusals(...which: readonly Secrets[]): string[] {
    const found = this.refusals.flatMap(({ to, answered }) =>
      which.flatMap((each) => each.in(answered.all)).map((what) => `${to}: ${what}`),
    );
    return [...new Set(found)];
  }

  /** Bodies that no route accepts, each with secrets in a different place. */
  private badBodies(): string[] {
    const { pasted, shown } = this;
    const password = this.secrets.make('password in a body');
    const token = this.secrets.make('token in a body');
    const user = { name: 'admin', domain: { id: 'default' }, password };
    const byPassword = (more: object): object => ({
      auth: { identity: { methods: ['password'], password: { user, ...more } } },
    });
    return [
      `{"auth": {"identity": {"password": {"user": {"password": "${password}"`,
      `{"password": "${password}", }`,
      password,
      `"${shown.make('body that is no object')}"`,
      JSON.stringify([shown.make('list in place of an object')]),
      JSON.stringify({ auth: password }),
      JSON.stringify({ auth: { identity: token } }),
      JSON.stringify({ auth: { identity: { methods: [token], token: { id: token } } } }),
      JSON.stringify({ auth: { identity: { methods: ['password'], password: { user: password } } } }),
      JSON.stringify(byPassword({ scope: { project: token } })),
      JSON.stringify({ auth: { identity: { methods: ['token'], token: { id: { id: token } } } } }),
      JSON.stringify(tokenBody(token, undefined)),
      JSON.stringify({
        auth: {
          identity: { methods: ['application_credential'], application_credential: { id: 'own', secret: password } },
        },
      }),
      JSON.stringify({ auth: { identity: { methods: ['totp'], totp: { user: { ...user, passcode: password } } } } }),
      JSON.stringify({ auth: { identity: { methods: ['totp'], totp: { user: { ...user, passcode: [token] } } } } }),
      JSON.stringify({ application_credential: { name: 'own', secret: password } }),
      JSON.stringify({ application_credential: { name: 'own', secret: [password] } }),
      JSON.stringify({ keypair: { name: 'own', public_key: pasted } }),
      JSON.stringify({ keypair: { name: 'own', type: 'x509', public_key: pasted } }),
      JSON.stringify({ keypair: { name: pasted, public_key: sshKeygen() } }),
      JSON.stringify({ keypair: { name: 'own', public_key: { pasted } } }),
      JSON.stringify({ keypair: { name: 'own', public_key: [pasted] } }),
      JSON.stringify({ keypair: { name: 'own', public_key: sshKeygen(), type: pasted } }),
      JSON.stringify({ keypair: pasted }),
      JSON.stringify({ keypair: { name: 'own', private_key: pasted, public_key: sshKeygen() } }),
      JSON.stringify({ guest: { name: 'own', key_names: [pasted], user_data: pasted, metadata: { key: pasted } } }),
      JSON.stringify({ guest: pasted }),
      JSON.stringify({ quota_set: { key_pairs: pasted } }),
      JSON.stringify({ auth: password, filler: 'x'.repeat(120_000) }),
    ];
  }
}

/** A URL of a route that matches nothing, except for files that exist. */
export const targetOf = (route: Route): string =>
  filled(route, { name: 'own', id: randomUUID(), alias: 'os-keypairs', file: '2.92.json' });
