// What a client loads when it is needed is loaded before the tests. `tests/unit/lazy.test.ts` shows what happens where it cannot be.

import '../../src/testing.ts';
