import { copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { makeCertificate } from '../support/certificate.js';
import { secureGet } from '../support/secure-get.js';
import { ServiceProcess } from '../support/service-process.js';
import { emptyDataDir } from '../support/template.js';

let directory: string;
let remove: () => void;

beforeEach(() => {
  ({ dataDir: directory, remove } = emptyDataDir());
});

afterEach(async () => {
  await ServiceProcess.killAll();
  remove();
});

describe('a certificate with an invalid renewal', () => {
  it('leaves the old one in use, is logged, and is loaded once it is corrected', async () => {
    const [first, second] = ['first', 'second'].map((name) => makeCertificate(directory, name));
    const used = { cert: join(directory, 'used.crt'), key: join(directory, 'used.key') };
    copyFileSync(first.cert, used.cert);
    copyFileSync(first.key, used.key);
    const service = await ServiceProcess.listening({
      DATA_DIR: directory,
      TLS_CERT: used.cert,
      TLS_KEY: used.key,
    });
    const shown = async (): Promise<string> => (await secureGet(service.hosts.api, '/')).shown;
    expect(await shown()).toBe('first');

    copyFileSync(second.key, used.key);
    await service.printed(/the old certificate stays: the key is not that of the certificate/);
    expect(await shown()).toBe('first');

    writeFileSync(used.cert, 'no certificate');
    await service.printed(/the old certificate stays: one of them is not PEM/);
    expect(await shown()).toBe('first');

    rmSync(used.cert);
    await service.printed(/the old certificate stays: ENOENT/);
    expect(await shown()).toBe('first');

    copyFileSync(second.cert, used.cert);
    await service.printed(/the new TLS certificate is in use/);
    expect(await shown()).toBe('second');
    expect(await service.stop()).toBe(0);
    for (const line of readFileSync(second.key, 'utf8').trim().split('\n')) {
      expect(service.printedText).not.toContain(line);
    }
  });
});
