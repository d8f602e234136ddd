import type { OnnxRuntime } from './runtime.ts';

/** ONNX Runtime's own switch: any value stops its reports, except `0`, `false` and the empty string. */
const SWITCH = 'ORT_DISABLE_TELEMETRY';

let isWarned = false;

/**
 * Keeps ONNX Runtime's native library from reporting to its vendor. From version 1.30 on, the first session
 * of a process writes a device id and a database into the user's cache folder, and some seconds later sends
 * model names and hardware to a collector. The library reads the switch from the process's environment
 * before that session. A value that the user has set stays: whoever sets `0` wants the reports.
 *
 * A worker thread of Node has a copy of the environment and cannot set the switch for the process. If it is
 * not set there, the process warns once and says what to do.
 */
export function turnTelemetryOff({ env }: Pick<OnnxRuntime, 'env'>): void {
  const { process } = globalThis as { process?: Partial<NodeJS.Process> };
  const isForWeb = env !== undefined && env.versions.node === undefined;
  if (process?.versions?.node === undefined || process.env === undefined || isForWeb) return;
  if ((process.env[SWITCH] ?? '') !== '') return;
  // The module is not imported, because a bundle for browsers does not have it.
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
