import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const packages = fileURLToPath(new URL('..', import.meta.url));
// The same tests run under both generations of React: CARIOSAN_REACT=18 is the older one.
const older = process.env['CARIOSAN_REACT'] === '18' ? join(packages, '..', 'tests', 'react18', 'node_modules') : null;
const testingLibrary = join(packages, '..', 'node_modules', '@testing-library', 'react', 'dist', '@testing-library', 'react.esm.js');
const react = older === null ? [] : [
  { find: /^(react|react-dom)(\/.*)?$/, replacement: `${older}/$1$2` },
  { find: /^@testing-library\/react$/, replacement: testingLibrary },
];

export default defineConfig({
  resolve: {
    alias: [
      ...react,
      { find: /^@cariosan\/client$/, replacement: join(packages, 'client', 'src', 'index.ts') },
      { find: /^@cariosan\/client\/testing$/, replacement: join(packages, 'client', 'src', 'testing.ts') },
    ],
  },
  test: {
    include: ['tests/unit/**/*.test.{ts,tsx}'], environment: 'jsdom', pool: 'threads', maxWorkers: 2, restoreMocks: true,
    // On a busy machine some take many seconds.
    testTimeout: 60_000,
    setupFiles: ['tests/support/setup.ts'],
    server: { deps: { inline: older === null ? [] : [/@testing-library\/react/] } },
  },
});
