import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { onTestFinished } from 'vitest';
import { root } from './demo-nets.ts';

export { root };

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

export interface CommandOptions {
  readonly cwd?: string;
  /** Written to standard input, which is then closed. */
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** The real binary in a process of its own, while it runs. */
export interface RunningCommand {
  readonly child: ChildProcess;
  readonly done: Promise<CommandResult>;
}

export function startCommand(
  args: readonly string[],
  { cwd = root, input = '', env = {} }: CommandOptions = {},
): RunningCommand {
  const binary = path.join(root, 'packages/cli/bin/gradcam.mjs');
  const child = spawn(process.execPath, [binary, ...args], {
    cwd,
    env: { ...process.env, ...env },
  });
  // A command that ends early does not read its input.
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  const done = new Promise<CommandResult>((resolve, reject) => {
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
  return { child, done };
}

/** Runs the real binary in a process of its own. */
export function runCommand(args: readonly string[], cwd = root): Promise<CommandResult> {
  return startCommand(args, { cwd }).done;
}

/** A folder that is gone after the test. */
export function makeTemporaryFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'gradcam-test-'));
  // Thousands of files take a while on a busy machine.
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }), 120_000);
  return folder;
}
