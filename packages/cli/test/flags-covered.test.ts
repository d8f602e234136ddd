import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { createProgram } from '../src/program.ts';
import { runCommand } from './run-command.ts';

const folder = fileURLToPath(new URL('.', import.meta.url));
const own = path.basename(fileURLToPath(import.meta.url));

const texts = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.test.ts') && file !== own)
  .map((file) => readWithHelpers(path.join(folder, file)));

const { commands } = createProgram(() => {});

/** A test's text with that of the helpers that it imports, which may name the command for it. */
function readWithHelpers(file: string): string {
  const text = readFileSync(file, 'utf8');
  const helpers = [...text.matchAll(/from '(\.{1,2}\/(?!.*src\/)[^']+\.ts)'/g)];
  const read = ([, name]: RegExpMatchArray): string =>
    readFileSync(path.join(path.dirname(file), name!), 'utf8');
  return [text, ...helpers.map(read)].join('\n');
}

/** Named in quotes, as an argument is: alone, with a value behind `=`, or first of several words. */
function names(text: string, word: string): boolean {
  return ["'", '`', '"'].some((quote) =>
    [quote, '=', ' '].some((end) => text.includes(`${quote}${word}${end}`)),
  );
}

describe.each(commands.map((command) => [command.name(), command] as const))(
  'gradcam %s',
  (name, command) => {
    const ofCommand = texts.filter((text) => names(text, name));

    test('is run by a test, with each of its flags', () => {
      const missing = command.options.filter(
        ({ long, short }) =>
          !ofCommand.some((text) => [long, short].some((flag) => flag && names(text, flag))),
      );
      expect([name, ofCommand.length > 0, missing.map(({ flags }) => flags)]).toEqual([
        name,
        true,
        [],
      ]);
    });

    test('--help says what it takes, with examples that name only flags that are there', async () => {
      const { code, stdout, stderr } = await runCommand([name, '--help']);
      expect([code, stderr]).toEqual([0, '']);
      for (const { long } of command.options) expect(stdout).toContain(long);
      const [, examples = ''] = stdout.split('Examples:\n');
      const lines = examples.trim().split('\n');
      expect(lines.length).toBeGreaterThan(0);
      for (const line of lines) {
        expect(line).toContain(`gradcam ${name}`);
        for (const [flag] of line.matchAll(/--[a-z-]+/g)) {
          expect(command.options.map(({ long }) => long)).toContain(flag);
        }
      }
    });
  },
);
