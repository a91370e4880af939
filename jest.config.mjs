import { PROJECTS } from './test/projects.mjs';

const swc = {
  swcrc: false,
  jsc: {
    parser: { syntax: 'typescript', decorators: true },
    target: 'es2023',
    keepClassNames: true,
    transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: false },
  },
  module: { type: 'es6' },
};

/** One project for each entry of test/projects.mjs; scripts/test.mjs brings up what they run on. */
export default {
  coverageProvider: 'v8',
  // Modules of a finished file stay in memory, and the garbage collector walks them: a worker that has grown makes way for a new one.
  workerIdleMemoryLimit: '1GB',
  projects: Object.entries(PROJECTS).map(([displayName, { files }]) => ({
    displayName,
    testEnvironment: 'node',
    cacheDirectory: '<rootDir>/node_modules/.cache/jest',
    roots: ['<rootDir>/src', '<rootDir>/test'],
    testMatch: files.map((glob) => `<rootDir>/${glob}`),
    extensionsToTreatAsEsm: ['.ts'],
    moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
    transform: { '^.+\\.ts$': ['@swc/jest', swc] },
    globalSetup: '<rootDir>/test/support/prepare-template.mjs',
  })),
};
