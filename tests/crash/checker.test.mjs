// Twenty clients with bad links, and a server that is killed: at the end each has the server's state.
// CARIOSAN_CHECKER_SECONDS=300 plays for five minutes instead of a fixed number of operations.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { check } from './checker.mjs';

const SEED = Number(process.env.CARIOSAN_TEST_SEED ?? 20260131);
const SECONDS = Number(process.env.CARIOSAN_CHECKER_SECONDS ?? 0);

test('everyone ends up with the same state', async (t) => {
  const { found, report } = await check(t, { seed: SEED, seconds: SECONDS, pace: SECONDS > 0 ? 250 : 60 });
  t.diagnostic(JSON.stringify(report));
  assert.deepEqual(found, [], `${found.length} faults, seed ${SEED}`);
  // The test means nothing unless all of this happened.
  for (const what of ['kills', 'floods', 'rotations', 'cuts', 'hangs', 'resumes', 'resets']) {
    assert.ok(report[what] > 0, `no ${what}`);
  }
});
