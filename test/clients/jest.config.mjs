import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The suites with real clients: everything as in package.json, but slow, and one after the other. */
const root = fileURLToPath(new URL('../..', import.meta.url));
const { jest } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));

export default {
  ...jest,
  rootDir: root,
  roots: ['<rootDir>/test/clients'],
  testMatch: ['**/*.slow.ts'],
  testTimeout: 600_000,
  maxWorkers: 1,
};
