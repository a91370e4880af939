import { AUTHENTICATION_REQUIRED, KeystoneFault, notAuthorized } from '../../../http/faults/keystone-fault.js';
import type {
  ApplicationCredentialRepository,
  CredentialWithHash,
} from '../../../persistence/repositories/application-credential.repository.js';
import type { OneTimeCodeRepository } from '../../../persistence/repositories/one-time-code.repository.js';
import type { LoginThrottle } from '../../login-throttle.js';
import { verifyInEqualTime } from '../../passwords.js';
import type { AuthRequest, Method, Named, NamedCredential, Proof, RequestedScope } from './auth-request.js';
import { isRightSecret } from '../credentials/credential-secret.js';
import { DOMAIN, type Project, type User } from '../directory/directory.js';
import type { IdentityStore } from '../store/identity-store.js';
import { showReceipt } from '../identity.view.js';
import { newCodeSecret, stepOfCode } from './one-time-code.js';
import type { Receipt, Receipts } from './receipts.js';
import type { Grant, Scope, Tokens } from './tokens.js';

/** A refused log-in. Only the audit line, not the response, has the reason. */
export class LogInRefused extends KeystoneFault {
  constructor(
    readonly reason: Method | 'receipt' | 'scope',
    /** The user, if it exists; unknown names are not recorded, since users may type a password in that field. */
    readonly userId: string | undefined,
    challenge: string,
    message = AUTHENTICATION_REQUIRED,
  ) {
    super('unauthorized', message, { 'WWW-Authenticate': challenge });
  }
}

/** The proof that is required of a user with one-time codes. */
const WITH_CODES = [['password', 'totp']] as const satisfies Method[][];

/** The 401 of a log-in that needs another method; the next log-in sends its receipt in the same header. */
export class MoreMethodsRequired extends KeystoneFault {
  readonly reason = 'incomplete';
  readonly userId: string;

  constructor(
    id: string,
    private readonly receipt: Receipt,
  ) {
    super('unauthorized', 'The log-in needs another method.', { 'Openstack-Auth-Receipt': id });
    this.userId = receipt.user.id;
  }

  override body(): string {
    return JSON.stringify(showReceipt(this.receipt, WITH_CODES));
  }
}

/** What one method proves. */
interface Proven {
  readonly user: User;
  /** Of the method token. */
  readonly from?: Grant;
  readonly credential?: CredentialWithHash;
}

/** Where a log-in comes from. */
interface Client {
  readonly address: string;
  /** The value of WWW-Authenticate. */
  readonly challenge: string;
  /** The receipt of a log-in with other methods; empty without one. */
  readonly receipt: string;
}

/** Users without a secret, and unknown ones, are checked against this one, so that the time reveals nothing. */
const UNKNOWN_SECRET = newCodeSecret();

/** Authenticates users and issues tokens. */
export class LogIn {
  constructor(
    private readonly store: IdentityStore,
    private readonly tokens: Tokens,
    private readonly throttle: LoginThrottle,
    private readonly credentials: ApplicationCredentialRepository,
    private readonly receipts: Receipts,
    private readonly codes: OneTimeCodeRepository,
  ) {}

  /**
   * A token for the requested scope. Throws {@link LogInRefused}, 401, if what proves the user, or the scope, is wrong,
   * {@link MoreMethodsRequired}, 401, if the user has to prove more, and a KeystoneFault: 403 for a token of an application credential, 429
   * after many failures.
   */
  async tokenFor({ proofs, scope: requested }: AuthRequest, client: Client): Promise<[string, Grant]> {
    let proven: Proven | undefined;
    for (const proof of proofs) {
      const next = await this.prove(proof, requested, client);
      if (proven && next.user.id !== proven.user.id) {
        throw new LogInRefused(proof.method, next.user.id, client.challenge);
      }
      proven = { ...proven, ...next };
    }
    const { user, from, credential } = proven!;
    const methods = await this.methods(user, proofs, from, client);
    const scope = this.scope(requested, proven!);
    const issued = scope && (await this.tokens.issue(user, scope, methods, { from, credential }));
    if (!issued) throw new LogInRefused('scope', user.id, client.challenge);
    return issued;
  }

  private prove(proof: Proof, requested: RequestedScope, client: Client): Promise<Proven> {
    switch (proof.method) {
      case 'password':
        return this.checkPassword(proof.user, proof.password, client);
      case 'totp':
        return this.checkCode(proof.user, proof.code, client);
      case 'token':
        return this.checkToken(proof.id, requested, client);
      case 'application_credential':
        return this.checkCredential(proof.credential, proof.secret, client);
    }
  }

