import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';

export const root = fileURLToPath(new URL('../..', import.meta.url));
const command = path.join(root, 'packages/cli/bin/gradcam.mjs');

/** A line that a test cannot type, and what it would need. */
export type NotRun = readonly [line: RegExp, why: string];

/** Command lines of a page, in its order; one that goes on in the next line is one. */
export function readCommandLines(page: string): string[] {
  const text = readFileSync(path.join(root, page), 'utf8');
  return [...text.matchAll(/```sh\n([\s\S]*?)```/g)]
    .flatMap(([, block]) => block!.replaceAll('\\\n', ' ').split('\n'))
    .map((line) => line.replace(/\s+#.*$/, '').trim())
    .filter((line) => line !== '');
}

/**
 * Types a line of a page in a folder.
 *
 * @returns what it prints, answers and messages together
 */
export function typeLine(line: string, folder: string): string {
  expect(line).toMatch(/^npx gradcam /);
  // Quoted words stay one.
  const words = line.match(/"[^"]*"|\S+/g)!.map((word) => word.replaceAll('"', ''));
  const options = { cwd: folder, encoding: 'utf8' } as const;
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [command, ...words.slice(2)],
    options,
  );
  expect(status, `${line}\n${stderr}`).toBe(0);
  return stdout + stderr;
}

/**
 * Types the lines of a page one after the other, without those that need what a test has not. A reason that
 * no line needs any more is an error.
 *
 * @returns what each line printed, in the order of the page
 */
export function walkPage(
  page: string,
  folder: string,
  notRun: readonly NotRun[],
): Map<string, string> {
  const lines = readCommandLines(page);
  for (const [pattern, why] of notRun) {
    expect(
      lines.some((line) => pattern.test(line)),
      `${page} has no line any more that needs ${why}`,
    ).toBe(true);
  }
  const run = lines.filter((line) => !notRun.some(([pattern]) => pattern.test(line)));
  expect(run.length).toBeGreaterThanOrEqual(3);
  return new Map(run.map((line) => [line, typeLine(line, folder)]));
}
