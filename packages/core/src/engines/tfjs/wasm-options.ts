import * as tf from '@tensorflow/tfjs-core';

/** The three builds of tfjs-backend-wasm, which takes the fastest one that runs. */
export type WasmFile =
  'tfjs-backend-wasm.wasm' | 'tfjs-backend-wasm-simd.wasm' | 'tfjs-backend-wasm-threaded-simd.wasm';

/** Options that tfjs reads when the wasm backend first starts. Later ones change nothing. */
export interface WasmOptions {
  /**
   * In browsers, the URL of the folder (with its final slash) that holds the `.wasm` files of
   * `@tensorflow/tfjs-backend-wasm/dist`, or the URL of each file. By default tfjs looks beside the page's
   * script, where bundlers do not put these files.
   */
  readonly wasmPaths?: string | Readonly<Record<WasmFile, string>>;
  /**
   * In browsers, the number of threads; default 1. More than one need a page that is cross-origin isolated, a
   * content security policy that allows `blob:` in `script-src`, and a bundle whose names are not shortened.
   * Without one of these, tfjs's threads never start. Threads of ONNX Runtime need the isolation alone.
   */
  readonly threads?: number;
}

type WasmBackend = Pick<
  typeof import('@tensorflow/tfjs-backend-wasm'),
  'setWasmPaths' | 'setThreadsCount'
>;

/** Sets the options of the wasm backend before it starts. */
export function configureWasm(backend: WasmBackend, { wasmPaths, threads = 1 }: WasmOptions): void {
  if (wasmPaths !== undefined) {
    backend.setWasmPaths(typeof wasmPaths === 'string' ? wasmPaths : { ...wasmPaths });
  }
  // In an isolated page tfjs would take its threaded build even for one thread.
  if (threads > 1) backend.setThreadsCount(threads);
  else tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', false);
}
