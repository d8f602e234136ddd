import { createRequire } from 'node:module';
import { GradcamError } from '../base/errors.ts';
import type { OnnxRuntime } from '../engines/onnx/runtime.ts';

/** The release of `onnxruntime-node` with which this package is tested most. */
const TESTED = '1.30.0';

/**
 * The packages that hold ONNX Runtime for Node, in the order in which they are looked for. The second holds
 * the files of this platform alone, as `tools/release/pack.mjs` writes it for the command.
 */
const packages = [
  'onnxruntime-node',
  `@gradcam/onnxruntime-${process.platform}-${process.arch}`,
] as const;

/** ONNX Runtime for Node, and the package that it was found in. */
export interface FoundOnnxRuntime {
  readonly package: string;
  readonly version: string;
}

/**
 * Finds the package that {@link loadOnnxRuntime} loads, without loading it.
 *
 * @returns null where none is installed.
 */
export function findOnnxRuntime(): FoundOnnxRuntime | null {
  const require = createRequire(import.meta.url);
  for (const name of packages) {
    try {
      const { version } = require(`${name}/package.json`) as { version: string };
      return { package: name, version };
    } catch {
      // It is not installed; the next one is tried.
    }
  }
  return null;
}

/**
 * Loads ONNX Runtime for `createOnnxEngine` of `@gradcam/core/onnx`: from the optional peer
 * `onnxruntime-node`, or else from the package that the command brings for its platform.
 *
 * ```ts
 * const engine = createOnnxEngine(await loadOnnxRuntime());
 * ```
 *
 * @throws GradcamError `engine` where it is not installed, with the line that installs it, and where it does
 *   not load on this machine.
 */
export async function loadOnnxRuntime(): Promise<OnnxRuntime> {
  const found = findOnnxRuntime();
  if (found === null) {
    // On Linux its install script downloads files for CUDA, and ends the installation where it cannot.
    throw new GradcamError(
      'engine',
      `ONNX Runtime is not installed; run: ONNXRUNTIME_NODE_INSTALL=skip npm install onnxruntime-node@${TESTED}`,
    );
  }
  try {
    // The first name is a literal, so that bundlers see the package.
    const loaded = (await (found.package === 'onnxruntime-node'
      ? import('onnxruntime-node')
      : import(/* @vite-ignore */ found.package))) as OnnxRuntime & { default?: OnnxRuntime };
    return loaded.InferenceSession === undefined ? loaded.default! : loaded;
  } catch (cause) {
    const [reason] = (cause as Error).message.split('\n');
    throw new GradcamError('engine', `ONNX Runtime does not load here (${reason})`, { cause });
  }
}
