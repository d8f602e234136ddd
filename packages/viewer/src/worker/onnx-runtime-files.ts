import * as ort from 'onnxruntime-web/wasm';
import glue from 'onnxruntime-web/ort-wasm-simd-threaded.mjs?url';
import binary from 'onnxruntime-web/ort-wasm-simd-threaded.wasm?url';

/** Loads ONNX Runtime for WebAssembly with its files from this server. */
export function loadOnnxRuntime(threads: number): typeof ort {
  ort.env.wasm.wasmPaths = {
    mjs: new URL(glue, location.href).href,
    wasm: new URL(binary, location.href).href,
  };
  ort.env.wasm.numThreads = threads;
  return ort;
}
