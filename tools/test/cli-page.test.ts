import { createProgram } from '@gradcam/cli';
import { methods } from '@gradcam/core';
import { readFileSync } from 'node:fs';
import { expect, test, vi } from 'vitest';
import { formatCliPage } from '../docs/cli-page.mjs';

const page = readFileSync(new URL('../../docs/cli.md', import.meta.url), 'utf8');

test('docs/cli.md has the commands, flags and methods of the program', async () => {
  vi.stubEnv('GRADCAM_MODELS', undefined);
  const program = createProgram(() => {});
  expect(page, 'run: node tools/docs/write-cli-page.mjs').toBe(
    await formatCliPage(program, methods),
  );
});

test('the README names every command', () => {
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
  const { commands } = createProgram(() => {});
  const missing = commands
    .map((command) => command.name())
    .filter((name) => !readme.includes(`gradcam ${name}`));
  expect(missing).toEqual([]);
});
