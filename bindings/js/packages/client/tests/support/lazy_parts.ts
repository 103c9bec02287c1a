// The parts that a client loads when they are needed are loaded before the tests: a clock that a test moves by hand does not wait for
// files. `tests/unit/lazy.test.ts` shows what happens while they are not there.

export const loaded = await Promise.all([
  import('../../src/keeping.ts'), import('../../src/talk/search.ts'), import('../../src/talk/upload_file.ts'),
]);
