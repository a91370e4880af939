import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../support/free-port.js';
import { until } from '../support/until.js';

const INSTALLED = '/usr/lib/python3/dist-packages/openstack_dashboard';

/** Debian's Horizon as a process, with the settings that docs/clients.md recommends. */
export class Horizon {
  private output = '';

  private constructor(
    readonly origin: string,
    private readonly child: ChildProcess,
  ) {
    for (const stream of [child.stdout!, child.stderr!]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        this.output += text;
      });
    }
  }

  /** Starts it with an identity such as `127.0.0.1:8774`, with its settings in an empty directory. */
  static async start(host: string, directory: string): Promise<Horizon> {
    configure(host, directory);
    const port = String(await freePort());
    const environment = {
      PATH: process.env.PATH,
      HOME: directory,
      // Takes precedence over the installed package.
      PYTHONPATH: directory,
      PYTHONWARNINGS: 'ignore',
      DJANGO_SETTINGS_MODULE: 'openstack_dashboard.settings',
    };
    // Without --insecure it serves no static files; in a deployment another server does.
    const options = ['runserver', '--noreload', '--insecure', `127.0.0.1:${port}`];
    const child = spawn('/usr/bin/python3', ['-m', 'django', ...options], { cwd: directory, env: environment });
    const horizon = new Horizon(`http://127.0.0.1:${port}`, child);
    await until(() => horizon.answers(), 'Horizon shows its log-in', { timeoutMs: 240_000 });
    return horizon;
  }

  /** The end of its log. */
  get log(): string {
    return this.output.slice(-4000);
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    this.child.kill('SIGKILL');
    await once(this.child, 'exit');
  }

  private async answers(): Promise<boolean> {
    if (this.child.exitCode !== null) throw new Error(`Horizon ended:\n${this.log}`);
    return (await fetch(`${this.origin}/auth/login/`).catch(() => undefined))?.ok === true;
  }
}

/** A copy of its package made of links, except for the folder of local settings. */
function configure(host: string, directory: string): void {
  const own = join(directory, 'openstack_dashboard');
  const local = join(own, 'local');
  mkdirSync(join(local, 'enabled'), { recursive: true });
  for (const name of readdirSync(INSTALLED)) {
    if (!['local', '__pycache__'].includes(name)) symlinkSync(join(INSTALLED, name), join(own, name));
  }
  // Debian's own settings: where the static files are, and sessions in memory.
  symlinkSync('/etc/openstack-dashboard/local_settings.d', join(local, 'local_settings.d'));
  const [settings, panels] = documented();
  const lines = [
    'from openstack_dashboard.settings import HORIZON_CONFIG',
    "SECRET_KEY = 'of-a-test-that-keeps-nothing'",
    "ALLOWED_HOSTS = ['127.0.0.1']",
    settings.replace('HOST:8774', host),
  ];
  writeFileSync(join(local, '__init__.py'), '');
  writeFileSync(join(local, 'local_settings.py'), lines.join('\n'));
  for (const [, name, text] of panels.matchAll(/^# (\w+\.py)\n(.+\n)/gm)) {
    writeFileSync(join(local, 'enabled', name), text);
  }
}

/** The Python blocks in docs/clients.md: the lines for local_settings.py, and the files of local/enabled. */
function documented(): string[] {
  const [, section] = readFileSync('docs/clients.md', 'utf8').split('\n## Horizon\n');
  return [...section.matchAll(/^```python\n([^`]+)^```$/gm)].map(([, block]) => block);
}
