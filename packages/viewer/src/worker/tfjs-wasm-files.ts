import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import plain from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm?url';
import simd from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm?url';
import threaded from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-threaded-simd.wasm?url';
import { env } from '@tensorflow/tfjs-core';

/** Tells tfjs where its WebAssembly lies on this server, and to use no threads (see `startEngine`). */
export function placeTfjsWasm(): void {
  env().set('WASM_HAS_MULTITHREAD_SUPPORT', false);
  setWasmPaths({
    'tfjs-backend-wasm.wasm': toAbsolute(plain),
    'tfjs-backend-wasm-simd.wasm': toAbsolute(simd),
    // Never read, and refused if it is left out.
    'tfjs-backend-wasm-threaded-simd.wasm': toAbsolute(threaded),
  });
}

function toAbsolute(address: string): string {
  return new URL(address, location.href).href;
}
