import { isFailure } from '@gradcam/core';
import { cpSync } from 'node:fs';
import path from 'node:path';
import { onTestFinished } from 'vitest';
import {
  makeTemporaryFolder,
  startCommand,
  type CommandOptions,
  type RunningCommand,
} from '../run-command.ts';
import { models, readLines, scenes } from '../run/demo-run.ts';

/** A test runs up to six commands, each of which takes ten seconds where other programs use the cores. */
export const TIMEOUT_MS = 300_000;

/** The demo's scenes. */
export const COUNT = 6;

/** A shared folder with the demo's scenes. */
export function makeShared(): string {
  const folder = makeTemporaryFolder();
  cpSync(scenes, path.join(folder, 'scenes'), { recursive: true });
  return folder;
}

/** `gradcam explain` with the demo net, of images that follow. */
export const explainWith = ['explain', '--model', 'demo-resnet', '--models', models];

/** Starts a command that does not outlive the test. */
export function startOwn(args: readonly string[], options: CommandOptions = {}): RunningCommand {
  const running = startCommand(args, options);
  onTestFinished(() => void running.child.kill('SIGKILL'));
  return running;
}

/** What the lines say, without the time that they took. */
export function withoutTimes(run: string): unknown[] {
  return readLines(run).map((line) => (isFailure(line) ? line : { ...line, ms: 0 }));
}
