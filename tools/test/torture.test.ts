import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { createRandom } from '../torture/random.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Half a minute on an idle machine; other tests run beside it. */
const TIMEOUT = 300_000;

interface Summary {
  readonly faults: number;
  readonly clean: number;
  readonly found: unknown[];
}

function torture(...flags: string[]): { code: number | null; summary: Summary; left: string[] } {
  const folder = mkdtempSync(path.join(tmpdir(), 'gradcam-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [path.join(root, 'tools/torture/run-torture.mjs'), ...flags],
    { encoding: 'utf8', env: { ...process.env, TMPDIR: folder } },
  );
  expect(stdout, stderr).not.toBe('');
  const left = existsSync(folder) ? readdirSync(folder) : [];
  return { code: status, summary: JSON.parse(stdout) as Summary, left };
}

test.runIf(process.platform === 'linux')(
  'two faults of each of five uses of the command leave all whole',
  { timeout: TIMEOUT },
  () => {
    const names = ['fetch', 'explain-resume', 'convert-over', 'sheet', 'view'];
    const scenarios = names.flatMap((name) => ['--scenario', name]);
    const { code, summary, left } = torture('--kills', '10', '--seed', '20261128', ...scenarios);
    expect(summary.found).toEqual([]);
    expect([code, summary.faults, summary.clean]).toEqual([0, 10, 10]);
    expect(left).toEqual([]);
  },
);

test('what is no flag or no scenario is refused with the usage', () => {
  for (const flags of [['--scenario', 'nothing'], ['--kills', 'many'], ['--what']]) {
    const command = [path.join(root, 'tools/torture/run-torture.mjs'), ...flags];
    const { status, stderr } = spawnSync(process.execPath, command, { encoding: 'utf8' });
    expect([status, stderr]).toEqual([64, expect.stringContaining('scenarios: fetch, explain')]);
  }
});

test('a fault’s numbers follow from its seed and number alone, and differ from the next one’s', () => {
  const draw = (seed: number, number: number) => {
    const random = createRandom(seed, number);
    return Array.from({ length: 8 }, () => random.below(1000));
  };
  expect(draw(1, 37)).toEqual(draw(1, 37));
  const all = [draw(1, 1), draw(1, 2), draw(2, 1), draw(2, 2)].map(String);
  expect(new Set(all).size).toBe(4);
});
