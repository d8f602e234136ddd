import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TestProject } from 'vitest/node';
import { createProgram } from '../src/program.ts';

/**
 * Has the calls of the real command written down, and when all tests have run and passed demands that
 * each command and each of its flags was among them.
 */
export default function checkCalls(project: TestProject): () => Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), 'gradcam-calls-'));
  const file = path.join(folder, 'calls.jsonl');
  writeFileSync(file, '');
  const recorder = new URL('record-call.mjs', import.meta.url).href;
  process.env['GRADCAM_TEST_CALLS'] = file;
  process.env['NODE_OPTIONS'] = `${process.env['NODE_OPTIONS'] ?? ''} --import ${recorder}`;
  return async () => {
    const untested = (await haveAllPassed(project)) ? findUntested(file) : [];
    rmSync(folder, { recursive: true });
    if (untested.length === 0) return;
    // Vitest prints what a teardown throws, and calls the run a success.
    process.exitCode = 1;
    console.error(`FAIL gradcam: run by no test: ${untested.join(', ')}`);
  };
}

/** Where some files, or some tests of them, were chosen, nothing can be said. */
async function haveAllPassed(project: TestProject): Promise<boolean> {
  const { state, config } = project.vitest;
  const ran = state.getFiles().filter(({ projectName }) => projectName === project.name);
  const { testFiles } = await project.globTestFiles();
  const isWhole = config.testNamePattern === undefined && ran.length === testFiles.length;
  return isWhole && ran.every(({ result }) => result?.state === 'pass');
}

/** Commands and flags that are not among the calls; asking for help does not count. */
function findUntested(callsFile: string): string[] {
  const calls = readFileSync(callsFile, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as string[])
    .filter((args) => !args.includes('--help'));
  const { commands } = createProgram(() => {});
  return commands.flatMap((command) => {
    const own = calls.filter(([name]) => name === command.name());
    if (own.length === 0) return [command.name()];
    return command.options
      .filter(
        ({ long, short }) => !own.some((args) => args.some((one) => isFlag(one, long, short))),
      )
      .map(({ long }) => `${command.name()} ${long}`);
  });
}

/** Alone, or with its value behind `=`. */
function isFlag(argument: string, ...names: (string | null | undefined)[]): boolean {
  return names.some((name) => name && (argument === name || argument.startsWith(`${name}=`)));
}
