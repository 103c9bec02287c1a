import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    // Those on a phone have a configuration of their own.
    include: ['tests/**/*.test.ts'], exclude: ['tests/phone/**'], setupFiles: ['tests/support/lazy_parts.ts'], pool: 'threads', maxWorkers: 2,
    // Limits end what hangs; on a busy machine some take many seconds.
    testTimeout: 60_000, hookTimeout: 60_000,
  },
});
