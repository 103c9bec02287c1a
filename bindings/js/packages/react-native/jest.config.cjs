// The packages are tested from their sources: what is built of them is looked at elsewhere.
const { join } = require('node:path');

const packages = join(__dirname, '..');

module.exports = {
  preset: '@react-native/jest-preset',
  // The first one compiles React Native.
  testTimeout: 120_000,
  roots: ['<rootDir>/tests'],
  testMatch: ['**/*.test.ts', '**/*.test.tsx'],
  setupFilesAfterEnv: ['<rootDir>/tests/setup.ts'],
  transform: { '^.+\\.(js|ts|tsx|mjs|cjs)$': ['babel-jest', { configFile: join(__dirname, 'babel.config.cjs') }] },
  transformIgnorePatterns: ['node_modules/(?!((jest-)?react-native|@react-native(-community|-async-storage)?)/)'],
  moduleNameMapper: {
    '^@cariosan/client$': join(packages, 'client', 'src', 'index.ts'),
    '^@cariosan/client/testing$': join(packages, 'client', 'src', 'testing.ts'),
    '^@cariosan/react/headless$': join(packages, 'react', 'src', 'headless.ts'),
    '^@cariosan/react/text$': join(packages, 'react', 'src', 'text.ts'),
    '^@cariosan/react/locales/(.*)$': join(packages, 'react', 'src', 'locales', '$1.ts'),
  },
};
