/** Reads a file of `/proc` or `/sys` as text; null where the file does not exist. */
export type ReadSystemFile = (path: string) => string | null;

/**
 * Counts the cores that this process may use on Linux: two hardware threads of one core count once; cores
 * outside the process's affinity and cores above its container's quota do not count. Null on other systems.
 *
 * ONNX Runtime counts differently. On processors that it does not know it takes half of them: one of two
 * cores on a virtual AMD machine (38 ms for ResNet-50's forward pass, 22 ms with both cores). In a
 * container with a quota it takes all processors of the host.
 */
export function countCores(read: ReadSystemFile | null = systemReader()): number | null {
  if (read === null) return null;
  const allowed = /^Cpus_allowed_list:\s*(\S+)$/m.exec(read('/proc/self/status') ?? '')?.[1];
  if (allowed === undefined) return null;
  const cores = new Set(
    parseCpuList(allowed).map(
      (cpu) => read(`/sys/devices/system/cpu/cpu${cpu}/topology/thread_siblings_list`) ?? `${cpu}`,
    ),
  );
  const [quota, period] = (read('/sys/fs/cgroup/cpu.max') ?? 'max').trim().split(' ').map(Number);
  const share = quota! / period!;
  return Math.max(1, Math.min(cores.size, share > 0 ? Math.ceil(share) : Infinity));
}

/** Turns `0-3,8` into 0, 1, 2, 3, 8. */
function parseCpuList(list: string): number[] {
  return list.split(',').flatMap((range) => {
    const [first = 0, last = first] = range.split('-').map(Number);
    return Array.from({ length: last - first + 1 }, (_, i) => first + i);
  });
}

/** Null in a browser, and on systems other than Linux. */
function systemReader(): ReadSystemFile | null {
  const { process } = globalThis as { process?: Partial<NodeJS.Process> };
  if (process?.platform !== 'linux') return null;
  // `node:fs` is not imported, because a bundle for browsers does not have it.
  const fs = process.getBuiltinModule?.('node:fs');
  if (fs === undefined) return null;
  return (path) => {
    try {
      return fs.readFileSync(path, 'utf8');
    } catch {
      return null;
    }
  };
}
