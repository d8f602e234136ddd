// Loaded by every Node process that the tests start: the command's own arguments are written down, a
// line a call, for check-calls.ts.
import { appendFileSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';

const [, program = '', ...args] = process.argv;
const file = process.env['GRADCAM_TEST_CALLS'];
if (file !== undefined && isMainThread && /[\\/]gradcam\.mjs$/.test(program)) {
  appendFileSync(file, `${JSON.stringify(args)}\n`);
}
