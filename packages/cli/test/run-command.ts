import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

export const root = fileURLToPath(new URL('../../..', import.meta.url));

/** Real data that is not part of the project; tests of it are skipped where it is absent. */
export const sharedData = path.join(
  process.env['GRADCAM_SHARED'] ?? path.join(root, '../shared'),
  'data',
);

/** Whether the real data is there; says so where it is not. */
export function hasSharedData(what: string): boolean {
  const found = existsSync(path.join(sharedData, what));
  if (!found) console.warn(`skipped: ${path.join('shared/data', what)} is not on this machine`);
  return found;
}

export interface CommandResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the real binary in a process of its own. */
export function runCommand(args: readonly string[], cwd = root): Promise<CommandResult> {
  const binary = path.join(root, 'packages/cli/bin/gradcam.mjs');
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [binary, ...args], { cwd });
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
}

/** A folder that is gone after the test. */
export function makeTemporaryFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'gradcam-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
