import plain from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm?url';
import simd from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm?url';
import threaded from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-threaded-simd.wasm?url';

/** Where tfjs's WebAssembly lies on this server. */
export const tfjsWasmPaths = {
  'tfjs-backend-wasm.wasm': toAbsolute(plain),
  'tfjs-backend-wasm-simd.wasm': toAbsolute(simd),
  // Read with threads only, which this page has none of for tfjs; refused if it is left out.
  'tfjs-backend-wasm-threaded-simd.wasm': toAbsolute(threaded),
};

function toAbsolute(address: string): string {
  return new URL(address, location.href).href;
}
