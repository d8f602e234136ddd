import type { OnnxRuntime } from './runtime.ts';

/** ONNX Runtime's own switch: any value but `0`, `false` and nothing stops its reports. */
const SWITCH = 'ORT_DISABLE_TELEMETRY';

let isWarned = false;

/**
 * Keeps ONNX Runtime's native library from reporting to its vendor. From 1.30 on it writes a device id and a
 * database into the user's cache folder with the first session of a process, and sends both model names and
 * hardware to a collector some seconds later. The switch counts only in the environment of the process, and
 * only before that session. A value that is there already stays: whoever sets `0` wants the reports.
 *
 * A worker thread of Node has a copy of the environment, and so cannot turn the switch. Where it is not
 * turned there, one warning of the process says what to do.
 */
export function turnTelemetryOff({ env }: Pick<OnnxRuntime, 'env'>): void {
  const { process } = globalThis as { process?: Partial<NodeJS.Process> };
  const isForWeb = env !== undefined && env.versions.node === undefined;
  if (process?.versions?.node === undefined || process.env === undefined || isForWeb) return;
  if ((process.env[SWITCH] ?? '') !== '') return;
  // Not imported: a bundle for browsers has no such module.
  if (process.getBuiltinModule?.('node:worker_threads').isMainThread ?? true) {
    process.env[SWITCH] = '1';
  } else if (!isWarned) {
    isWarned = true;
    process.emitWarning?.(
      `ONNX Runtime reports to its vendor from this process, and a worker thread cannot stop it; ` +
        `set ${SWITCH}=1 in the environment, or on the main thread before the worker is started: ` +
        `process.env.${SWITCH} = '1'`,
      'GradcamWarning',
    );
  }
}
