import { spawn, spawnSync } from 'node:child_process';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { makeTemporaryFolder, root, runCommand } from '../run-command.ts';
import { explainArgs, parseJsonLines, writeNoise } from './demo-run.ts';

const binary = path.join(root, 'packages/cli/bin/gradcam.mjs');

/** A command line with every part quoted. */
function quote(args: readonly string[]): string {
  return args.map((part) => `'${part.replaceAll("'", `'\\''`)}'`).join(' ');
}

function hasTool(name: string): boolean {
  return spawnSync('sh', ['-c', `command -v ${name}`]).status === 0;
}

/** Runs a line of the shell; util-linux's `script` gives it a terminal. */
function runShell(line: string, env: Record<string, string> = {}) {
  return new Promise<{ code: number | null; output: string }>((resolve) => {
    const child = spawn('sh', ['-c', line], { env: { ...process.env, ...env } });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.on('close', (code) => resolve({ code, output }));
  });
}

describe('what is printed', () => {
  test('progress on a terminal: how many, the rate, the time left, the file', async (context) => {
    if (!hasTool('script')) return context.skip('util-linux is not here: no terminal to be had');
    const folder = makeTemporaryFolder();
    await writeNoise(folder, 30);
    const command = (out: string, ...flags: string[]): string =>
      quote([process.execPath, binary, ...explainArgs([folder], path.join(folder, out), ...flags)]);
    const inTerminal = (line: string): string => `script -qec ${quote([line])} /dev/null`;

    const shown = await runShell(inTerminal(command('a')), { NO_COLOR: '1' });
    expect(shown.code).toBe(0);
    expect(shown.output).toMatch(/\d+\/30 images, [\d.]+\/s, \S+ left +\S+noise-\d+\.png/);
    // NO_COLOR: the cursor is moved, nothing is coloured (SGR sequences end in m).
    expect(shown.output).not.toMatch(/\x1b\[[\d;]*m/);

    const quiet = await runShell(inTerminal(command('b', '--quiet')));
    expect(quiet).toEqual({ code: 0, output: '' });
  });

  test('nothing but lines of JSON on stdout, no progress without a terminal', async () => {
    const folder = makeTemporaryFolder();
    await writeNoise(folder, 3);
    const { stdout, stderr } = await runCommand(
      explainArgs([folder], path.join(folder, 'run'), '--json'),
    );
    expect(parseJsonLines(stdout)).toHaveLength(3);
    expect(stderr).not.toMatch(/[\x1b\r]/);
    expect(stderr).toContain('3 explained, 0 failed');
  });

  test('a list in, jq after it', async (context) => {
    if (!hasTool('jq')) return context.skip('jq is not here');
    const folder = makeTemporaryFolder();
    await writeNoise(folder, 3);
    const command = quote([
      ...[process.execPath, binary],
      ...explainArgs(['-'], path.join(folder, 'run'), '--json', '--quiet'),
    ]);
    const { code, output } = await runShell(
      `cd ${quote([folder])} && ls *.png > list.txt && cat list.txt | ${command} | jq -r '.image'`,
    );
    expect([code, output]).toEqual([0, 'noise-00000.png\nnoise-00001.png\nnoise-00002.png\n']);
  });
});
