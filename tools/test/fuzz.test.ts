import { execFile, type ExecFileException } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadTargets } from '../fuzz/targets/registry.mjs';

/** Some tens of each target, the same ones every time: some 20 s on a machine that does nothing else. */
const MUTANTS = 3000;
const TIMEOUT_MS = 600_000;

interface Summary {
  readonly mutants: number;
  readonly targets: Readonly<
    Record<string, { readonly mutants: number; readonly outcomes: object }>
  >;
  readonly findings: readonly object[];
}

const root = fileURLToPath(new URL('../..', import.meta.url));
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'gradcam-fuzz-test-'));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

test(
  `${MUTANTS} mutants of everything that is read end in values or in errors of ours`,
  async () => {
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [
        ...['tools/fuzz/run-fuzz.mjs', '--mutants', String(MUTANTS), '--seed', '20261128'],
        ...['--findings', folder, '--quick', '--workers', '1'],
      ],
      { cwd: root, maxBuffer: 2 ** 26 },
    ).catch((error: ExecFileException & { stdout: string }) => {
      // Exit code 1 means that there are findings, which are then compared.
      if (error.code !== 1 || error.stdout === '') throw error;
      return error;
    });
    const { mutants, targets, findings } = JSON.parse(stdout) as Summary;
    expect(findings).toEqual([]);
    expect(mutants).toBeGreaterThanOrEqual(MUTANTS);
    // Every target did its work: some inputs were still whole enough to be read, others were refused.
    const names = (await loadTargets()).map(({ name }) => name);
    expect(Object.keys(targets).sort()).toEqual([...names].sort());
    for (const [name, { outcomes }] of Object.entries(targets)) {
      expect(outcomes, name).toHaveProperty('value');
      // A server answers whatever is asked.
      const kinds = name === 'view-requests' ? 1 : 2;
      expect(Object.keys(outcomes).length, name).toBeGreaterThanOrEqual(kinds);
    }
    expect(await readdir(folder)).toEqual([]);
  },
  TIMEOUT_MS,
);
