import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { ServiceProcess } from '../support/service-process.js';
import { emptyDataDir, putEmptyDatabase } from '../support/template.js';
import { EVERY_COMMAND } from './every-command.js';
import { QuotingCloud } from './quoting-cloud.js';
import { forEach, RecordedShell } from './recorded-shell.js';
import { EXIT } from '../../src/cli/cli-error.js';
import { Secrets } from './secrets.js';

const { dataDir, remove } = emptyDataDir();
const recorded = new RecordedShell();
const { shell, secrets } = recorded;
/** Secrets for guests, which files and the output of some commands contain. */
const guestSecrets = new Secrets();
let service: ServiceProcess;
let cloud: QuotingCloud;

/** Waits until the service listens, and stops it. */
const STOPPED =
  '2> log & until grep -q "listens on" log || ! kill -0 $!; do sleep 0.1; done; kill $!; wait $! && cat log >&2 && rm log';

interface Example {
  readonly command: string;
  readonly words?: string;
  /** Whether its purpose is to print a secret. */
  readonly answer?: boolean;
  /** The exit code, if it is not 0. */
  readonly exit?: number;
}

/** Commands in the order in which they work, with their arguments. */
const EXAMPLES: readonly Example[] = [
  { command: 'serve', words: STOPPED },
  { command: 'dev', words: STOPPED },
  { command: 'audit verify', words: '$AUDIT_FILE' },
  { command: 'migrate show' },
  { command: 'migrate revert' },
  { command: 'migrate run' },
  { command: 'user add', words: 'carol --generate', answer: true },
  { command: 'user add', words: 'dave < password' },
  { command: 'user passwd', words: 'dave < other-password' },
  { command: 'user passwd', words: 'carol --generate', answer: true },
  { command: 'user totp', words: 'carol', answer: true },
  { command: 'user totp', words: 'carol --remove' },
  { command: 'user list', words: '-f json' },
  { command: 'user remove', words: 'carol' },
  { command: 'user import', words: '$DATA_DIR/identity.yaml' },
  { command: 'policy list', words: '-f json' },
  { command: 'config', words: '-f json' },
  { command: 'openapi' },
  { command: 'completion', words: 'bash' },
  { command: 'keypair check', words: 'id.pub' },
  { command: 'keypair create', words: 'laptop --public-key id.pub' },
  { command: 'keypair create', words: 'made --private-key made.key' },
  { command: 'keypair create', words: 'locked --private-key locked.key --passphrase < password' },
  { command: 'keypair create', words: 'printed --type x509 --algorithm ecdsa', answer: true },
  { command: 'keypair-add', words: 'added', answer: true },
  { command: 'keypair import', words: 'id.pub --prefix file- --yes' },
  { command: 'keypair list', words: '-f yaml' },
  { command: 'keypair-list' },
  { command: 'keypair show', words: 'laptop printed -f json' },
  { command: 'keypair-show', words: 'added' },
  { command: 'keypair apply', words: 'applied --public-key id.pub --tag team=web' },
  { command: 'keypair set', words: 'applied --note shared' },
  { command: 'keypair unset', words: 'applied --note' },
  { command: 'keypair rotate', words: 'applied --private-key rotated.key' },
  { command: 'keypair share', words: 'applied --project demo --name shared' },
  { command: 'keypair prune', words: '--prefix applied --yes' },
  {
    command: 'guest create',
    words: 'web1 --key laptop --metadata admin_pass=$GUEST_PASSWORD --user-data data.sh --vendor-data data.json',
    answer: true,
  },
  { command: 'guest list', words: '-f json' },
  { command: 'guest show', words: 'web1', answer: true },
  { command: 'guest update', words: 'web1 --vendor-data data.json --hostname web', answer: true },
  { command: 'guest metadata', words: 'web1', answer: true },
  // The guest has set no password: test/cli/guest-password.spec.ts shows one that has.
  { command: 'guest known-hosts' },
  { command: 'guest keys', words: 'web1' },
  { command: 'ssh-cert issue', words: 'laptop --project' },
  { command: 'ssh-cert ensure', words: 'laptop --project --out laptop-cert.pub' },
  { command: 'ssh-cert list', words: '-f json' },
  { command: 'ssh-cert revoke', words: '1' },
  { command: 'events', words: '-f json' },
  { command: 'webhook create', words: 'https://hooks.example.com/ --type guest.created', answer: true },
  { command: 'webhook list', words: '-f json' },
  { command: 'webhook show', words: '1' },
  { command: 'webhook update', words: '1 --note note' },
  { command: 'webhook rotate-secret', words: '1 -f value -c secret', answer: true },
  { command: 'webhook test', words: '1' },
  { command: 'webhook deliveries', words: '1' },
  { command: 'webhook retry', words: '1 1' },
  { command: 'webhook delete', words: '1' },
  { command: 'ca show' },
  { command: 'ca krl', words: '-o krl' },
  // The key of another service: test/cli/ssh-cert.spec.ts rotates one.
  { command: 'ca rotate', exit: EXIT.config },
  { command: 'guest forget-host-keys', words: 'web1' },
  { command: 'guest password', words: 'web1 --private-key windows', exit: EXIT.notFound },
  { command: 'guest config-drive', words: 'web1 --tar -o web1.tar' },
  { command: 'guest recipe', words: 'web1 --for incus' },
  { command: 'guest revoke-nocloud-token', words: 'web1' },
  { command: 'credential create', words: 'ci', answer: true },
  { command: 'credential list', words: '-f json' },
  { command: 'credential delete', words: 'ci' },
  { command: 'import-nova' },
  { command: 'guest delete', words: 'web1' },
  { command: 'keypair delete', words: '"l*" "file-*" made printed --yes' },
  { command: 'keypair-delete', words: 'added' },
];

