import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../../..', import.meta.url));

/** Where the tests find the demo nets, see `fetch-demo-nets.ts`. No test writes there. */
export const models = path.join(root, 'packages/cli/test/.models');
