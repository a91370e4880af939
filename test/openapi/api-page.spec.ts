import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CONFIG, type Config } from '../../src/config/config.js';
import { writtenDocuments } from '../../src/openapi/documents.js';
import { type StartedApp, startApp } from '../support/start-app.js';

/** docs/api.md as a reader uses it: pasted into a shell, command by command, with a service that was just started. */

const page = readFileSync('docs/api.md', 'utf8');
const [, logIn] = /```sh\n([^]*?)```/.exec(page)!;
const sections = [...page.matchAll(/^### (\w+)\n\n.*?Answers (\d{3})\.[^]*?```sh\n([^]*?)```/gm)].map(
  ([, id, status, command]) => ({ id, status, command }),
);

let service: StartedApp;
let directory: string;
let printed: Map<string, string>;

beforeAll(async () => {
  service = await startApp({ AUTH_MODE: 'builtin', IDENTITY_STORE: 'database', SSH_CA: 'on' });
  directory = mkdtempSync(join(tmpdir(), 'latchkey-page-'));
  symlinkSync(service.app.get<Config>(CONFIG).dataDir, join(directory, 'data'));
  const script = [logIn, ...sections.map(({ id, command }) => `printf '\\n== ${id}\\n'\n${command}`)].join('\n');
  const output = await pasted(script.replaceAll('127.0.0.1:8774', service.client.host));
  printed = new Map(output.split(/^== /m).map((each) => [each.split('\n', 1)[0], each]));
}, 300_000);

afterAll(async () => {
  await service?.stop();
  rmSync(directory, { recursive: true, force: true });
});

function pasted(script: string): Promise<string> {
  return new Promise((done, fail) => {
    execFile('bash', ['-euo', 'pipefail', '-c', script], { cwd: directory }, (error, stdout, stderr) => {
      if (error) fail(new Error(`${error.message}\n${stdout}\n${stderr}`));
      else done(stdout);
    });
  });
}

describe('docs/api.md', () => {
  it.each(sections)('has a command for $id with the answer $status', ({ id, status }) => {
    const answer = printed.get(id)!;
    expect(/^HTTP(?:\/1\.1)? (\d{3})/m.exec(answer)?.[1] ?? answer).toBe(status);
  });

  it('has every operation of the documents', () => {
    const expected = [
      'versions',
      '2.92',
      'v1-keypairs',
      'guests',
      'ssh-certificates',
      'events',
      'webhooks',
      'identity',
      'probes',
    ].flatMap((name) =>
      Object.values(writtenDocuments().get(name)!.paths).flatMap((item) =>
        Object.values(item as Record<string, { operationId: string }>).map(({ operationId }) => operationId),
      ),
    );
    expect(sections.map(({ id }) => id).toSorted()).toEqual(expected.toSorted());
  });
});
