import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { parse } from 'yaml';
import type { Client } from '../support/client.js';
import { logIn } from '../support/log-in.js';
import { ServiceProcess } from '../support/service-process.js';
import { putEmptyDatabase } from '../support/template.js';
import { ConsolePage } from './console-page.js';

/** The users of the first start. */
type User = 'demo' | 'admin';

/** The built service with the built-in identity, in a directory of its own. */
export class ConsoleService {
  private constructor(
    readonly directory: string,
    readonly process: ServiceProcess,
  ) {}

  static async start(settings: Readonly<Record<string, string>> = {}): Promise<ConsoleService> {
    const directory = mkdtempSync(join(tmpdir(), 'latchkey-console-'));
    const dataDir = join(directory, 'data');
    putEmptyDatabase(dataDir);
    const started = await ServiceProcess.listening({ AUTH_MODE: 'builtin', DATA_DIR: dataDir, ...settings });
    return new ConsoleService(directory, started);
  }

  get origin(): string {
    return `http://${this.process.client.host}`;
  }

  /** The clouds.yaml of the first start. */
  get cloudsFile(): string {
    return join(this.directory, 'data', 'clouds.yaml');
  }

  passwordOf(user: User): string {
    const { clouds } = parse(readFileSync(this.cloudsFile, 'utf8')) as {
      clouds: Record<string, { auth: { username: string; password: string } }>;
    };
    return Object.values(clouds).find(({ auth }) => auth.username === user)!.auth.password;
  }

  /** Sends requests to the API as a user. */
  async api(user: User = 'demo'): Promise<Client> {
    const { client } = this.process;
    const token = await logIn(
      client,
      '/identity/v3',
      { name: user, password: this.passwordOf(user) },
      { project: user },
    );
    return client.with({ 'X-Auth-Token': token });
  }

  /** The console of a user who has just logged in. */
  async enter(browser: Browser, user: User = 'demo', look: Parameters<typeof ConsolePage.open>[2] = {}) {
    const page = await ConsolePage.open(browser, this.origin, look);
    await page.logIn(user, this.passwordOf(user));
    await page.heading('Keypairs').waitFor();
    return page;
  }

  /** Writes a file that only its owner may read, as ssh wants it. */
  write(name: string, content: string | Uint8Array): string {
    const path = join(this.directory, name);
    writeFileSync(path, content, { mode: 0o600 });
    return path;
  }

  async stop(): Promise<void> {
    await this.process.stop();
    rmSync(this.directory, { recursive: true, force: true });
  }
}
