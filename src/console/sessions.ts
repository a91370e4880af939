import { AUTHENTICATION_REQUIRED, type KeystoneCode, KeystoneFault } from '../http/faults/keystone-fault.js';
import { type Fields, malformedRequest, readText } from '../identity/builtin/body.js';
import type { IdentityAnswer, IdentityApi } from './identity-api.js';

interface NamedThing {
  readonly id: string;
  readonly name: string;
}

/** What a page knows of its session. */
export interface Session {
  readonly token: string;
  readonly expires_at: string;
  readonly user: NamedThing;
  /** Null for a token of no project. */
  readonly project: NamedThing | null;
  readonly roles: readonly string[];
  /** The projects to choose from. */
  readonly projects: readonly NamedThing[];
}

/** A log-in that needs another method, such as a one-time code. */
export interface MoreMethods {
  readonly receipt: string;
  readonly methods: readonly string[];
}

/** How often a password may be tried. The routes of the built-in identity count by themselves. */
export type Attempt = (user: string, address: string, isRight: () => Promise<boolean>) => Promise<boolean>;

/** Logs users of the console in and out, through the Identity API. */
export class Sessions {
  constructor(
    private readonly identity: IdentityApi,
    private readonly attempt: Attempt,
  ) {}

  /** Throws a KeystoneFault with the status of the Identity API. */
  async logIn(body: Fields, address: string): Promise<Session | MoreMethods> {
    if (body.method === 'token') return this.adopt(readText(body, 'token', 'the log-in'), address);
    const { methods, proof, user, receipt } = readLogIn(body);
    const identity = { methods, ...proof };
    const auth = { identity };
    const headers: Record<string, string> = receipt === undefined ? {} : { 'Openstack-Auth-Receipt': receipt };
    let answer: IdentityAnswer | undefined;
    await this.attempt(user, address, async () => {
      answer = await this.identity.send({ method: 'POST', path: '/auth/tokens', headers, body: { auth } }, address);
      // A right password that needs a code as well is no failure.
      return answer.status === 201 || moreMethodsOf(answer) !== undefined;
    });
    const more = moreMethodsOf(answer!);
    if (more) return more;
    return this.withProject(await this.sessionOf(answer!, address), address);
  }

  /** The session of a token; undefined if the token is no longer valid. */
  async show(token: string, address: string): Promise<Session | undefined> {
    const answer = await this.describe(token, address);
    return answer.status === 200 ? this.sessionOf(answer, address, token) : undefined;
  }

  /** A session of the same user in another project. Throws a KeystoneFault. */
  async rescope(token: string, projectId: string, address: string): Promise<Session> {
    const identity = { methods: ['token'], token: { id: token } };
    const body = { auth: { identity, scope: { project: { id: projectId } } } };
    return this.sessionOf(await this.identity.send({ method: 'POST', path: '/auth/tokens', body }, address), address);
  }

  /** Revokes the token. */
  async end(token: string, address: string): Promise<void> {
    const headers = { 'X-Auth-Token': token, 'X-Subject-Token': token };
    await this.identity.send({ method: 'DELETE', path: '/auth/tokens', headers }, address);
  }

  /** A session with a token that the browser has from elsewhere. Tokens cannot be guessed, so failures are not counted. */
  private async adopt(token: string, address: string): Promise<Session> {
    if (!isToken(token)) throw malformedRequest('The token has characters that no token has, or is too long.');
    const answer = await this.describe(token, address);
    return this.withProject(await this.sessionOf(answer, address, token), address);
  }

  private describe(token: string, address: string): Promise<IdentityAnswer> {
    const headers = { 'X-Auth-Token': token, 'X-Subject-Token': token };
    return this.identity.send({ method: 'GET', path: '/auth/tokens?nocatalog', headers }, address);
  }

  /** Keypairs of a project and guests need one: users without a default project begin with their first. */
  private async withProject(session: Session, address: string): Promise<Session> {
    const [first] = session.projects;
    return session.project === null && first ? this.rescope(session.token, first.id, address) : session;
  }

