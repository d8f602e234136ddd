import { cpus } from 'node:os';
import { describe, expect, test } from 'vitest';
import { countCores } from '@gradcam/core/onnx';

/** A Linux system as its files tell it: `siblings[i]` of processor `i`. */
function linux(allowed: string, siblings: readonly string[], quota?: string) {
  const files = new Map([
    ['/proc/self/status', `Name:\tnode\nCpus_allowed:\tffff\nCpus_allowed_list:\t${allowed}\n`],
    ...siblings.map(
      (list, i) =>
        [`/sys/devices/system/cpu/cpu${i}/topology/thread_siblings_list`, `${list}\n`] as const,
    ),
    ...(quota === undefined ? [] : [['/sys/fs/cgroup/cpu.max', `${quota}\n`] as const]),
  ]);
  return (path: string): string | null => files.get(path) ?? null;
}

const twoCores = ['0', '1'];
const fourThreadsOfTwoCores = ['0,2', '1,3', '0,2', '1,3'];
const eightThreadsInPairs = ['0-1', '0-1', '2-3', '2-3', '4-5', '4-5', '6-7', '6-7'];

describe('cores that a process may use', () => {
  test.each([
    ['two cores', linux('0-1', twoCores), 2],
    ['two hardware threads a core', linux('0-3', fourThreadsOfTwoCores), 2],
    ['pairs in ranges', linux('0-7', eightThreadsInPairs), 4],
    ['affinity to two threads of one core', linux('0,2', fourThreadsOfTwoCores), 1],
    ['affinity with ranges and single ones', linux('0-1,4,6-7', eightThreadsInPairs), 3],
    ['no topology', linux('0-2', []), 3],
    ['no quota', linux('0-7', eightThreadsInPairs, 'max 100000'), 4],
    ['a quota of two', linux('0-7', eightThreadsInPairs, '200000 100000'), 2],
    ['a quota of one and a half', linux('0-7', eightThreadsInPairs, '150000 100000'), 2],
    ['a quota of a tenth', linux('0-7', eightThreadsInPairs, '10000 100000'), 1],
    ['a quota above the cores', linux('0-1', twoCores, '900000 100000'), 2],
  ])('%s', (_, read, cores) => {
    expect(countCores(read)).toBe(cores);
  });

  test('another system keeps the count of the runtime', () => {
    expect(countCores(() => null)).toBeNull();
    expect(countCores(null)).toBeNull();
  });

  test.skipIf(process.platform !== 'linux')('this machine: between one and all processors', () => {
    const cores = countCores()!;
    expect(cores).toBeGreaterThanOrEqual(1);
    expect(cores).toBeLessThanOrEqual(cpus().length);
  });
});
