/**
 * Stands in for `helper/rounding.ts` in the page. WGSL allows a division 2.5 units in the last place and an
 * inverse square root 2, and exponentials some more, where a CPU rounds to half a unit. Layer normalisation on
 * WebGPU by SwiftShader is off by 5.6e-6, where 3e-6 is allowed on CPUs. A wrong tie, padding or layout is off
 * by 1e-2 and more.
 */
export const ROUNDING = new URL(location.href).searchParams.get('engine') === 'onnx-webgpu' ? 5 : 1;
