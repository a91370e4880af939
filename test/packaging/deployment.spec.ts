import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { freePort } from '../support/free-port.js';
import { SETTINGS } from '../../src/config/config.js';
import { ServiceProcess } from '../support/service-process.js';

const run = promisify(execFile);
const directory = mkdtempSync(join(tmpdir(), 'latchkey-deployment-'));
const read = (file: string): string => readFileSync(file, 'utf8');
const variables = new Set<string>(Object.values(SETTINGS).map(({ variable }) => variable));

afterAll(async () => {
  await ServiceProcess.killAll();
  rmSync(directory, { recursive: true, force: true });
});

describe('the systemd unit', () => {
  // The command is not installed here, but systemd looks for it.
  const unit = join(directory, 'latchkey.service');
  writeFileSync(unit, read('deploy/latchkey.service').replace('=/usr/local/bin/latchkey', `=${process.execPath}`));

  it('passes systemd-analyze verify', async () => {
    const { stderr } = await run('systemd-analyze', ['verify', '--man=no', unit]);
    expect(stderr.split('\n').filter((line) => line.includes('latchkey.service'))).toEqual([]);
  });

  it('exposes little, as systemd-analyze measures it', async () => {
    const { stdout } = await run('systemd-analyze', ['security', '--offline=true', '--threshold=20', unit]);
    expect(stdout).toMatch(/Overall exposure level for latchkey\.service: 1\.\d OK/);
  });

  it('writes no core file', () => {
    expect(read('deploy/latchkey.service')).toMatch(/^LimitCORE=0$/m);
  });

  it('bounds its memory, with room to make the embedded database', () => {
    const [, megabytes] = /^MemoryMax=(\d+)M$/m.exec(read('deploy/latchkey.service'))!;
    expect(Number(megabytes)).toBeGreaterThanOrEqual(1200);
  });

  it('sets only settings that exist', () => {
    const [, given] = /^Environment=(.*)$/m.exec(read('deploy/latchkey.service'))!;
    const others = ['NODE_ENV', 'NODE_OPTIONS', 'MALLOC_ARENA_MAX'];
    for (const each of given.split(' ')) expect([...variables, ...others]).toContain(each.split('=')[0]);
  });
});

interface Compose {
  readonly services: Record<string, { readonly environment: Record<string, string>; readonly [key: string]: unknown }>;
}

describe('compose.yaml', () => {
  const { latchkey, database } = (parse(read('compose.yaml')) as Compose).services;

  it('is valid for compose', async () => {
    // Prints the file as compose parsed it, and fails on what the schema does not have.
    const { stdout } = await run('docker-compose', ['--file', 'compose.yaml', 'config']);
    expect(Object.keys((parse(stdout) as Compose).services).toSorted()).toEqual(['database', 'latchkey']);
  });

  it('sets only settings that exist, and no secrets', () => {
    for (const name of Object.keys(latchkey.environment)) expect(variables).toContain(name);
    expect(new URL(latchkey.environment.DATABASE_URL).password).toBe('');
  });

  it('runs the service without privileges on a read-only file system', () => {
    expect(latchkey).toMatchObject({ read_only: true, cap_drop: ['ALL'], security_opt: ['no-new-privileges:true'] });
  });

  it('bounds the memory of both services', () => {
    expect(latchkey).toMatchObject({ mem_limit: '768m' });
    expect(database).toMatchObject({ mem_limit: '1g' });
  });

  it('runs PostgreSQL of an exact version', () => {
    expect(database.image).toMatch(/^postgres:\d+\.\d+-bookworm$/);
  });

  it('has the password readable by a group, never by everyone', () => {
    expect(read('compose.yaml')).not.toContain('644');
    expect(read('compose.yaml')).toContain('install -m 0440 -g 8774');
    expect(latchkey).toMatchObject({ group_add: ['8774'] });
    expect(database).toMatchObject({ group_add: ['8774'] });
  });

  it('writes no core file', () => {
    expect(latchkey).toMatchObject({ ulimits: { core: 0 } });
  });
});

