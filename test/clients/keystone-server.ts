import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from '../support/free-port.js';
import { Client } from '../support/client.js';
import { logIn } from '../support/log-in.js';
import { until } from '../support/until.js';

const run = promisify(execFile);

/** A real Keystone with a SQLite database in a directory of its own, on a port of its own. */
export class KeystoneServer {
  static readonly adminPassword = 'bootstrap-password';
  /** The service user of the cloud, as `KEYSTONE_USERNAME` names it. */
  static readonly service = { name: 'nova', password: 'service-password' };

  readonly client: Client;
  private process: ChildProcess | undefined;

  private constructor(
    private readonly directory: string,
    private readonly port: number,
  ) {
    this.client = new Client(`127.0.0.1:${port}`);
  }

  /** Sets one up with the user `admin`, and a service user that may validate tokens. */
  static async start(): Promise<KeystoneServer> {
    const server = await KeystoneServer.startNew();
    await server.addServiceUser();
    return server;
  }

  /** Sets one up as its bootstrap leaves it. */
  static async startNew(): Promise<KeystoneServer> {
    const server = new KeystoneServer(mkdtempSync(join(tmpdir(), 'latchkey-keystone-')), await freePort());
    await server.setUp();
    await server.resume();
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/v3`;
  }

  /** Starts the process, also again after {@link kill}. */
  async resume(): Promise<void> {
    const log = openSync(join(this.directory, 'output.log'), 'a');
    this.process = spawn('keystone-wsgi-public', ['--host', '127.0.0.1', '--port', String(this.port)], {
      env: this.environment,
      stdio: ['ignore', log, log],
    });
    const isReady = (): Promise<boolean> =>
      this.client.get('/v3').then(
        () => true,
        () => false,
      );
    await until(isReady, 'Keystone answers', { timeoutMs: 180_000, everyMs: 200 });
  }

  /** Ends the process like a crash. */
  async kill(): Promise<void> {
    if (!this.process || this.process.exitCode !== null || this.process.signalCode !== null) return;
    this.process.kill('SIGKILL');
    await once(this.process, 'exit');
  }

  async stop(): Promise<void> {
    await this.kill();
    rmSync(this.directory, { recursive: true, force: true });
  }

  /** Sends requests as the administrator. */
  async admin(): Promise<Client> {
    const login = { name: 'admin', password: KeystoneServer.adminPassword };
    return this.client.with({ 'X-Auth-Token': await logIn(this.client, '/v3', login, { project: 'admin' }) });
  }

  /** Creates a project, or finds the one of that name; its id. */
  async project(name: string): Promise<string> {
    return this.made('project', { name, domain_id: 'default' });
  }

  /** Creates a user, or finds the one of that name; the id. */
  async user(name: string, password: string): Promise<string> {
    return this.made('user', { name, password, domain_id: 'default' });
  }

  /** Requires one-time codes from a user, besides the password; the secret is in Base32. */
  async requireCodes(userId: string, secret: string): Promise<void> {
    const admin = await this.admin();
    const credential = { user_id: userId, type: 'totp', blob: secret };
    const options = { multi_factor_auth_enabled: true, multi_factor_auth_rules: [['password', 'totp']] };
    const body = JSON.stringify({ user: { options } });
    const headers = { 'Content-Type': 'application/json' };
    const replies = [
      await admin.post('/v3/credentials', { credential }),
      await admin.send({ method: 'PATCH', target: `/v3/users/${userId}`, body, headers }),
    ];
    const [refused] = replies.filter(({ status }) => status >= 300);
    if (refused) throw new Error(`Keystone requires no codes: ${refused.status} ${refused.text}`);
  }

  /** The id of a role. */
  async role(name: string): Promise<string> {
    return this.made('role', { name });
  }

  async assign(userId: string, projectId: string, role: string): Promise<void> {
    const roleId = await this.role(role);
    await (await this.admin()).put(`/v3/projects/${projectId}/users/${userId}/roles/${roleId}`, {});
  }

  /** Registers the compute service in the catalog. */
  async announceCompute(url: string): Promise<void> {
    const serviceId = await this.made('service', { name: 'nova', type: 'compute' });
    for (const face of ['public', 'internal', 'admin']) {
      const endpoint = { service_id: serviceId, interface: face, region_id: 'RegionOne', url };
      const reply = await (await this.admin()).post('/v3/endpoints', { endpoint });
      if (reply.status !== 201) throw new Error(`Keystone makes no endpoint: ${reply.status} ${reply.text}`);
    }
  }

  private async made(kind: string, fields: Record<string, string>): Promise<string> {
    const admin = await this.admin();
    const found = await admin.get(`/v3/${kind}s?name=${fields.name}`);
    const [existing] = (found.body as Record<string, { id: string }[]>)[`${kind}s`];
    if (existing) return existing.id;
    const reply = await admin.post(`/v3/${kind}s`, { [kind]: fields });
    if (reply.status !== 201) throw new Error(`Keystone makes no ${kind}: ${reply.status} ${reply.text}`);
    return (reply.body as Record<string, { id: string }>)[kind].id;
  }

  private async addServiceUser(): Promise<void> {
    const { name, password } = KeystoneServer.service;
    await this.assign(await this.user(name, password), await this.project('service'), 'service');
  }

  private async setUp(): Promise<void> {
    for (const name of ['fernet', 'receipts', 'credential']) mkdirSync(join(this.directory, name), { mode: 0o700 });
    writeFileSync(
      join(this.directory, 'keystone.conf'),
      `[DEFAULT]\nuse_stderr = true\n` +
        `[database]\nconnection = sqlite:///${join(this.directory, 'keystone.sqlite')}\n` +
        `[fernet_tokens]\nkey_repository = ${join(this.directory, 'fernet')}\n` +
        `[fernet_receipts]\nkey_repository = ${join(this.directory, 'receipts')}\n` +
        `[auth]\nmethods = external,password,token,oauth1,mapped,application_credential,totp\n` +
        `[credential]\nkey_repository = ${join(this.directory, 'credential')}\n` +
        // The lowest cost of a hash, since no test depends on it.
        `[identity]\npassword_hash_rounds = 4\n` +
        `[application_credential]\nuser_limit = 50\n`,
    );
    const { username } = userInfo();
    await this.manage('db_sync');
    // Otherwise a write fails while another request reads.
    const useLog = 'import sqlite3, sys; sqlite3.connect(sys.argv[1]).execute("PRAGMA journal_mode = WAL")';
    await run('python3', ['-c', useLog, join(this.directory, 'keystone.sqlite')]);
    for (const keys of ['fernet_setup', 'receipt_setup', 'credential_setup']) {
      await this.manage(keys, '--keystone-user', username, '--keystone-group', username);
    }
    const urls = ['public', 'internal', 'admin'].flatMap((face) => [`--bootstrap-${face}-url`, this.url]);
    const password = ['--bootstrap-password', KeystoneServer.adminPassword];
    await this.manage('bootstrap', ...password, '--bootstrap-region-id', 'RegionOne', ...urls);
  }

  private async manage(...command: string[]): Promise<void> {
    await run('keystone-manage', ['--config-file', join(this.directory, 'keystone.conf'), ...command], {
      env: this.environment,
    });
  }

  private get environment(): NodeJS.ProcessEnv {
    return {
      PATH: process.env.PATH,
      OS_KEYSTONE_CONFIG_DIR: this.directory,
      OS_KEYSTONE_CONFIG_FILES: join(this.directory, 'keystone.conf'),
    };
  }
}
