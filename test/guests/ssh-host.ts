import { execFile, execFileSync } from 'node:child_process';
import { appendFileSync, chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Where the directory of a host is mounted at run time: sshd accepts no parent that others may write to. */
const INSIDE = '/mnt';
/** An account that exists on no machine. */
const [USER, UID] = ['tester', 54_321];

/** The output of a command, and its exit code. */
export interface Outcome {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

/**
 * A machine with Debian's sshd: a mount namespace with accounts, an /etc/ssh and homes of its own. Each log-in starts an sshd at the other end
 * of a pipe, so no port and no network is needed.
 */
export class SshHost {
  readonly directory = mkdtempSync(join(tmpdir(), 'latchkey-ssh-host-'));

  private constructor(configuration: string) {
    chmodSync(this.directory, 0o755);
    for (const each of ['etc-ssh', 'etc-ssh/sshd_config.d', 'root', 'home', 'libexec', 'cache'])
      mkdirSync(this.path(each));
    const accounts = readFileSync('/etc/passwd', 'utf8').replace(
      /^root:.*$/m,
      `root:x:0:0:root:${INSIDE}/root:/bin/sh`,
    );
    const sshd = /^sshd:/m.test(accounts) ? '' : 'sshd:x:54322:65534::/run/sshd:/usr/sbin/nologin\n';
    this.write(
      'passwd',
      `${accounts}${sshd}${USER}:x:${UID}:${UID}::${INSIDE}/home:/bin/sh\nlatchkey-keys:x:54323:65534::/:/usr/sbin/nologin\n`,
    );
    execFileSync('chown', [`${UID}:${UID}`, this.path('home')]);
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', this.path('etc-ssh/host_key')]);
    this.write(
      'etc-ssh/sshd_config',
      `Include /etc/ssh/sshd_config.d/*.conf\nHostKey /etc/ssh/host_key\nUsePAM no\nPasswordAuthentication no\nLogLevel VERBOSE\n${configuration}`,
    );
  }

  static make(configuration = ''): SshHost {
    return new SshHost(configuration);
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }

  path(name: string): string {
    return join(this.directory, name);
  }

  write(name: string, content: string | Buffer, mode = 0o644): void {
    writeFileSync(this.path(name), content, { mode });
    chmodSync(this.path(name), mode);
  }

  append(name: string, text: string): void {
    appendFileSync(this.path(name), text);
  }

  /** Runs a shell script as root of the machine; asynchronously, since it may call services of this process. */
  run(script: string, environment: Readonly<Record<string, string>> = {}): Promise<Outcome> {
    const mounts = [
      `mount --bind '${this.directory}' ${INSIDE}`,
      `mount --bind ${INSIDE}/passwd /etc/passwd`,
      `mount --bind ${INSIDE}/etc-ssh /etc/ssh`,
      'mkdir -p /run/sshd',
    ];
    const words = ['--mount', 'sh', '-c', `set -e\n${mounts.join('\n')}\nset +e\n${script}`];
    const [program, ...rest] = process.getuid!() === 0 ? ['unshare', ...words] : ['sudo', '-n', 'unshare', ...words];
    return new Promise((resolve) => {
      const env = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', ...environment };
      execFile(program, rest, { env }, (error, out, err) =>
        resolve({ status: error ? Number(error.code ?? 1) : 0, out, err }),
      );
    });
  }

  /** Logs in with a private key of the machine's directory, whose certificate is beside it. */
  async logIn(key: string, user = USER): Promise<{ readonly isIn: boolean; readonly log: string }> {
    const options = ['IdentitiesOnly=yes', 'BatchMode=yes', 'StrictHostKeyChecking=no', 'UserKnownHostsFile=/dev/null'];
    const command = ['ssh', '-F', 'none', ...options.flatMap((each) => ['-o', each]), '-i', `${INSIDE}/${key}`];
    const proxy = `-o 'ProxyCommand=/usr/sbin/sshd -i -e -f /etc/ssh/sshd_config 2>>${INSIDE}/log'`;
    this.write('log', '');
    const { out } = await this.run(`${command.join(' ')} ${proxy} ${user}@guest id -un`);
    return { isIn: out.trim() === user, log: readFileSync(this.path('log'), 'utf8') };
  }
}

/** The account of the machine, besides root. */
export const ACCOUNT = USER;
