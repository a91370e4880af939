import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, jest } from '@jest/globals';
import { Global, Module } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { CONFIG, readConfig } from '../config/config.js';
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
    expect(keys.inspect(KEY)).toEqual({ type: KeypairType.Ssh, fingerprint: FINGERPRINT });
    expect((await keys.generate(KeypairType.Ssh, 'alice')).type).toBe(KeypairType.Ssh);
    await app.close();
  });

  it('that are listed as weak are refused by the strict policy only', () => {
    const weakKeysFile = join(directory, 'blacklist');
    writeFileSync(weakKeysFile, `# Weak keys\n${FINGERPRINT.replaceAll(':', '').slice(12)}\n`);
    const config = { ...readConfig({}), weakKeysFile };
    expect(() => new Keys(config).inspect(KEY)).toThrow(/list of weak keys .* make a new key/);
    expect(new Keys({ ...config, keyPolicy: 'nova' }).inspect(KEY).fingerprint).toBe(FINGERPRINT);
  });

  it('do not start with a list that is not there', () => {
    expect(() => new Keys({ ...readConfig({}), weakKeysFile: join(directory, 'none') })).toThrow(/no such file/);
  });
});
