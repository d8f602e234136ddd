import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { EngineReport } from '../src/commands/doctor/check-engines.ts';
import { TINY_LOGITS, TINY_MAP } from '../src/commands/doctor/tiny-net.ts';
import { makeTemporaryFolder, runCommand } from './run-command.ts';

interface Found {
  readonly versions: Record<string, string>;
  readonly threads: number;
  readonly engines: EngineReport[];
  readonly onnxProviders: string[];
  readonly imageFormats: string[];
  readonly modelFolders: {
    folder: string;
    exists: boolean;
    writable: boolean;
    models: string[];
  }[];
  readonly cache: { folder: string; bytes: number; writable: boolean };
}

describe('gradcam doctor', () => {
  test('every engine of this machine passes its self-test', async () => {
    const { code, stdout, stderr } = await runCommand(['doctor', '--json']);
    expect(code, stderr).toBe(0);
    const found = JSON.parse(stdout) as Found;
    const stateOf = (name: string): string | undefined =>
      found.engines.find((engine) => engine.name === name)?.state;
    expect([stateOf('wasm'), stateOf('cpu'), stateOf('onnx')]).toEqual(['right', 'right', 'right']);
    expect(found.versions['node']).toBe(process.versions.node);
    expect(found.onnxProviders).toContain('cpu');
    expect(found.imageFormats).toEqual(expect.arrayContaining(['jpeg', 'png', 'webp', 'gif']));
    expect(found.threads).toBeGreaterThanOrEqual(1);
  });

  test('finds models and what is in the cache, for people', async () => {
    const folder = makeTemporaryFolder();
    mkdirSync(path.join(folder, 'mine/own-net'), { recursive: true });
    writeFileSync(path.join(folder, 'mine/own-net/model.json'), '{}');
    mkdirSync(path.join(folder, 'cache/downloads'), { recursive: true });
    writeFileSync(path.join(folder, 'cache/downloads/net.tar.gz'), Buffer.alloc(2_300_000));
    vi.stubEnv('GRADCAM_CACHE', path.join(folder, 'cache'));
    vi.stubEnv('GRADCAM_MODELS', path.join(folder, 'none'));
    onTestFinished(() => void vi.unstubAllEnvs());
    const args = ['doctor', '--models', path.join(folder, 'mine')];
    const { code, stdout, stderr } = await runCommand(args);
    expect(code, stderr).toBe(0);
    expect(stdout).toMatch(/^gradcam +\d+\.\d+\.\d+$/m);
    expect(stdout).toMatch(/^engine wasm +tfjs-wasm \d.*: self-test passed, \d+ ms$/m);
    expect(stdout).toContain(`${path.join(folder, 'mine')}: own-net\n`);
    expect(stdout).toContain(`${path.join(folder, 'none')}: does not exist\n`);
    expect(stdout).toContain(`${path.join(folder, 'cache')}: 2.3 MB\n`);
  });

  test('the self-test’s answers follow from its net by hand', () => {
    // Quarters with 4, 2, 1 and 0 red pixels, their mean m, and the classes m and 1/2 - m.
    const quarters = [4, 2, 1, 0];
    const mean = quarters.reduce((sum, value) => sum + value, 0) / 4;
    expect(TINY_LOGITS).toEqual([mean, 0.5 - mean]);
    // dm / dA is 1/4 in each cell, and so is its mean.
    expect(TINY_MAP).toEqual(quarters.map((value) => value / 4));
  });
});
