import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import path from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { makeTemporaryFolder, root, runCommand } from '../run-command.ts';
import { models, readRun, scenes } from '../run/demo-run.ts';
import { findFreePort, skipWithoutRedis } from './redis-server.ts';
import { COUNT, startOwn, TIMEOUT_MS } from './shared-folder.ts';

const compose = readFileSync(path.join(root, 'compose.yaml'), 'utf8');
const dockerfile = readFileSync(path.join(root, 'Dockerfile'), 'utf8');
const token = '0123456789abcdef0123456789abcdef';

/** The words of a service's `command:` in compose.yaml. */
function commandOf(service: string): string[] {
  const block = new RegExp(`^  ${service}:\\n((?:    .*\\n)+)`, 'm').exec(compose)![1]!;
  return /^    command: (.+)$/m.exec(block)![1]!.split(' ');
}

/** What follows `docker compose run --rm worker` in the first comment. */
function explainCommand(): string[] {
  const text = compose.replaceAll(/ \\\n# +/g, ' ');
  return /^# +docker compose run --rm worker (.+)$/m.exec(text)![1]!.split(' ');
}

/** Puts places of this machine in place of those inside of the containers. */
function outside(words: readonly string[], places: Readonly<Record<string, string>>): string[] {
  return words.map((word) =>
    Object.entries(places).reduce((text, [inside, place]) => text.replace(inside, place), word),
  );
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => socket.end(() => resolve(true)));
    socket.once('error', () => resolve(false));
  });
}

describe.skipIf(skipWithoutRedis())('compose.yaml', { timeout: TIMEOUT_MS }, () => {
  test('its queue, worker, service and first command work together, outside of containers', async () => {
    const folder = makeTemporaryFolder();
    const data = path.join(folder, 'data');
    cpSync(scenes, path.join(data, 'photos'), { recursive: true });
    // The model of the example, which is too large for a test, is the demo's under that name.
    cpSync(path.join(models, 'demo-resnet'), path.join(data, 'models/resnet_v1_50'), {
      recursive: true,
    });
    writeFileSync(path.join(folder, 'token.txt'), `${token}\n`);
    const [queuePort, servicePort] = [await findFreePort(), await findFreePort()];
    const places = {
      'redis://valkey:6379': `redis://127.0.0.1:${queuePort}`,
      '/data': data,
      '/run/secrets/token': path.join(folder, 'token.txt'),
      '8080': `${servicePort}`,
    };
    const [server, ...settings] = commandOf('valkey');
    expect(server).toBe('valkey-server');
    mkdirSync(path.join(folder, 'queue'));
    const own = ['--port', `${queuePort}`, '--dir', path.join(folder, 'queue')];
    const queue = spawn('redis-server', [...settings, ...own], { stdio: 'ignore' });
    onTestFinished(() => void queue.kill('SIGKILL'));
    await expect.poll(() => accepts(queuePort), { timeout: 30_000 }).toBe(true);

    const worker = startOwn(outside(commandOf('worker'), places), { cwd: data });
    const service = startOwn(outside(commandOf('service'), places), { cwd: data });
    const explained = await runCommand(outside(explainCommand(), places), data);
    expect(explained.code, explained.stderr).toBe(0);
    const run = readRun(path.join(data, 'runs/first'));
    expect(run).toMatchObject({ status: 'done', counts: { done: COUNT, failed: 0 } });
    expect(run.model.path).toContain('resnet_v1_50');

    const address = `http://127.0.0.1:${servicePort}`;
    const ask = (headers: Record<string, string>): Promise<number> =>
      fetch(`${address}/v1/explain`, {
        method: 'POST',
        headers: { 'content-type': 'image/png', ...headers },
        body: readFileSync(path.join(scenes, 'cat-and-dog.png')),
      }).then(
        ({ status }) => status,
        () => 0,
      );
    await expect
      .poll(() => ask({ authorization: `Bearer ${token}` }), { timeout: 120_000 })
      .toBe(200);
    expect(await ask({})).toBe(401);
    for (const [{ child, done }, code] of [
      [worker, 143],
      [service, 0],
    ] as const) {
      child.kill('SIGTERM');
      const ended = await done;
      expect(ended.code, ended.stderr).toBe(code);
    }
  });
});

describe('Dockerfile', () => {
  const scripts = (
    JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
      scripts: Record<string, string>;
    }
  ).scripts;

  test('runs scripts that exist, and its command is a file of this repository', () => {
    const run = [...dockerfile.matchAll(/npm run (\S+)/g)].map(([, name]) => name!);
    expect(run).toEqual(['build']);
    for (const name of run) expect(scripts).toHaveProperty(name);
    const [, linked = ''] = /ln -s \/gradcam\/(\S+) \/usr\/local\/bin\/gradcam/.exec(dockerfile)!;
    expect(existsSync(path.join(root, linked))).toBe(true);
    expect(dockerfile).toContain('ENTRYPOINT ["gradcam"]');
  });

  test('what it starts without arguments prints the help', async () => {
    const words = JSON.parse(/^CMD (.+)$/m.exec(dockerfile)![1]!) as string[];
    const { code, stdout } = await runCommand(words);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^ {2}work \[options\]/m);
  });

  test('its Node is one that the packages take', () => {
    const bases = [...dockerfile.matchAll(/^FROM node:(\d+)/gm)].map(([, major]) => Number(major));
    expect(bases).toHaveLength(2);
    for (const major of bases) expect(major).toBeGreaterThanOrEqual(22);
  });
});
