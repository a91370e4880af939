import { readFileSync } from 'node:fs';

// The suites of several processes on one PostgreSQL, that of DATABASE_URL: `npm run test:replicas`.
const { jest: options } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));

export default {
  ...options,
  rootDir: '../..',
  globalSetup: undefined,
  testPathIgnorePatterns: ['/node_modules/'],
  testMatch: ['<rootDir>/test/scale/**/*.slow.ts'],
  testTimeout: 60_000,
  maxWorkers: 1,
};
