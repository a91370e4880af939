import { readFileSync } from 'node:fs';

// Where secrets must not be: `npm run test:secrets`.
const { jest: options } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));

export default {
  ...options,
  rootDir: '../..',
  testPathIgnorePatterns: ['/node_modules/'],
  testMatch: ['<rootDir>/test/secrets/**/*.slow.ts'],
  testTimeout: 300_000,
  maxWorkers: 1,
};
