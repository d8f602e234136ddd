// @ts-check
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/**
 * Starts `peer.py` in a separate process, which computes one explanation for each request.
 *
 * @param {string} python
 * @param {string} net
 */
export async function openPeer(python, net) {
  const script = fileURLToPath(new URL('peer.py', import.meta.url));
  const child = spawn(python, [script, net], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async () => {
    const { value, done } = await lines.next();
    if (done) throw new Error(`${python} ${script} ended`);
    return /** @type {string} */ (value);
  };
  const version = await next();
  return {
    version,
    /** @param {'forward' | 'grad-cam' | 'guided'} what @returns {Promise<import('./timing.mjs').Cost>} */
    async run(what) {
      child.stdin.write(`${what}\n`);
      const [wall = NaN, cpu = NaN] = (await next()).split(' ').map(Number);
      return { wall, cpu };
    },
    close: () => child.stdin.end(),
  };
}