const lineOf = ({ command, words = '' }: (typeof EXAMPLES)[number]): string => `latchkey --debug ${command} ${words}`;

beforeAll(async () => {
  service = await ServiceProcess.listening({ DATA_DIR: dataDir, AUTH_MODE: 'builtin', PORT: '0', SSH_CA: 'on' });
  const { clouds } = parse(readFileSync(join(dataDir, 'clouds.yaml'), 'utf8')) as {
    clouds: Record<string, { auth: { password: string } }>;
  };
  const { password } = clouds['latchkey-admin'].auth;
  secrets.add('password of admin', password);
  cloud = await QuotingCloud.started(secrets.make('token that was given out'), 'quoted', '');
  const guestsPassword = guestSecrets.make('password of a guest');
  writeFileSync(shell.path('password'), `${secrets.make('password in a pipe')}\n`);
  writeFileSync(shell.path('other-password'), `${secrets.make('other password in a pipe')}\n`);
  writeFileSync(shell.path('data.sh'), `#!/bin/sh\necho ${guestsPassword} | passwd --stdin\n`);
  writeFileSync(shell.path('data.json'), JSON.stringify({ password: guestsPassword }));
  await shell.run('ssh-keygen -q -t ed25519 -N "" -f id; rm id');
  await shell.run('ssh-keygen -q -t rsa -b 2048 -m PEM -N "" -f windows');
  putEmptyDatabase(shell.path('data'));
  shell.export({
    GUEST_PASSWORD: guestsPassword,
    OS_AUTH_TYPE: 'password',
    OS_AUTH_URL: `http://${service.client.host}/identity/v3`,
    OS_ENDPOINT: `http://${service.client.host}/v2.1`,
    OS_USERNAME: 'admin',
    OS_PROJECT_NAME: 'admin',
    OS_PASSWORD: password,
    // More than is needed, as in many environments.
    OS_TOKEN: secrets.make('OS_TOKEN'),
    OS_APPLICATION_CREDENTIAL_SECRET: secrets.make('OS_APPLICATION_CREDENTIAL_SECRET'),
    DATA_DIR: shell.path('data'),
    AUTH_MODE: 'builtin',
    PORT: '0',
    METADATA_PORT: '0',
    METADATA_MODE: 'neutron',
    METADATA_SECRET: secrets.make('METADATA_SECRET'),
    KEYSTONE_PASSWORD: secrets.make('KEYSTONE_PASSWORD'),
    KEYSTONE_AUTH_URL: `http://latchkey:${secrets.make('password in KEYSTONE_AUTH_URL')}@127.0.0.1:9/v3`,
    OTEL_SDK_DISABLED: 'true',
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:9/?api-key=${secrets.make('key of a collector')}`,
    OTEL_EXPORTER_OTLP_HEADERS: `authorization=${secrets.make('OTEL_EXPORTER_OTLP_HEADERS')}`,
    AUDIT_FILE: shell.path('audit.log'),
    LOG_LEVEL: 'trace',
  });
});

afterAll(async () => {
  await ServiceProcess.killAll();
  cloud?.close();
  shell.remove();
  remove();
});

describe('every command', () => {
  it('has an example here', () => {
    expect(new Set(EXAMPLES.map(({ command }) => command))).toEqual(new Set(EVERY_COMMAND));
  });

  it('prints no secret but the requested one', async () => {
    for (const example of EXAMPLES) {
      const { out, err, status } = await recorded.run(lineOf(example), example);
      const { exit = 0 } = example;
      expect([example.command, status, status === exit ? '' : err]).toEqual([example.command, exit, '']);
      expect([example.command, guestSecrets.in(example.answer ? err : out + err)]).toEqual([example.command, []]);
      if (example.answer && !example.command.startsWith('guest'))
        secrets.add(`answer of ${example.command}`, out.trim());
    }
    // Created by the first start.
    secrets.add('key that tokens are signed with', readFileSync(shell.path('data/token.key'), 'utf8').trim());
    for (const [, password] of readFileSync(shell.path('data/clouds.yaml'), 'utf8').matchAll(
      /password: "?([^"\n]+)/g,
    )) {
      secrets.add('password of the first start', password);
    }
    expect(recorded.leaks()).toEqual([]);
  });

  it('prints none if a cloud refuses it and quotes the request', async () => {
    shell.export({ OS_AUTH_URL: `${cloud.url}/403/v3`, OS_ENDPOINT: `${cloud.url}/403/v2.1` });
    const requesting = EXAMPLES.filter(
      ({ command }) => /^(keypair|guest|import-nova)/.test(command) && command !== 'keypair check',
    );
    await forEach(requesting, async (example) => {
      const { err, status } = await recorded.run(
        `${lineOf(example)} `.replace('.tar', '.iso').replace('.key', '.lost'),
      );
      expect([example.command, status, err]).toEqual([example.command, 3, expect.stringContaining('quoted')]);
    });
    expect(recorded.leaks()).toEqual([]);
  });
});

describe('a file', () => {
  it('contains only the secrets that it is for', () => {
    const inputs = /^(other-)?password$|^data\.(sh|json)$/;
    const promised = /^data\/(token\.key|clouds\.yaml)$/;
    expect(secrets.inFiles(shell.directory, new RegExp(`${inputs.source}|${promised.source}`))).toEqual([]);
    expect(guestSecrets.inFiles(shell.directory, new RegExp(`${inputs.source}|web1\\.tar$`))).toEqual([]);
    // The control: both are found where they belong.
    expect(secrets.in(readFileSync(shell.path('data/token.key')))).not.toEqual([]);
    expect(guestSecrets.in(readFileSync(shell.path('web1.tar')))).not.toEqual([]);
  });
});
