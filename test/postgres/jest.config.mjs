import { readFileSync } from 'node:fs';

// The suites of package.json that use a database, on the PostgreSQL of DATABASE_URL: `npm run test:postgres`.
const { jest: options } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));

export default {
  ...options,
  rootDir: '../..',
  // Beside the sources and of keys are those that have none.
  roots: ['<rootDir>/test'],
  testPathIgnorePatterns: [...options.testPathIgnorePatterns, '/test/crypto/'],
};
