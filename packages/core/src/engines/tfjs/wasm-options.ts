import * as tf from '@tensorflow/tfjs-core';

/** The three builds of tfjs-backend-wasm; it takes the fastest that runs. */
export type WasmFile =
  'tfjs-backend-wasm.wasm' | 'tfjs-backend-wasm-simd.wasm' | 'tfjs-backend-wasm-threaded-simd.wasm';

/** Read when the wasm backend first starts; later ones change nothing. */
export interface WasmOptions {
  /**
   * Browsers: URL of the folder (with its final slash) that holds the `.wasm` files of
   * `@tensorflow/tfjs-backend-wasm/dist`, or the URL of each. Beside the page's script by default,
   * where a bundler does not put them.
   */
  readonly wasmPaths?: string | Readonly<Record<WasmFile, string>>;
  /**
   * Browsers: threads, 1 by default. More need a page that is cross-origin isolated, a content
   * security policy that allows `blob:` in `script-src`, and a bundle whose names are not shortened:
   * without one of these tfjs waits for its threads for ever. ONNX Runtime's need the first alone.
   */
  readonly threads?: number;
}

type WasmBackend = Pick<
  typeof import('@tensorflow/tfjs-backend-wasm'),
  'setWasmPaths' | 'setThreadsCount'
>;

export function configureWasm(backend: WasmBackend, { wasmPaths, threads = 1 }: WasmOptions): void {
  if (wasmPaths !== undefined) {
    backend.setWasmPaths(typeof wasmPaths === 'string' ? wasmPaths : { ...wasmPaths });
  }
  // In an isolated page tfjs takes its threaded build even for one thread.
  if (threads > 1) backend.setThreadsCount(threads);
  else tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', false);
}
