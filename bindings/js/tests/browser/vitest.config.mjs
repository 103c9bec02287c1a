import { defineConfig } from 'vitest/config';

/** A folder: pictures of the example are put there, to be looked at. Nothing is tested. */
const pictures = process.env.CARIOSAN_PICTURES;

export default defineConfig({ test: { include: [pictures === undefined ? '*.test.mjs' : 'pictures.mjs'], testTimeout: pictures === undefined ? 60_000 : 600_000, hookTimeout: 180_000, fileParallelism: false } });
