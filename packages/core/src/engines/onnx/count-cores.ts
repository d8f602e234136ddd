/** What is read of a Linux system, by path; null where it is not there. */
export type ReadSystemFile = (path: string) => string | null;

/**
 * Cores of a Linux machine that this process may use: two hardware threads of one core count once, and
 * neither cores outside its affinity nor above its container's quota count at all. Null on other systems.
 *
 * ONNX Runtime's own count is half of the processors where it does not know their make: one thread of two
 * cores on a virtual AMD machine (38 ms for ResNet-50's forward pass, 22 with both), and all processors of
 * the host in a container with a quota.
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

/** `0-3,8` as 0, 1, 2, 3, 8. */
function parseCpuList(list: string): number[] {
  return list.split(',').flatMap((range) => {
    const [first = 0, last = first] = range.split('-').map(Number);
    return Array.from({ length: last - first + 1 }, (_, i) => first + i);
  });
}

/** Null in a browser, and where the system is not Linux. */
function systemReader(): ReadSystemFile | null {
  const { process } = globalThis as { process?: Partial<NodeJS.Process> };
  if (process?.platform !== 'linux') return null;
  // Not imported: a bundle for browsers has no such module.
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
