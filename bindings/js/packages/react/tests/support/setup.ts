import { cleanup } from '@testing-library/react';
import { afterEach } from 'vitest';

// There is no layout here, and so nothing to scroll.
if (typeof Element !== 'undefined') Element.prototype.scrollIntoView = () => {};

afterEach(cleanup);
