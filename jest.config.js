import { swcOptions } from './scripts/swc-options.mjs';

const common = {
  testEnvironment: 'node',
  modulePathIgnorePatterns: ['<rootDir>/.cache/', '<rootDir>/dist/'],
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  setupFiles: ['<rootDir>/src/polyfill.ts'],
  transform: {
    '^.+\\.ts$': ['@swc/jest', swcOptions],
  },
};

/** @param {string} displayName @param {string[]} testMatch @param {object} [extra] */
const project = (displayName, testMatch, extra = {}) => ({
  displayName,
  testMatch: testMatch.map((glob) => `<rootDir>/${glob}`),
  ...common,
  ...extra,
});

export default {
  projects: [
    project('unit', [
      'src/**/*.spec.ts',
      'test/fuzz/**/*.spec.ts',
      'test/support/**/*.spec.ts',
      'test/tooling/**/*.spec.ts',
    ]),
    project('integration', ['test/integration/**/*.spec.ts']),
    project('interop', ['test/interop/**/*.spec.ts'], {
      globalSetup: '<rootDir>/test/interop/build-go-peer.mjs',
    }),
    project('clients', ['test/clients/**/*.spec.ts'], {
      globalSetup: '<rootDir>/test/clients/build-clients.mjs',
    }),
    project('browser', ['test/browser/**/*.spec.ts']),
  ],
  // Only what hangs gets there: a machine with other work beside takes several times as long as one without.
  testTimeout: 180_000,
  maxWorkers: 2,
  collectCoverageFrom: ['src/**/*.ts', '!src/gen/**', '!src/**/*.spec.ts', '!src/main.ts'],
};
