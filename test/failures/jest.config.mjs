import { readFileSync } from 'node:fs';

// The suites that break PostgreSQL under the running service, and take minutes: `npm run test:failures`.
const { jest: options } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));

export default {
  ...options,
  rootDir: '../..',
  globalSetup: undefined,
  testPathIgnorePatterns: ['/node_modules/'],
  testMatch: ['<rootDir>/test/failures/**/*.slow.ts'],
  testTimeout: 300_000,
  maxWorkers: 1,
};
