import { describe, expect, test } from 'vitest';
import { createProgram } from '../src/program.ts';
import { runCommand } from './run-command.ts';

const { commands } = createProgram(() => {});

describe.each(commands.map((command) => [command.name(), command] as const))(
  'gradcam %s',
  (name, command) => {
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
