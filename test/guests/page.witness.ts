import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { inNamespace } from '../support/namespace.js';

jest.setTimeout(240_000);

/** The command blocks of the page, in order, except for the two of test/cli/guest-journey.spec.ts. */
const [, , ...BLOCKS] = Array.from(
  readFileSync('docs/guests.md', 'utf8').matchAll(/^```sh\n(.*?)^```/gms),
  ([, block]) => block,
);
const [REGISTER, START, TOKEN, DRIVE, ...others] = BLOCKS;

/** A log-in as an administrator, if the mode has one: `$TOKEN` in the page. */
const LOG_IN = `
  password=$(python3 -c 'import sys, yaml; print(yaml.safe_load(open(sys.argv[1]))["clouds"]["latchkey-admin"]["auth"]["password"])' "$DATA_DIR/clouds.yaml")
  scope='{"project": {"name": "admin", "domain": {"id": "default"}}}'
  user='{"name": "admin", "domain": {"id": "default"}, "password": "'$password'"}'
  TOKEN=$(curl -si http://127.0.0.1:8774/identity/v3/auth/tokens -H 'Content-Type: application/json' \\
    -d '{"auth": {"identity": {"methods": ["password"], "password": {"user": '"$user"'}}, "scope": '"$scope"'}}' |
    sed -n 's/^x-subject-token: //Ip' | tr -d '\\r')`;

describe('docs/guests.md', () => {
  let home: string;

  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'latchkey-page-'));
    mkdirSync(join(home, '.ssh'));
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(home, '.ssh/id_ed25519')]);
  });
  afterEach(() => rmSync(home, { recursive: true }));

  it('has no command that is not tried here', () => {
    expect(BLOCKS).toHaveLength(4);
    expect(others).toEqual([]);
  });

  it.each([
    ['none', 'TOKEN='],
    ['builtin', LOG_IN],
  ])('has commands that work verbatim, with AUTH_MODE=%s', async (mode, logIn) => {
    const printed = await inNamespace(
      `{ ${START} } > "$HOME/log" 2>&1 &
      until grep -q 'Guests find' "$HOME/log"; do kill -0 $! || { cat "$HOME/log"; exit 1; }; sleep 0.1; done
      ${logIn}
      ${REGISTER}
      ID=$(curl -s http://127.0.0.1:8774/v1/guests -H "X-Auth-Token: $TOKEN" | grep -o '"id":"[^"]*"' | cut -d '"' -f 4)
      ip address add 10.0.0.5/32 dev lo
      on_guest() { curl() { command curl --interface 10.0.0.5 "$@"; }; eval "$1"; unset -f curl; }
      echo; on_guest 'curl -s http://169.254.169.254/openstack/latest/meta_data.json'
      echo; on_guest "$TOKEN_BLOCK"
      cd "$HOME"
      ${DRIVE}
      echo; isoinfo -J -x /openstack/latest/meta_data.json -i config-drive.iso`,
      {
        PATH: process.env.PATH!,
        HOME: home,
        DATA_DIR: join(home, 'data'),
        AUTH_MODE: mode,
        TOKEN_BLOCK: TOKEN,
      },
    );
    const key = readFileSync(join(home, '.ssh/id_ed25519.pub'), 'utf8').trim();
    const [registered, overHttp, overEc2, onDrive] = printed.trim().split('\n');
    expect(registered).toContain('"addresses":["10.0.0.5"]');
    expect(JSON.parse(overHttp)).toMatchObject({ name: 'web', public_keys: { laptop: key } });
    expect(overEc2).toBe(key);
    expect(JSON.parse(onDrive)).toMatchObject({ name: 'web', public_keys: { laptop: key } });
  });
});
