import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, jest } from '@jest/globals';
import { Global, Module } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { CONFIG, InvalidConfig, readConfig } from '../config/config.js';
import { KeypairType } from '../domain/keypair-type.js';
import { CryptoModule } from './crypto.module.js';
import { Keys } from './keys.js';

// The thread that makes keys yields to everything else, also to other tests on a busy machine.
jest.setTimeout(60_000);

const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINT+a48haytLRarSVUCOuPdyiZGZSq4AgcTZvDzuqVob alice@wonderland';
const FINGERPRINT = '5e:b8:00:98:06:4c:8d:14:1a:f4:64:2a:4f:2a:bd:59';

@Global()
@Module({ providers: [{ provide: CONFIG, useValue: readConfig({}) }], exports: [CONFIG] })
class Settings {}

describe('the keys', () => {
  const directory = mkdtempSync(join(tmpdir(), 'listed-'));
  afterAll(() => rmSync(directory, { recursive: true }));

  it('come from their module, and stop with the application', async () => {
    const app = await Test.createTestingModule({ imports: [Settings, CryptoModule] }).compile();
    const keys = app.get(Keys);
    expect(keys.inspect(KEY)).toMatchObject({ type: KeypairType.Ssh, fingerprint: FINGERPRINT });
    expect((await keys.generate(KeypairType.Ssh, 'alice')).publicKey).toMatch(/^ssh-rsa /);
    await app.close();
  });

  it('that are listed as weak are refused by the strict policy only', () => {
    const weakKeysFile = join(directory, 'blacklist');
    writeFileSync(weakKeysFile, `# Weak keys\n${FINGERPRINT.replaceAll(':', '').slice(12)}\n`);
    const config = { ...readConfig({}), weakKeysFile };
    expect(() => new Keys(config).inspect(KEY)).toThrow(/list of weak keys .* make a new key/);
    expect(new Keys({ ...config, keyPolicy: 'nova' }).inspect(KEY).fingerprint).toBe(FINGERPRINT);
  });

  it.each<[string, string | Buffer | undefined, RegExp]>([
    ['is not there', undefined, /cannot be read \(ENOENT\); name a file/],
    ['has a line that is no fingerprint', `# RSA\n${KEY}\n`, /has no fingerprint in line 2; write 20 to 32 hex digits/],
    ['lists nothing', '# nothing\n', /lists no key; fetch it anew/],
    ['was cut', Buffer.alloc(31, 0xab), /blocklist\.dat of badkeys: its 31 bytes are no records of 16; fetch it anew/],
    ['is not sorted', Buffer.alloc(32).fill(0xab, 0, 16), /its record 2 is not in order; fetch it anew/],
  ])('do not start with a list that %s', (_, content, problem) => {
    const weakKeysFile = join(directory, 'wrong');
    rmSync(weakKeysFile, { force: true });
    if (content !== undefined) writeFileSync(weakKeysFile, content);
    const start = (): Keys => new Keys({ ...readConfig({}), weakKeysFile });
    expect(start).toThrow(InvalidConfig);
    expect(start).toThrow(`WEAK_KEYS_FILE: ${weakKeysFile} `);
    expect(start).toThrow(problem);
  });
});
