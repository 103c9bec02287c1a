// Each file of tests has a phone of its own.

import { readFileSync } from 'node:fs';
import { runInContext } from 'node:vm';
import { phone } from './phone.ts';

const world = phone();
const script = process.env['CARIOSAN_PHONE_SCRIPT'] ?? '';
runInContext(readFileSync(script, 'utf8'), world, { filename: script });
Object.assign(globalThis, { onPhone: world['modules'] });
