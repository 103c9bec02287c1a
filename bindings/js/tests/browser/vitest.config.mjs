import { defineConfig } from 'vitest/config';

/** A folder: pictures of the example are put there, to be looked at. Nothing is tested. */
const pictures = process.env.CARIOSAN_PICTURES;

export default defineConfig({
  test: {
    include: [pictures === undefined ? '*.test.mjs' : 'pictures.mjs'], fileParallelism: false,
    // Limits end what hangs; on a busy machine some take many seconds.
    testTimeout: pictures === undefined ? 180_000 : 600_000, hookTimeout: 180_000, expect: { poll: { timeout: 30_000 } },
  },
});
