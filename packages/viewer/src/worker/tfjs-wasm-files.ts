import plain from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm?url';
import simd from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm?url';
import threaded from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-threaded-simd.wasm?url';

/** The addresses of tfjs's WebAssembly files on this server. */
export const tfjsWasmPaths = {
  'tfjs-backend-wasm.wasm': toAbsolute(plain),
  'tfjs-backend-wasm-simd.wasm': toAbsolute(simd),
  // tfjs requires this entry, but reads the file only with threads, which tfjs does not have on this page.
  'tfjs-backend-wasm-threaded-simd.wasm': toAbsolute(threaded),
};

function toAbsolute(address: string): string {
  return new URL(address, location.href).href;
}
