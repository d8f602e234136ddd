// @ts-check
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Set once the build is made: each package asks for it, and Nx takes seconds even if all is in its cache. */
const BUILT = 'GRADCAM_BUILT_FOR_TESTS';

/** Builds the command and the viewer's pages, which tests run as a user does, once before all tests. */
export default function buildForTests() {
  if (process.env[BUILT] !== undefined) return;
  execFileSync(
    'npx',
    ['nx', 'run-many', '-t', 'build', 'bundle', '-p', 'cli', 'viewer', '--outputStyle=static'],
    {
      cwd: fileURLToPath(new URL('..', import.meta.url)),
      env: { ...process.env, NX_DAEMON: 'false' },
      stdio: ['ignore', 'ignore', 'inherit'],
    },
  );
  process.env[BUILT] = '1';
}
