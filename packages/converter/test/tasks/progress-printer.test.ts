import { describe, expect, test } from 'vitest';
import { createProgressPrinter, formatProgress } from '../../src/tasks/progress-printer.ts';

const MIB = 1024 * 1024;

function record(isTTY: boolean) {
  const written: string[] = [];
  let time = 0;
  const terminal = { isTTY, write: (text: string) => written.push(text) };
  const printer = createProgressPrinter(terminal, 'vgg16', () => (time += 1000));
  return { written, printer };
}

describe('progress', () => {
  test('has share, rate and time left where the size is known', () => {
    const progress = { doneBytes: 25 * MIB, totalBytes: 100 * MIB };
    expect(formatProgress(progress, 5 * MIB)).toBe('25.0 of 100.0 MiB, 25%, 5.0 MiB/s, 15 s left');
    expect(formatProgress({ ...progress, totalBytes: undefined }, MIB)).toBe('25.0 MiB, 1.0 MiB/s');
    expect(formatProgress({ doneBytes: 0, totalBytes: 0 }, 0)).toContain('100%');
  });

  test('in a log is one line per stage', () => {
    const { written, printer } = record(false);
    for (const doneBytes of [0, 5, 10]) {
      printer.show({ stage: 'digest', doneBytes, totalBytes: 10 });
    }
    printer.show({ stage: 'convert', doneBytes: 0, totalBytes: 10 });
    printer.say('done');
    expect(written).toEqual(['vgg16: digest\n', 'vgg16: convert\n', 'vgg16: done\n']);
  });

  test('on a terminal rewrites its line, and clears it before a message', () => {
    const { written, printer } = record(true);
    printer.show({ stage: 'convert', doneBytes: MIB, totalBytes: 2 * MIB });
    printer.say('done');
    expect(written).toEqual([
      '\r\x1b[Kvgg16: convert 1.0 of 2.0 MiB, 50%, 0.0 MiB/s, 0 s left',
      '\r\x1b[K',
      'vgg16: done\n',
    ]);
  });
});
