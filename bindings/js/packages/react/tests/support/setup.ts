import { cleanup } from '@testing-library/react';
import { afterEach } from 'vitest';
import { loadExtras } from '../../src/later.ts';

// There is no layout here, and so nothing to scroll.
if (typeof Element !== 'undefined') Element.prototype.scrollIntoView = () => {};

// As it is a moment after the first page. What is true before that is in later.test.tsx.
await loadExtras();

afterEach(cleanup);