  private async sessionOf(answer: IdentityAnswer, address: string, known?: string): Promise<Session> {
    const body = answer.json as { token?: Record<string, never> } | undefined;
    const token = known ?? answer.headers['x-subject-token'];
    if (answer.status >= 300 || typeof token !== 'string' || !body?.token) throw refusalOf(answer);
    const {
      expires_at,
      user,
      project = null,
      roles = [],
    } = body.token as unknown as {
      expires_at: string;
      user: NamedThing;
      project?: NamedThing | null;
      roles?: NamedThing[];
    };
    return {
      token,
      expires_at,
      user: named(user),
      project: project && named(project),
      roles: roles.map(({ name }) => name),
      projects: await this.projects(token, address),
    };
  }

  private async projects(token: string, address: string): Promise<NamedThing[]> {
    const headers = { 'X-Auth-Token': token };
    const { json } = await this.identity.send({ method: 'GET', path: '/auth/projects', headers }, address);
    const { projects = [] } = (json ?? {}) as { projects?: NamedThing[] };
    return projects.map(named);
  }
}

/** Whether a text may be a token of a Keystone: Fernet, JWS or UUID. */
export const isToken = (text: string): boolean => /^[\w.~+/=-]{1,4096}$/.test(text);

const named = ({ id, name }: NamedThing): NamedThing => ({ id, name });

interface LogIn {
  readonly methods: readonly string[];
  /** What is proven, by the name of its method. */
  readonly proof: object;
  /** Whose failures are counted. */
  readonly user: string;
  readonly receipt?: string;
}

/** Reads `{"method": ..., ...}`. Throws a KeystoneFault, 400; it quotes no value, since one of them is a password. */
function readLogIn(body: Fields): LogIn {
  const text = (name: string): string => readText(body, name, 'the log-in');
  const domain = { name: body.domain === undefined ? 'Default' : text('domain') };
  switch (body.method) {
    case 'password': {
      const name = text('user');
      const proof = { password: { user: { name, domain, password: text('password') } } };
      return { methods: ['password'], proof, user: name };
    }
    case 'totp': {
      const name = text('user');
      const proof = { totp: { user: { name, domain, passcode: text('passcode') } } };
      return { methods: ['totp'], proof, user: `totp ${name}`, receipt: text('receipt') };
    }
    case 'application_credential': {
      const id = text('id');
      const proof = { application_credential: { id, secret: text('secret') } };
      return { methods: ['application_credential'], proof, user: `credential ${id}` };
    }
    default:
      throw malformedRequest('The method must be password, totp, application_credential or token.');
  }
}

/** The receipt of a log-in that needs another method (Keystone's auth receipts). */
function moreMethodsOf({ status, headers, json }: IdentityAnswer): MoreMethods | undefined {
  const receipt = headers['openstack-auth-receipt'];
  if (status !== 401 || typeof receipt !== 'string') return undefined;
  const { required_auth_methods: rules = [] } = (json ?? {}) as { required_auth_methods?: string[][] };
  return { receipt, methods: [...new Set(rules.flat())] };
}

const CODES: Readonly<Record<number, KeystoneCode>> = {
  400: 'bad-request',
  403: 'forbidden',
  429: 'too-many-failures',
  503: 'unavailable',
};

/** The refusal of the Identity API, in its words. */
function refusalOf({ status, headers, json }: IdentityAnswer): KeystoneFault {
  const { error } = (json ?? {}) as { error?: { message?: unknown } };
  const message = typeof error?.message === 'string' ? error.message : AUTHENTICATION_REQUIRED;
  const code = CODES[status] ?? (status >= 500 ? 'unavailable' : 'unauthorized');
  const kept = ['www-authenticate', 'retry-after'].flatMap((name) =>
    headers[name] === undefined ? [] : [[name, String(headers[name])] as const],
  );
  return new KeystoneFault(code, message, Object.fromEntries(kept));
}
