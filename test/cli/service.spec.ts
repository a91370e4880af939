import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Client } from '../support/client.js';
import { putEmptyDatabase } from '../support/template.js';
import { endOf, Shell } from './shell.js';

let shell: Shell;

beforeEach(() => {
  shell = new Shell({ DATA_DIR: './data', AUTH_MODE: 'none', METADATA_PORT: '0' });
});

afterEach(() => shell.remove());

describe('latchkey serve', () => {
  it('runs the service until it is stopped', async () => {
    putEmptyDatabase(shell.path('data'));
    shell.export({ PORT: '0' });
    const child = shell.start('serve');
    let said = '';
    child.stderr!.on('data', (chunk: Buffer) => (said += chunk.toString()));
    while (!said.includes('listens on http')) await once(child.stderr!, 'data');
    const host = /listens on http:\/\/([^/]+)\//.exec(said)![1];
    expect((await new Client(host).get('/v2.1/')).status).toBe(200);
    child.kill('SIGTERM');
    expect(await endOf(child)).toBe(0);
  });
});

describe('latchkey migrate', () => {
  it('brings the database up to date, and takes the last step back', async () => {
    putEmptyDatabase(shell.path('data'));
    await shell.plays(`
      $ latchkey migrate show -f value | grep -vc ' no$'
      0
      [1]
      $ latchkey migrate run 2>&1 | head -2
      Migrated: CreateKeypairs1767225600000.
      Migrated: AddKeypairType1767225660000.
      $ latchkey migrate run
      The database is up to date.
      $ latchkey migrate revert
      Taken back: <...>.
      $ latchkey migrate show -f value -c Applied | sort | uniq -c | tr -s ' '
      <...>1 no
      <...> yes
    `);
  });

  it('reports in a line what is wrong with the database', () =>
    shell.plays(`
      $ DATABASE_URL=postgres://u:hunter2@127.0.0.1:9/x latchkey migrate show
      latchkey: The database cannot be used: connection refused (ECONNREFUSED). See that DATABASE_URL is right.
      [6]
    `));
});

describe('latchkey config', () => {
  it('shows what is in force, and no secret', async () => {
    shell.export({
      DATABASE_URL: 'postgres://nova:hunter2@db/nova',
      METADATA_SECRET: 'correct-horse-battery-staple-0',
    });
    const { out } = await shell.run('latchkey config -f value');
    expect(out).toContain('\nDATABASE_URL postgres://nova:***@db/nova environment\n');
    expect(out).toContain('\nMETADATA_SECRET *** environment\n');
    expect(out).toContain('\nKEYPAIR_QUOTA 100 default\n');
    expect(out).not.toMatch(/hunter2|correct-horse/);
    shell.export({ DATABASE_URL: 'postgres://nova:hunter2@one:5432,two:5433/nova?target_session_attrs=read-write' });
    const several = await shell.run('latchkey config -f value');
    expect(several.out).toContain('\nDATABASE_URL postgres://nova:***@one:5432,two:5433/nova?');
    expect(several.out).not.toContain('hunter2');
  });

  it('tells everything that is wrong at once', () =>
    shell.plays(`
      $ PORT=http KEYPAIR_QUOTA=-2 latchkey config
      latchkey: These settings are wrong:
      <...>PORT must be a whole number, from 0 to 65535. <...>
      <...>KEYPAIR_QUOTA must be a whole number, -1 or more. <...>
      [78]
    `));
});

describe('latchkey openapi', () => {
  it('prints the document of a microversion', async () => {
    const { out } = await shell.run('latchkey openapi 2.3');
    expect(JSON.parse(out)).toEqual(JSON.parse(readFileSync('docs/openapi/2.2.json', 'utf8')));
    await shell.plays(`
      $ latchkey openapi v2 -f yaml | head -1
      openapi: <...>
      $ latchkey openapi two
      latchkey: There is no document for two; name a microversion such as 2.92, or v2.
      [2]
    `);
  });
});

describe('the command line', () => {
  it('reads nothing but its own commands to show help, so that it starts quickly', async () => {
    const coverage = shell.path('coverage');
    await shell.run(`NODE_V8_COVERAGE=${coverage} latchkey --help`);
    const [report] = readdirSync(coverage);
    const { result } = JSON.parse(readFileSync(join(coverage, report), 'utf8')) as { result: { url: string }[] };
    const packages = result.flatMap(({ url }) => /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1] ?? []);
    expect(new Set(packages)).toEqual(new Set(['commander']));
  });

  it('has the version of the package', async () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
    expect((await shell.run('latchkey --version')).out).toBe(`${version}\n`);
  });

  it('explains every command', async () => {
    const { out } = await shell.run('latchkey completion bash');
    const paths = [...out.matchAll(/^ {4}'([a-z -]+)'\) words=/gm)].map(([, path]) => path);
    expect(paths.length).toBeGreaterThan(25);
    for (const path of paths) {
      const { out: help, status } = await shell.run(`latchkey ${path} --help`);
      expect(help).toMatch(new RegExp(`^Usage: latchkey ${path}`));
      expect(status).toBe(0);
    }
  });
});

describe('completion', () => {
  const complete = async (line: string): Promise<string> => {
    const words = line.split(' ').map((word) => `'${word}'`);
    const script = `source <(latchkey completion bash); COMP_WORDS=(${words.join(' ')}); COMP_CWORD=${words.length - 1}
      _latchkey; echo "\${COMPREPLY[@]}"`;
    return (await shell.run(`bash -c "${script.replaceAll(/["$\\]/g, '\\$&')}"`)).out.trim();
  };

  it.each([
    ['latchkey keyp', 'keypair keypair-add keypair-list keypair-show keypair-delete'],
    ['latchkey keypair c', 'create check'],
    ['latchkey keypair create laptop --type ', 'ssh x509'],
    ['latchkey -f json keypair list --fi', '--fingerprint --fingerprint-is'],
    ['latchkey keypair list --os-cl', '--os-cloud'],
  ])('of "%s" in bash offers %s', async (line, offered) => {
    expect(await complete(line)).toBe(offered);
  });

  it('in fish offers commands and choices with what they mean', () =>
    shell.plays(`
      $ latchkey completion fish > latchkey.fish
      $ fish -c 'source latchkey.fish; complete -C "latchkey keypair create laptop --type " | cut -f 1'
      ssh
      x509
      $ fish -c 'source latchkey.fish; complete -C "latchkey migrate r" | cut -f 1'
      revert
      run
    `));

  it('in zsh is a script that zsh can read', () =>
    shell.plays(`
      $ latchkey completion zsh > _latchkey; zsh -n _latchkey
      $ zsh -fc 'autoload -U compinit; compinit -u -d dump; source ./_latchkey; echo $_comps[latchkey]'
      _latchkey
    `));
});