describe('the Dockerfile', () => {
  const INSTRUCTIONS = [
    'FROM',
    'WORKDIR',
    'COPY',
    'RUN',
    'ENV',
    'USER',
    'VOLUME',
    'EXPOSE',
    'HEALTHCHECK',
    'ENTRYPOINT',
    'CMD',
  ];
  const lines = read('Dockerfile')
    .replaceAll(/\\\n/g, ' ')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => /^(\S+)\s+(.*)$/.exec(line)!)
    .map(([, instruction, rest]) => ({ instruction, rest }));
  const last = lines.slice(lines.findLastIndex(({ instruction }) => instruction === 'FROM'));
  const only = (instruction: string): string[] =>
    last.filter((line) => line.instruction === instruction).map(({ rest }) => rest);

  it('has only valid instructions, on a Node.js of an exact version', () => {
    for (const { instruction } of lines) expect(INSTRUCTIONS).toContain(instruction);
    const images = lines.filter(({ instruction }) => instruction === 'FROM').map(({ rest }) => rest.split(' ')[0]);
    expect(images).toHaveLength(2);
    for (const image of images) expect(image).toMatch(/^node:\d+\.\d+\.\d+-bookworm-slim$/);
  });

  it('copies only what exists and .dockerignore admits', () => {
    const allowed = read('.dockerignore')
      .split('\n')
      .filter((line) => line.startsWith('!'))
      .map((line) => line.slice(1));
    const copied = lines
      .filter(({ instruction, rest }) => instruction === 'COPY' && !rest.startsWith('--from'))
      .flatMap(({ rest }) => rest.split(' ').slice(0, -1));
    expect(copied.filter((path) => !existsSync(path))).toEqual([]);
    expect(copied.filter((path) => !allowed.includes(path))).toEqual([]);
  });

  it('omits nothing that the build reads', () => {
    const sources = ['src', 'migrations', 'ormconfig.ts', 'tsconfig.json', 'nest-cli.json'];
    for (const source of sources) expect(read('.dockerignore').split('\n')).toContain(`!${source}`);
    expect(readdirSync('bin')).toEqual(['latchkey.js']);
  });

  it('runs as an unprivileged user, has a health check, and starts the service', () => {
    expect(only('USER')).toEqual(['node']);
    expect(JSON.parse(only('ENTRYPOINT')[0])).toEqual(['node', '--max-semi-space-size=4', '/app/bin/latchkey.js']);
    expect(JSON.parse(only('CMD')[0])).toEqual(['serve']);
    expect(only('HEALTHCHECK')).toHaveLength(1);
  });

  it('has a companion image for test suites, which runs latchkey dev', () => {
    const dev = read('deploy/dev/Dockerfile')
      .split('\n')
      .filter((line) => !line.startsWith('#'));
    expect(dev).toEqual(['FROM latchkey', 'ENV container=oci', 'CMD ["dev"]', '']);
  });

  it('has a health check that passes while the service answers, and fails otherwise', async () => {
    const [, command] = /CMD (\[.*\])$/.exec(only('HEALTHCHECK')[0])!;
    const [node, ...words] = JSON.parse(command) as string[];
    expect(node).toBe('node');
    const settings = { DATA_DIR: directory, DATABASE_URL: process.env.DATABASE_URL!, MIGRATE_ON_START: 'true' };
    const service = await ServiceProcess.listening(settings);
    const [, port] = service.client.host.split(':');
    await expect(run(process.execPath, words, { env: { PORT: port } })).resolves.toEqual({ stdout: '', stderr: '' });
    await service.stop();
    await expect(run(process.execPath, words, { env: { PORT: port } })).rejects.toMatchObject({ code: 1, stderr: '' });
  });
});

