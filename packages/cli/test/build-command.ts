import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Builds what the command runs; Nx answers from its cache where nothing has changed. */
export default function buildCommand(): void {
  const root = fileURLToPath(new URL('../../..', import.meta.url));
  const env = { ...process.env, NX_DAEMON: 'false' };
  execFileSync('npx', ['nx', 'run', 'cli:bundle', '--outputStyle=static'], {
    cwd: root,
    env,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}
