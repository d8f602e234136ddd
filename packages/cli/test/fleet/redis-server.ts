import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { connect, createServer, type AddressInfo } from 'node:net';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { onTestFinished } from 'vitest';

const isInstalled = spawnSync('redis-server', ['--version']).status === 0;

/** Whether tests of the queue have to be skipped, which is said; under CI=true they run, and so fail. */
export function skipWithoutRedis(): boolean {
  if (isInstalled || process.env['CI'] === 'true') return false;
  console.warn(
    'queue test skipped: no redis-server found; get it with: apt-get install redis-server',
  );
  return true;
}

/** A server of a test: a port and a folder of its own, and every change in its append-only file. */
export interface RedisServer {
  readonly address: string;
  readonly port: number;
  /** Kills the server at once. */
  kill(): Promise<void>;
  /** Starts it again on the same port and folder. */
  start(): Promise<void>;
}

/** Starts a server that ends with the test. */
export async function startRedis(
  folder: string,
  ...settings: readonly string[]
): Promise<RedisServer> {
  const data = path.join(folder, 'redis');
  mkdirSync(data, { recursive: true });
  const port = await findFreePort();
  let child: ChildProcess | null = null;
  const server: RedisServer = {
    address: `redis://127.0.0.1:${port}`,
    port,
    async kill() {
      const ending = child;
      if (ending === null || ending.exitCode !== null) return;
      const ended = new Promise((resolve) => ending.once('close', resolve));
      ending.kill('SIGKILL');
      await ended;
    },
    async start() {
      child = spawn(
        'redis-server',
        [
          ...['--port', `${port}`, '--bind', '127.0.0.1', '--dir', data],
          ...['--appendonly', 'yes', '--appendfsync', 'always', '--save', '', ...settings],
        ],
        { stdio: 'ignore' },
      );
      while (!(await accepts(port))) await wait(20);
    },
  };
  onTestFinished(() => server.kill());
  await server.start();
  return server;
}

/** A port on which nothing listens now. */
export async function findFreePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const end = (isOpen: boolean): void => {
      socket.destroy();
      resolve(isOpen);
    };
    socket.once('connect', () => end(true));
    socket.once('error', () => end(false));
  });
}
