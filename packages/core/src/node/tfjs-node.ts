import { createRequire } from 'node:module';
import path from 'node:path';
import util from 'node:util';
import { GradcamError } from '../base/errors.ts';

/** The release of tfjs-node that fits the version of tfjs in use here. */
const VERSION = '4.22.0';

export interface TfjsNodeOptions {
  /** Whether to load `@tensorflow/tfjs-node-gpu` instead of `@tensorflow/tfjs-node`; default false. */
  readonly gpu?: boolean;
  /**
   * A folder from which the package is searched first: in its `node_modules` and in those of the folders
   * above it. By default the package is searched only from this package's own folder.
   */
  readonly from?: string;
}

/**
 * Loads TensorFlow's native library into tfjs, for `createTfjsEngine({ backend: 'node' })`.
 *
 * @returns the version of the package.
 * @throws GradcamError `engine` where the package is not installed or its library does not load.
 */
export async function loadTfjsNode(options: TfjsNodeOptions = {}): Promise<string> {
  const name = options.gpu ? '@tensorflow/tfjs-node-gpu' : '@tensorflow/tfjs-node';
  const file = resolvePackage(name, options.from);
  if (file === null) {
    throw new GradcamError(
      'engine',
      `${name} is not installed (it compiles or downloads TensorFlow's library); run: npm install ${name}@${VERSION}`,
    );
  }
  // Release 4.22 calls this function, which Node 23 no longer has.
  (util as { isNullOrUndefined?: unknown }).isNullOrUndefined ??= (value: unknown) => value == null;
  // Without this, TensorFlow writes to stderr which instructions the processor has.
  process.env['TF_CPP_MIN_LOG_LEVEL'] ??= '2';
  try {
    const loaded = createRequire(file)(file) as { version: Record<string, string> };
    return loaded.version['tfjs-node'] ?? VERSION;
  } catch (cause) {
    const reason = (cause as Error).message.split('\n')[0];
    throw new GradcamError(
      'engine',
      `${name} is installed in ${path.dirname(file)} but does not load (${reason}); run: npm rebuild ${name} --build-addon-from-source`,
      { cause },
    );
  }
}

function resolvePackage(name: string, from: string | undefined): string | null {
  const places = from === undefined ? [] : [path.join(path.resolve(from), 'package.json')];
  for (const place of [...places, import.meta.url]) {
    try {
      return createRequire(place).resolve(name);
    } catch {
      // The package is not in this place; the next one is tried, and in the end the caller throws.
    }
  }
  return null;
}
