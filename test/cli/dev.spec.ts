import { type ChildProcess, execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { freePort } from '../support/free-port.js';
import { sshKeygen } from '../support/ssh-keygen.js';
import { until } from '../support/until.js';
import { endOf, Shell } from './shell.js';

let shell: Shell;
let child: ChildProcess | undefined;

beforeEach(() => {
  shell = new Shell({ PORT: '0', METADATA_PORT: '0' });
  mkdirSync(shell.path('tmp'));
  shell.export({ TMPDIR: shell.path('tmp') });
});

afterEach(() => {
  child?.kill('SIGKILL');
  shell.remove();
});

/** Starts it and waits for its clouds.yaml. */
async function startDev(): Promise<{ clouds: string; hosts: { api: string } }> {
  child = shell.start('dev');
  let [clouds, log] = ['', ''];
  child.stdout!.on('data', (chunk: Buffer) => (clouds += chunk.toString()));
  child.stderr!.on('data', (chunk: Buffer) => (log += chunk.toString()));
  await until(() => log.includes('on standard output'), 'latchkey dev listens', { timeoutMs: 180_000 });
  const api = /listens on http:\/\/([^/]+)\//.exec(log)![1];
  return { clouds, hosts: { api } };
}

/** Seconds of CPU that a process has used (proc(5)); the clock has 100 ticks a second on every Linux. */
function cpuSeconds(pid: number): number {
  const [user, system] = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ')
    .slice(11, 13);
  return (Number(user) + Number(system)) / 100;
}

describe('latchkey dev', () => {
  it('is ready quickly, prints the clouds.yaml of two users, and leaves no file behind', async () => {
    const { clouds, hosts } = await startDev();
    expect((await fetch(`http://${hosts.api}/readyz`)).status).toBe(200);
    // About three where nothing else runs; making the database anew would take ten.
    expect(cpuSeconds(child!.pid!)).toBeLessThan(7);
    const { latchkey, 'latchkey-admin': admin } = (parse(clouds) as { clouds: Record<string, object> }).clouds;
    const auth_url = `http://${hosts.api}/identity/v3`;
    expect(latchkey).toMatchObject({ auth: { auth_url, username: 'demo', password: 'demo', project_name: 'demo' } });
    expect(admin).toMatchObject({ auth: { auth_url, username: 'admin', password: 'admin' } });

    writeFileSync(shell.path('clouds.yaml'), clouds);
    writeFileSync(shell.path('id.pub'), sshKeygen());
    shell.export({ OS_CLOUD: 'latchkey' });
    await shell.plays(`
      $ latchkey keypair create laptop --public-key id.pub -f value -c name
      laptop
      $ latchkey --os-cloud latchkey-admin guest create web --address 10.0.0.5 -f value -c name
      web
    `);
    child!.kill('SIGTERM');
    expect(await endOf(child!)).toBe(0);
    expect(readdirSync(shell.directory).toSorted()).toEqual(['clouds.yaml', 'home', 'id.pub', 'tmp']);
    expect(readdirSync(shell.path('tmp'))).toEqual([]);
  });

  it('refuses an address that others reach, but not in a container', async () => {
    shell.export({ HOST: '0.0.0.0' });
    await shell.plays(`
      $ latchkey dev
      latchkey: The passwords of "latchkey dev" are known to all, so HOST must be a loopback address, not 0.0.0.0, unless the variable container is set. Unset HOST, or use the image of deploy/dev.
      [2]
    `);
    shell.export({ container: 'oci' });
    const { hosts } = await startDev();
    expect(hosts.api).toMatch(/^0\.0\.0\.0:/);
  });

  it('never opens the database or the identity of the environment', async () => {
    const settings = {
      DATABASE_URL: 'postgres://latchkey@127.0.0.1:9/latchkey',
      AUTH_MODE: 'none',
      DATA_DIR: './data',
    };
    shell.export({ ...settings, IDENTITY_FILE: './identity.yaml' });
    const { hosts } = await startDev();
    expect((await fetch(`http://${hosts.api}/v2.1/os-keypairs`)).status).toBe(401);
    expect(readdirSync(shell.directory).toSorted()).toEqual(['home', 'tmp']);
  });
});

describe('deploy/dev', () => {
  it('has an action whose next steps find the service', async () => {
    const { runs } = parse(readFileSync('deploy/dev/action.yml', 'utf8')) as { runs: { steps: { run: string }[] } };
    // In place of Docker, which the action calls by these three commands.
    const docker = `#!/bin/sh
      case $1 in
        build) ;;
        run) container=oci latchkey dev > out 2> err & echo $! > pid ;;
        logs) cat out; cat err >&2 ;;
      esac`;
    mkdirSync(shell.path('bin'));
    writeFileSync(shell.path('bin/docker'), docker);
    chmodSync(shell.path('bin/docker'), 0o755);
    const port = String(await freePort());
    writeFileSync(shell.path('step.sh'), runs.steps[0].run.replaceAll('127.0.0.1:8774/', `127.0.0.1:${port}/`));
    shell.export({ PORT: port, RUNNER_TEMP: '.', GITHUB_ENV: 'env', GITHUB_ACTION_PATH: resolve('deploy/dev') });
    try {
      const { status } = await shell.run('PATH=$PWD/bin:$PATH bash -e step.sh');
      expect(status).toBe(0);
      await shell.plays(`
        $ export $(cat env); latchkey keypair list -f json
        []
      `);
    } finally {
      await shell.run('kill $(cat pid)');
    }
  });

  it('has examples that Node.js and Python can read', () => {
    const readme = readFileSync('deploy/dev/README.md', 'utf8');
    const block = (language: string): string => new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, 's').exec(readme)![1];
    execFileSync(process.execPath, ['--check', '--input-type=module', '-'], { input: block('js') });
    execFileSync('python3', ['-c', 'import ast, sys; ast.parse(sys.stdin.read())'], { input: block('python') });
    for (const language of ['js', 'go', 'java', 'python']) {
      for (const part of ['latchkey-dev', '/readyz', '8774', '/identity/v3']) expect(block(language)).toContain(part);
    }
  });
});
