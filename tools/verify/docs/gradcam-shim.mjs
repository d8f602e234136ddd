// @ts-check
/** The command, but that a server ends as soon as the address that it printed has answered. */
import { spawn, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const command = fileURLToPath(new URL('../../../packages/cli/bin/gradcam.mjs', import.meta.url));
const args = process.argv.slice(2);
const serves = args[0] === 'serve' || (args[0] === 'view' && !args.includes('--export'));

if (!serves) {
  const { status } = spawnSync(process.execPath, [command, ...args], { stdio: 'inherit' });
  process.exitCode = status ?? 1;
} else {
  const server = spawn(process.execPath, [command, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  server.once('exit', (status) => (process.exitCode ??= status ?? 1));
  server.stdout.once('data', async (/** @type {Buffer} */ printed) => {
    const [address = ''] = /http:\S+/.exec(printed.toString()) ?? [];
    const { status } = await fetch(args[0] === 'serve' ? new URL('healthz', address) : address);
    console.log(`${address} answered with HTTP status ${status}`);
    process.exitCode = status === 200 ? 0 : 1;
    server.kill();
  });
}
