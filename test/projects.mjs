/**
 * The projects of the test suite: the files of each and what they run on. `npm test` runs `unit` and `api`;
 * `npm test -- --selectProjects cli process` runs others, and `npm test -- test/cli` those that have files there.
 *
 * - `files`: globs below the checkout;
 * - `packages`: suites of scripts/debian-packages.sh, installed first if the machine lacks them;
 * - `built`: the tests start the built service or command;
 * - `postgres`: they use the PostgreSQL of DATABASE_URL, which scripts/with-postgres.sh brings up;
 * - `allCores`: run alone, they take every core, of which jest would leave one;
 * - `serialTimeoutMs`: they run one file after another, and this is the timeout of a test. On a busy machine the service alone may
 *   take two minutes to start.
 */
export const PROJECTS = {
  unit: {
    files: ['src/**/*.spec.ts', 'test/{architecture,docs}.spec.ts', 'test/crypto/**/!(key-types).spec.ts'],
    allCores: true,
  },
  api: {
    files: [
      'test/{api,guests,identity,migrations,openapi,operations,persistence}/**/*.spec.ts',
      // Compiles the source several times, which takes longer than all of `unit`.
      'test/crypto/key-types.spec.ts',
    ],
  },
  postgres: {
    files: [
      // The others send PostgreSQL nothing that these do not.
      'test/{api,identity,migrations}/**/*.spec.ts',
      'test/guests/{guests,quota,fetches,expiry,host-keys,nocloud-token}.spec.ts',
      // The others are about the files of the embedded engine.
      'test/persistence/**/!(embedded-durability|power-loss).spec.ts',
    ],
    postgres: true,
    onlyByName: true,
  },
  process: { files: ['test/process/**/*.spec.ts'], built: true, serialTimeoutMs: 300_000 },
  cli: { files: ['test/cli/**/*.spec.ts'], packages: ['cli'], built: true, serialTimeoutMs: 300_000 },
  guests: { files: ['test/guests/**/*.witness.ts'], packages: ['guests'], built: true, serialTimeoutMs: 300_000 },
  failures: {
    files: ['test/failures/**/*.slow.ts'],
    packages: ['postgres'],
    built: true,
    serialTimeoutMs: 300_000,
  },
  cluster: { files: ['test/cluster/**/*.slow.ts'], packages: ['cluster'], built: true, serialTimeoutMs: 300_000 },
  replicas: { files: ['test/replicas/**/*.slow.ts'], built: true, postgres: true, serialTimeoutMs: 300_000 },
  secrets: {
    files: ['test/secrets/**/*.slow.ts'],
    packages: ['cli', 'postgres'],
    built: true,
    serialTimeoutMs: 300_000,
  },
  packaging: {
    files: ['test/packaging/**/*.spec.ts'],
    packages: ['packaging'],
    built: true,
    postgres: true,
    serialTimeoutMs: 300_000,
  },
  'openapi-client': { files: ['test/openapi-client/**/*.spec.ts'], serialTimeoutMs: 300_000 },
  browser: { files: ['test/browser/**/*.slow.ts'], packages: ['browser'], built: true, serialTimeoutMs: 300_000 },
  boot: { files: ['test/boot/**/*.slow.ts'], packages: ['boot'], serialTimeoutMs: 1_800_000 },
  clients: { files: ['test/clients/**/*.slow.ts'], packages: ['clients'], built: true, serialTimeoutMs: 600_000 },
};