describe('the bill of materials', () => {
  interface Component {
    readonly 'bom-ref': string;
    readonly type: string;
    readonly name: string;
    readonly version: string;
    readonly purl: string;
    readonly licenses: readonly { readonly license?: { readonly id: string }; readonly expression?: string }[];
    readonly hashes: readonly { readonly alg: string; readonly content: string }[];
  }

  interface Bill {
    readonly bomFormat: string;
    readonly specVersion: string;
    readonly serialNumber: string;
    readonly version: number;
    readonly metadata: { readonly timestamp: string; readonly component: Component };
    readonly components: readonly Component[];
    readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[];
  }

  const bill = run('npm', ['run', '--silent', 'tool', '--', 'sbom'], { maxBuffer: 1e8 }).then(
    ({ stdout }) => JSON.parse(stdout) as Bill,
  );

  // As the schema of CycloneDX 1.5 requires (http://cyclonedx.org/schema/bom-1.5.schema.json), and more of each component.
  it('is CycloneDX, of this package', async () => {
    expect(await bill).toMatchObject({
      bomFormat: 'CycloneDX',
      specVersion: '1.5',
      serialNumber: expect.stringMatching(/^urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
      version: 1,
      metadata: { timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/) },
    });
    const { name, version } = JSON.parse(read('package.json')) as { name: string; version: string };
    expect((await bill).metadata.component).toMatchObject({ type: 'application', name, version });
  });

  it('lists the package URL, licence and hash of each component', async () => {
    const { components } = await bill;
    for (const { 'bom-ref': ref, type, name, version, purl, licenses, hashes } of components) {
      expect([ref, type]).toEqual([`${name}@${version}`, 'library']);
      expect(purl).toBe(`pkg:npm/${name.replace('@', '%40')}@${version}`);
      expect([name, licenses.map(({ license, expression }) => license?.id ?? expression)]).toEqual([
        name,
        [expect.any(String)],
      ]);
      expect(hashes).toEqual([{ alg: 'SHA-512', content: expect.stringMatching(/^[0-9a-f]{128}$/) }]);
    }
    expect(new Set(components.map(({ 'bom-ref': ref }) => ref)).size).toBe(components.length);
  });

  it('has every package of the service with its dependencies, and none for development', async () => {
    const { components, dependencies, metadata } = await bill;
    const { packages } = JSON.parse(read('package-lock.json')) as {
      packages: Record<string, { version: string; dev?: boolean }>;
    };
    const installed = Object.entries(packages)
      .filter(([path, { dev }]) => path !== '' && !dev)
      .map(([path, { version }]) => `${path.replace(/^.*node_modules\//, '')}@${version}`);
    const listed = components.map((each) => each['bom-ref']);
    expect(listed.toSorted()).toEqual([...new Set(installed)].toSorted());
    expect(dependencies.map(({ ref }) => ref).toSorted()).toEqual(
      [...listed, metadata.component['bom-ref']].toSorted(),
    );
    for (const { dependsOn } of dependencies) expect(listed).toEqual(expect.arrayContaining([...dependsOn]));
    const [ours] = dependencies.filter(({ ref }) => ref === metadata.component['bom-ref']);
    const { dependencies: direct } = JSON.parse(read('package.json')) as { dependencies: Record<string, string> };
    expect([...ours.dependsOn].toSorted()).toEqual(
      Object.entries(direct)
        .map((each) => each.join('@'))
        .toSorted(),
    );
  });
});

interface Panel {
  readonly title: string;
  readonly description: string;
  readonly targets: readonly { readonly expr: string }[];
}

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly annotations: { readonly summary: string; readonly description: string };
}

describe('monitoring', () => {
  const { panels } = JSON.parse(read('deploy/grafana-dashboard.json')) as { panels: Panel[] };
  const { groups } = parse(read('deploy/alerts.yaml')) as { groups: { rules: Rule[] }[] };
  const rules = groups.flatMap((group) => group.rules);

  it('describes each panel and alert', () => {
    for (const { title, description } of panels) expect([title, description]).not.toContain('');
    for (const { alert, annotations } of rules) {
      expect([alert, annotations.summary, annotations.description]).toEqual(Array(3).fill(expect.any(String)));
    }
  });

  it('queries only metrics that the service exports', async () => {
    const port = await freePort();
    const settings = { DATA_DIR: directory, DATABASE_URL: process.env.DATABASE_URL!, MIGRATE_ON_START: 'true' };
    const service = await ServiceProcess.listening({ ...settings, ADMIN_PORT: String(port) });
    const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    await service.stop();
    const expressions = [
      ...panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)),
      ...rules.map(({ expr }) => expr),
    ];
    const names = new Set(
      expressions.flatMap((expression) => expression.match(/\b(latchkey|nodejs|process)_\w+/g) ?? []),
    );
    // The token cache is measured with a Keystone only.
    names.delete('latchkey_token_cache_total');
    for (const name of names) expect(metrics).toContain(`# TYPE ${name.replace(/_bucket$/, '')} `);
  });
});
