// @ts-check
import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';

/**
 * A server with a folder and a port of its own, and every change in its append-only file.
 *
 * @typedef {object} RedisServer
 * @property {string} address
 * @property {() => Promise<void>} start
 * @property {() => Promise<void>} kill
 */

/**
 * @param {string} folder for the server's files
 * @param {readonly string[]} settings further settings, such as `--appendfsync no`
 * @returns {Promise<RedisServer>} a running server
 */
export async function startRedis(folder, settings = []) {
  mkdirSync(folder, { recursive: true });
  const port = await findFreePort();
  /** @type {import('node:child_process').ChildProcess | null} */
  let child = null;
  const server = {
    address: `redis://127.0.0.1:${port}`,
    async start() {
      const place = ['--port', `${port}`, '--bind', '127.0.0.1', '--dir', folder];
      const log = ['--appendonly', 'yes', '--save', '', ...settings];
      child = spawn('redis-server', [...place, ...log], { stdio: 'ignore' });
      while (!(await accepts(port))) await wait(20);
    },
    async kill() {
      const ending = child;
      if (ending === null || ending.exitCode !== null || ending.signalCode !== null) return;
      const ended = new Promise((resolve) => ending.once('close', resolve));
      ending.kill('SIGKILL');
      await ended;
    },
  };
  await server.start();
  return server;
}

/** @returns {Promise<number>} a port on which nothing listens now */
async function findFreePort() {
  const probe = createServer();
  await new Promise((resolve) => probe.listen(0, '127.0.0.1', () => resolve(null)));
  const { port } = /** @type {import('node:net').AddressInfo} */ (probe.address());
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

/**
 * @param {number} port
 * @returns {Promise<boolean>}
 */
function accepts(port) {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const end = (/** @type {boolean} */ isOpen) => {
      socket.destroy();
      resolve(isOpen);
    };
    socket.once('connect', () => end(true));
    socket.once('error', () => end(false));
  });
}
