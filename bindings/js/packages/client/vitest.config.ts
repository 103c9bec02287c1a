import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: { include: ['tests/**/*.test.ts'], setupFiles: ['tests/support/lazy_parts.ts'], pool: 'threads', maxWorkers: 2 },
});
