import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The suite with a real browser: everything as in package.json, but slow, and one after the other. */
const root = fileURLToPath(new URL('../..', import.meta.url));
const { jest } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));

export default {
  ...jest,
  rootDir: root,
  roots: ['<rootDir>/test/browser'],
  testMatch: ['**/*.slow.ts'],
  testTimeout: 120_000,
  maxWorkers: 1,
};
