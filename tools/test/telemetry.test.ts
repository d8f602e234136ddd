import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

/** ONNX Runtime 1.30 first calls its collector 9 seconds after a session was opened. */
const CALLED_AFTER_S = 14;

const TIMEOUT = 120_000;

const root = fileURLToPath(new URL('../..', import.meta.url));
const scene = path.join(root, 'demo/scenes/cat-and-dog-128.png');
const weights = path.join(root, 'demo/weights/demo-resnet.tar.gz');
const gradcam = path.join(root, 'packages/cli/bin/gradcam.mjs');
const program = path.join(root, 'tools/test/explain-once.mjs');

const work = mkdtempSync(path.join(tmpdir(), 'gradcam-telemetry-'));
const model = path.join(work, 'models/demo-resnet');
const explained = path.join(work, 'explained.onnx');
let runs = 0;

interface Watched {
  readonly code: number | null;
  readonly stderr: string;
  /** What appeared in the home folder beside files of ours. */
  readonly files: string[];
  /** Hosts that the process wanted to reach. */
  readonly hosts: string[];
}

/**
 * Runs a program that has a home folder of its own, and whose calls to other hosts come to us as their proxy:
 * nobody else is needed to see them, neither a network nor the rights to trace a process.
 *
 * @param args `SLOW` among them stands for the address of an image that comes late.
 */
async function watch(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Watched> {
  const home = path.join(work, `home-${runs++}`);
  const hosts: string[] = [];
  const server = createServer((_, response) => {
    setTimeout(() => createReadStream(scene).pipe(response), CALLED_AFTER_S * 1000);
  });
  server.on('connect', ({ url }, socket) => {
    hosts.push(url ?? '');
    socket.on('error', () => {}).end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const inherited = { ...process.env };
  delete inherited['ORT_DISABLE_TELEMETRY'];
  // Under CI the runtime reports nothing by itself, and its silence would prove nothing.
  delete inherited['CI'];
  const child = spawn(
    process.execPath,
    args.map((arg) => (arg === 'SLOW' ? `${address}/late.png` : arg)),
    {
      cwd: root,
      env: {
        ...inherited,
        ...{ HOME: home, XDG_CACHE_HOME: path.join(home, 'cache'), NO_PROXY: '', no_proxy: '' },
        ...{ https_proxy: address, HTTPS_PROXY: address, ALL_PROXY: address },
        ...env,
      },
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  );
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  server.close();
  return { code, stderr, files: listFiles(home), hosts };
}

/** Files of others below the home folder: ours are in folders of our name. */
function listFiles(home: string): string[] {
  try {
    const entries = readdirSync(home, { recursive: true, withFileTypes: true });
    return entries
      .filter((entry) => entry.isFile())
      .map((entry) => path.relative(home, path.join(entry.parentPath, entry.name)))
      .filter((file) => !file.split(path.sep).includes('gradcam'));
  } catch {
    return [];
  }
}

const explainOnce = (how: string, seconds = 0): string[] => [
  ...[program, how, model, explained, scene, `${seconds}`],
];
const silent = { code: 0, files: [], hosts: [] };

beforeAll(async () => {
  const models = path.join(work, 'models');
  const fetched = await watch([gradcam, 'fetch', 'demo-resnet', '--models', models]);
  expect(fetched, fetched.stderr).toMatchObject(silent);
  const exported = await watch([gradcam, 'export', '--model', model, '--out', explained]);
  expect(exported, exported.stderr).toMatchObject(silent);
}, TIMEOUT);
afterAll(() => rmSync(work, { recursive: true, force: true }));

describe.concurrent('reports of ONNX Runtime', { timeout: TIMEOUT }, () => {
  test('are seen by these tests where nobody stops them', async ({ skip, expect }) => {
    const { code, stderr, files, hosts } = await watch(explainOnce('bare', CALLED_AFTER_S));
    expect(code, stderr).toBe(0);
    const isSeen = files.length > 0 && hosts.length > 0;
    const reason = `ONNX Runtime wrote ${files.length} files and called ${hosts.length} hosts here`;
    if (!isSeen) console.warn(`the tests of its silence prove nothing on this machine: ${reason}`);
    skip(!isSeen, reason);
    expect(files.join()).toContain('.onnxruntime');
    expect(hosts[0]).toContain('microsoft.com');
  });

  test('do not leave the command', async ({ expect }) => {
    const out = path.join(work, 'run');
    // The second image comes late, so that the process lives long enough to report the first.
    const args = ['explain', scene, 'SLOW', '--model', model, '--engine', 'onnx', '--out', out];
    const { stderr, ...watched } = await watch([gradcam, ...args]);
    expect(watched, stderr).toEqual(silent);
  });

  test('do not leave a program that uses the library on its main thread', async ({ expect }) => {
    expect(await watch(explainOnce('main', CALLED_AFTER_S))).toEqual({ ...silent, stderr: '' });
  });

  test('do not leave a worker whose main thread has set the variable', async ({ expect }) => {
    const env = { ORT_DISABLE_TELEMETRY: '1' };
    const watched = await watch(explainOnce('worker', CALLED_AFTER_S), env);
    expect(watched).toEqual({ ...silent, stderr: '' });
  });

  test('are warned of, once, in a worker that cannot stop them', async ({ expect }) => {
    const { code, stderr } = await watch(explainOnce('worker'));
    expect(code, stderr).toBe(0);
    expect(stderr.match(/GradcamWarning: .*/g)).toEqual([
      'GradcamWarning: ONNX Runtime reports to its vendor from this process, and a worker thread cannot ' +
        'stop it; set ORT_DISABLE_TELEMETRY=1 in the environment, or on the main thread before the worker ' +
        "is started: process.env.ORT_DISABLE_TELEMETRY = '1'",
    ]);
  });

  test('are sent where the user asks for them', async ({ skip, expect }) => {
    skip(process.platform !== 'linux', 'where else it writes is not known');
    const asked = { ORT_DISABLE_TELEMETRY: '0' };
    const { code, files } = await watch(explainOnce('main', CALLED_AFTER_S), asked);
    expect(code).toBe(0);
    expect(files.join()).toContain('.onnxruntime');
  });
});

describe('no command that starts the runtime leaves files of it', { timeout: TIMEOUT }, () => {
  const out = path.join(work, 'converted');
  test.each([
    ['doctor', []],
    ['bench', ['--model', model, '--rounds', '1', '--engine', 'onnx']],
    ['methods', ['--model', model]],
    ['convert', [weights, '--arch', 'demo-resnet', '--out', out]],
    ['inspect', [model, '--verify']],
  ])('%s', async (name, args) => {
    const { stderr, ...watched } = await watch([gradcam, name, ...args]);
    expect(watched, stderr).toEqual(silent);
  });
});
