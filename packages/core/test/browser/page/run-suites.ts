import { startTests, type File, type Task, type VitestRunner } from '@vitest/runner';
import { suites } from './suites.ts';

/** One test of a suite, or what went wrong around its tests. */
export interface CaseReport {
  readonly title: string;
  readonly state: string;
  readonly ms: number;
  readonly errors: readonly string[];
}

/** Vitest's own defaults, for the parts of it that run without Node. */
const config: VitestRunner['config'] = {
  root: '/',
  setupFiles: [],
  name: undefined,
  passWithNoTests: true,
  testNamePattern: undefined,
  allowOnly: false,
  sequence: { seed: 1, hooks: 'stack', setupFiles: 'list' },
  chaiConfig: undefined,
  maxConcurrency: 1,
  testTimeout: 60_000,
  hookTimeout: 60_000,
  retry: 0,
  includeTaskLocation: false,
  tags: [],
  tagsFilter: undefined,
  strictTags: false,
};

/** Which of a suite's tests are run, and how long each may take. */
export interface SuiteOptions {
  /** A regular expression for the tests' titles; by default all are run. */
  readonly titles?: string;
  readonly testTimeout?: number;
}

/** Runs one of the {@link suites} in this page. */
export async function runSuite(
  path: string,
  { titles, testTimeout = config.testTimeout }: SuiteOptions = {},
): Promise<CaseReport[]> {
  const testNamePattern = titles === undefined ? undefined : new RegExp(titles);
  const files = await startTests([path], {
    config: { ...config, testTimeout, testNamePattern },
    importFile: () => suites[path]!(),
  });
  const cases = files.flatMap((file: File) => listCases(file, []));
  return titles === undefined ? cases : cases.filter(({ state }) => state !== 'skip');
}

function listCases(task: Task, above: readonly string[]): CaseReport[] {
  const path = task.type === 'suite' && 'filepath' in task ? above : [...above, task.name];
  const errors = (task.result?.errors ?? []).map(
    ({ message, stack }) => `${message}\n${(stack ?? '').split('\n').slice(0, 3).join('\n')}`,
  );
  const own = {
    title: path.join(' > '),
    state: task.result?.state ?? task.mode,
    ms: task.result?.duration ?? 0,
    errors,
  };
  if (task.type === 'test') return [own];
  const cases = task.tasks.flatMap((child) => listCases(child, path));
  return errors.length > 0 ? [own, ...cases] : cases;
}