  /** The methods of this log-in and of those that it continues, each once. */
  private async methods(
    user: User,
    proofs: readonly Proof[],
    from: Grant | undefined,
    { receipt: id, challenge }: Client,
  ): Promise<readonly string[]> {
    const receipt = id === '' ? undefined : await this.receipts.read(id);
    if (id !== '' && receipt?.user.id !== user.id) {
      throw new LogInRefused('receipt', user.id, challenge, 'Could not find auth receipt.');
    }
    const proven = proofs.map(({ method }) => method as string);
    const methods = [...new Set([...proven, ...(from?.methods ?? []), ...(receipt?.methods ?? [])])];
    // An application credential was made by one who had proved everything, and programs that use it have no codes.
    const isComplete =
      user.codeSecret === null ||
      proven.includes('application_credential') ||
      WITH_CODES.some((rule) => rule.every((method) => methods.includes(method)));
    if (!isComplete) throw new MoreMethodsRequired(...(await this.receipts.issue(user, methods)));
    return methods;
  }

  private async checkToken(id: string, requested: RequestedScope, { challenge }: Client): Promise<Proven> {
    const from = await this.tokens.read(id);
    if (!from) throw new LogInRefused('token', undefined, challenge);
    // A token of a narrow credential must not become one of another scope (Keystone's auth/plugins/token.py).
    if (from.credential) throw forbiddenToken('a delegated token to create another token');
    if (from.scope.kind === 'system' && (requested.kind === 'project' || requested.kind === 'domain')) {
      throw forbiddenToken('a system-scoped token to create a project-scoped or domain-scoped token');
    }
    return { user: from.user, from };
  }

  private async checkPassword(named: Named, password: string, { address, challenge }: Client): Promise<Proven> {
    const user = this.user(named);
    const hash = (user?.enabled && user.passwordHash) || undefined;
    const { hashOfEachCost } = this.store.current();
    const isRight = await this.throttle.attempt(user?.id ?? textOf(named), address, () =>
      verifyInEqualTime(password, hash, hashOfEachCost),
    );
    if (!user || !isRight) throw new LogInRefused('password', user?.id, challenge);
    return { user };
  }

  private async checkCode(named: Named, code: string, { address, challenge }: Client): Promise<Proven> {
    const user = this.user(named);
    const secret = (user?.enabled && user.codeSecret) || undefined;
    // Failures count apart from those of the password: a right password must not make codes free to guess.
    const isRight = await this.throttle.attempt(`totp ${user?.id ?? textOf(named)}`, address, async () => {
      const step = stepOfCode(code, secret ?? UNKNOWN_SECRET);
      return secret !== undefined && step !== undefined && this.codes.use(user!.id, step);
    });
    if (!user || !isRight) throw new LogInRefused('totp', user?.id, challenge);
    return { user };
  }

  private async checkCredential(named: NamedCredential, secret: string, client: Client): Promise<Proven> {
    const credential = await this.credential(named);
    // Failures count for the credential: one who knows its id cannot slow down the passwords of its user.
    const key = credential?.id ?? ('id' in named ? named.id : `${textOf(named.user)} ${named.name}`);
    const isRight = await this.throttle.attempt(`credential ${key}`, client.address, () =>
      isRightSecret(secret, credential?.secretHash),
    );
    const user = credential && this.store.current().user(credential.userId);
    if (!credential || !user || !isRight) throw new LogInRefused('application_credential', user?.id, client.challenge);
    return { user, credential };
  }

  private async credential(named: NamedCredential): Promise<CredentialWithHash | undefined> {
    if ('id' in named) return this.credentials.find(named.id);
    const user = this.user(named.user);
    return user && this.credentials.findNamed(user.id, named.name);
  }

  private user(named: Named): User | undefined {
    if ('id' in named) return this.store.current().user(named.id);
    return isOurs(named.domain) ? this.store.current().userNamed(named.name) : undefined;
  }

  private scope(request: RequestedScope, { user, from, credential }: Proven): Scope | undefined {
    if (request.kind === 'none') return undefined;
    if (request.kind === 'default')
      return from?.scope.kind === 'system' ? { kind: 'unscoped' } : this.defaultScope(user);
    if (request.kind === 'domain') return isOurs(request.domain) ? { kind: 'domain' } : undefined;
    if (request.kind === 'system' || request.kind === 'unscoped') return { kind: request.kind };
    const project =
      request.kind === 'credential'
        ? this.store.current().project(credential!.projectId)
        : this.project(request.project);
    return project?.enabled ? { kind: 'project', project } : undefined;
  }

  /** The default project, if the user has a role in it. */
  private defaultScope({ defaultProjectId, projectRoles }: User): Scope {
    const project = defaultProjectId === null ? undefined : this.store.current().project(defaultProjectId);
    return project?.enabled && projectRoles.get(project.id)?.length
      ? { kind: 'project', project }
      : { kind: 'unscoped' };
  }

  private project(named: Named): Project | undefined {
    if ('id' in named) return this.store.current().project(named.id);
    return isOurs(named.domain) ? this.store.current().projectNamed(named.name) : undefined;
  }
}

/** A token that must not be exchanged. Keystone ends the sentence twice. */
const forbiddenToken = (what: string): KeystoneFault => notAuthorized(`Using ${what} is not allowed.`);

const textOf = (named: Named): string => ('id' in named ? named.id : named.name);

function isOurs(domain: { readonly id: string } | { readonly name: string }): boolean {
  return 'id' in domain ? domain.id === DOMAIN.id : domain.name === DOMAIN.name;
}
