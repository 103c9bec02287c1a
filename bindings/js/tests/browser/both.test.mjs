// What two people do, in the example in React and on the demo page.

import { describe } from 'vitest';
import { demoApp, shopApp } from './apps.mjs';
import { scenarios } from './scenarios.mjs';
import { suite } from './suite.mjs';

for (const app of [shopApp, demoApp]) describe(app.name, () => scenarios(suite(app), app.ui));
