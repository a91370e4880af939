// RSA keys a second: made by the service for one client after the other, and by "openssl genrsa".
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { drive } from './load.mjs';
import { show } from './table.mjs';

const run = promisify(execFile);
const TURNS = 6;

/** Both in turn, for `seconds` each in total. The time to find a prime is luck, so a few seconds prove little. */
export async function generation({ api }, headers, seconds) {
  const sent = { method: 'POST', path: '/v2.1/os-keypairs', headers, body: '{"keypair":{"name":"generated-{n}"}}' };
  const ours = { made: 0, seconds: 0 };
  const openssl = { made: 0, seconds: 0 };
  const turn = Math.max(1, Math.round((2 * seconds) / TURNS));
  for (let each = 0; each < TURNS; each += 1) {
    const { requests, rate } = await drive(api, sent, {
      seconds: turn,
      connections: 1,
      first: 2_000_000_000 + each * 100_000,
    });
    ours.made += requests;
    ours.seconds += requests / rate;
    const until = performance.now() + turn * 1000;
    while (performance.now() < until) {
      const began = performance.now();
      await run('openssl', ['genrsa', '2048']);
      openssl.made += 1;
      openssl.seconds += (performance.now() - began) / 1000;
    }
  }
  const [rate, floor] = [ours.made / ours.seconds, openssl.made / openssl.seconds];
  const summary =
    `Generate RSA 2048, one at a time: ${show(rate)}/s, openssl genrsa ${show(floor)}/s, ratio ${show(rate / floor)} (target 0.9; ` +
    `${ours.made} and ${openssl.made} keys).`;
  return { rate, floor, ratio: rate / floor, ours, openssl, summary };
}
