import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect as connectPlainly } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { connect, type DetailedPeerCertificate } from 'node:tls';
import { afterAll, describe, expect, it } from '@jest/globals';
import { makeCertificate, type CertificateFiles } from '../support/certificate.js';
import { secureGet } from '../support/secure-get.js';
import { ServiceProcess } from '../support/service-process.js';
import { emptyDataDir } from '../support/template.js';
import { keepPrivateKey } from './keys.js';
import { Collector } from './places.js';
import { Secrets } from './secrets.js';
import { send } from './wire.js';
import { until } from '../support/until.js';

const directory = mkdtempSync(join(tmpdir(), 'latchkey-secrets-'));
const secrets = new Secrets();
const read = (path: string): string => readFileSync(path, 'utf8');

/** A certificate and its key, which is a secret. */
function newPair(name: string): CertificateFiles {
  const pair = makeCertificate(directory, name);
  keepPrivateKey(secrets, `key of ${name}`, read(pair.key));
  return pair;
}

/** A file with that content; its path. */
function file(name: string, content: string | Buffer): string {
  const path = join(directory, name);
  writeFileSync(path, content);
  return path;
}

/** The output of an OpenSSL tool for a key. */
function converted(key: string, ...args: string[]): Buffer {
  return execFileSync('openssl', ['pkcs8', '-topk8', '-in', key, ...args]);
}

const first = newPair('first');
const second = newPair('second');
const without = (line: number, path: string): string => read(path).split('\n').toSpliced(line, 1).join('\n');
const encrypted = converted(second.key, '-passout', `pass:${secrets.make('passphrase')}`).toString();
for (const line of encrypted.split('\n').slice(1, -2)) secrets.add('encrypted key', line.slice(0, 60));

/** Settings that keep the service from starting. */
const WRONG: readonly [what: string, cert: string, key: string][] = [
  ['a key that does not fit', first.cert, second.key],
  ['the one in place of the other', second.key, second.cert],
  ['a key without its end', second.cert, file('cut.key', read(second.key).slice(0, -60))],
  ['a key that lacks a line', second.cert, file('holed.key', without(2, second.key))],
  ['a key that is encrypted', second.cert, file('encrypted.key', encrypted)],
  ['a key in DER', second.cert, file('der.key', converted(second.key, '-outform', 'DER', '-nocrypt'))],
  ['a broken certificate before the key', file('both.pem', without(2, second.cert) + read(second.key)), second.key],
  ['keys in place of paths', read(second.cert), read(second.key)],
];

afterAll(async () => {
  await ServiceProcess.killAll();
  rmSync(directory, { recursive: true, force: true });
});

describe('the key of TLS', () => {
  it('is not disclosed by a service that cannot start with it', async () => {
    const settings = { DATA_DIR: join(directory, 'data'), LOG_LEVEL: 'trace' };
    const starts = WRONG.map(([what, cert, key]) => ({
      what,
      service: ServiceProcess.start({ ...settings, TLS_CERT: cert, TLS_KEY: key }),
    }));
    for (const { what, service } of starts) {
      expect([what, await service.ended()]).toEqual([what, 78]);
      expect(service.printedText).toMatch(/TLS_CERT/);
      expect([what, secrets.in(service.printedText)]).toEqual([what, []]);
    }
  });

  it('is disclosed neither to clients nor in a log, whatever the files become', async () => {
    const { dataDir, remove } = emptyDataDir();
    const collector = await Collector.started();
    // Many administrators keep both in one file.
    const pem = file('pair.pem', read(first.cert) + read(first.key));
    const key = file('pair.key', read(first.key));
    const service = await ServiceProcess.listening({
      DATA_DIR: dataDir,
      TLS_CERT: pem,
      TLS_KEY: key,
      ADMIN_PORT: '0',
      LOG_LEVEL: 'trace',
      ...collector.settings,
    });
    const { api, operators } = service.hosts;
    const responses: string[] = [];
    const ask = async (): Promise<string> => {
      for (const path of ['/v2.1/os-keypairs/none', '/none', '/v2.1/os-keypairs', '/healthcheck?detailed=true']) {
        responses.push((await secureGet(api, path)).text);
      }
      return (await secureGet(api, '/')).shown;
    };
    const become = async (cert: string, content: string, message: RegExp): Promise<void> => {
      const before = service.printedText.length;
      writeFileSync(pem, cert);
      writeFileSync(key, content);
      await until(() => message.test(service.printedText.slice(before)), `the log has ${message.source}`);
    };
    expect(await ask()).toBe('first');

    await become(read(first.cert), read(second.key), /the old certificate stays: the key is not that of/);
    await become(read(second.key), read(second.cert), /the old certificate stays: /);
    await become(read(second.cert) + read(second.key), without(2, second.key), /the old certificate stays: /);
    expect(await ask()).toBe('first');
    await become(read(second.cert) + read(second.key), read(second.key), /the new TLS certificate is in use/);
    expect(await ask()).toBe('second');

    responses.push((await send(api, { method: 'GET', target: '/' })).all, await plainly(api, 'no TLS at all\r\n\r\n'));
    const shown = await certificates(api);
    const metrics = (await send(operators, { method: 'GET', target: '/metrics' })).all;
    expect(await service.stop()).toBe(0);
    const traces = Buffer.concat(collector.received);
    const places = { log: service.printedText, responses: responses.join('\n'), shown, metrics, traces };
    expect(secrets.inEach(places)).toEqual({ log: [], responses: [], shown: [], metrics: [], traces: [] });
    expect(secrets.inFiles(dataDir)).toEqual([]);
    // The control: the certificate is shown, and the keys are found in their files.
    expect(shown.includes(Buffer.from(without(0, second.cert).split('-----')[0], 'base64'))).toBe(true);
    expect(traces.includes('latchkey')).toBe(true);
    mkdirSync(join(dataDir, 'planted'));
    copyFileSync(pem, join(dataDir, 'planted', 'pair.pem'));
    expect(secrets.inFiles(dataDir).length).toBeGreaterThan(2);
    collector.close();
    remove();
  });
});

/** The answer to bytes that are sent without TLS. */
function plainly(host: string, sent: string): Promise<string> {
  const [hostname, port] = host.split(':');
  return text(connectPlainly(Number(port), hostname).end(sent));
}

/** Everything that a server reveals in a handshake: its certificate, and those that signed it. */
function certificates(host: string): Promise<Buffer> {
  const [hostname, port] = host.split(':');
  return new Promise((resolve, reject) => {
    const socket = connect({ host: hostname, port: Number(port), rejectUnauthorized: false }, () => {
      const found = new Set<DetailedPeerCertificate>();
      for (let each = socket.getPeerCertificate(true); each && !found.has(each); each = each.issuerCertificate) {
        found.add(each);
      }
      resolve(Buffer.concat([...found].map(({ raw }) => raw)));
      socket.destroy();
    }).on('error', reject);
  });
}
