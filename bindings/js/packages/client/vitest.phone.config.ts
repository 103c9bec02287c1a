import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { onPhone } from './tests/phone/plugin.ts';

const { plugin, script } = await onPhone(dirname(fileURLToPath(import.meta.url)));

export default defineConfig({
  plugins: [plugin],
  test: {
    include: ['tests/unit/*.test.ts', 'tests/phone/*.test.ts'], pool: 'threads', maxWorkers: 2,
    // Limits end what hangs; on a busy machine some take many seconds.
    testTimeout: 60_000, hookTimeout: 60_000, setupFiles: ['tests/phone/setup.ts'],
    env: { CARIOSAN_PHONE_SCRIPT: script },
    // A phone has no IndexedDB, and a test cannot lay its own XMLHttpRequest over the phone's.
    testNamePattern: /^(?!.*(IndexedDB|XMLHttpRequest))/,
    // What is about the place and not about the client: the source, servers, and what browsers alone have.
    exclude: ['tests/unit/house.test.ts', 'tests/unit/webhook.test.ts', 'tests/unit/lazy.test.ts'],
  },
});
