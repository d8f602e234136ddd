import * as tf from '@tensorflow/tfjs-core';

/** The convolution kernels of tfjs's wasm backend. All four hand `same` padding to XNNPACK. */
const convolutions = ['Conv2D', 'FusedConv2D', 'DepthwiseConv2dNative', 'FusedDepthwiseConv2D'];

const DEPTHWISE = /Depthwise/;

const repaired = new WeakSet<tf.KernelFunc>();

/**
 * Makes tfjs's wasm backend right for `same` convolutions whose last window ends before the edge of the
 * image, for example 32 pixels with a kernel of 3 and a stride of 4.
 *
 * XNNPACK refuses these, and the kernels of tfjs 4.22 do not look at its answer: the output stays all
 * zeros, without an error. The same padding given in numbers is computed rightly, so the kernels are
 * replaced by ones that give it in numbers. The network's own ops pad explicitly and never meet the
 * fault; GraphModels and layers that tfjs-layers computes do.
 */
export function repairSamePadding(): void {
  for (const name of convolutions) {
    const config = tf.getKernel(name, 'wasm') as tf.KernelConfig | undefined;
    if (config === undefined || repaired.has(config.kernelFunc)) continue;
    const kernelFunc: tf.KernelFunc = (call) =>
      config.kernelFunc({ ...call, attrs: padInNumbers(call, DEPTHWISE.test(name)) });
    repaired.add(kernelFunc);
    tf.unregisterKernel(name, 'wasm');
    tf.registerKernel({ ...config, kernelFunc });
  }
}

type KernelCall = Parameters<tf.KernelFunc>[0];
type Attributes = NonNullable<KernelCall['attrs']>;
type Size = [number, number, number, number];

/** The call's attributes, with the padding in numbers where the kernel would leave zeros. */
function padInNumbers({ inputs, attrs = {} }: KernelCall, depthwise: boolean): Attributes {
  if (attrs['pad'] !== 'same') return attrs;
  const {
    strides,
    dilations,
    dataFormat = 'NHWC',
  } = attrs as unknown as {
    strides: number | [number, number];
    /** tfjs-layers passes null for a layer without dilations. */
    dilations: number | [number, number] | null;
    dataFormat?: 'NHWC' | 'NCHW';
  };
  const info = tf.backend_util.computeConv2DInfo(
    inputs['x']!.shape as Size,
    inputs['filter']!.shape as Size,
    strides,
    dilations ?? 1,
    'same',
    undefined,
    depthwise,
    tf.backend_util.convertConv2DDataFormat(dataFormat),
  );
  const endsBeforeEdge = [
    (info.outHeight - 1) * info.strideHeight + info.effectiveFilterHeight < info.inHeight,
    (info.outWidth - 1) * info.strideWidth + info.effectiveFilterWidth < info.inWidth,
  ];
  if (!endsBeforeEdge.includes(true)) return attrs;
  const { top, bottom, left, right } = info.padInfo;
  const image = [
    [top, bottom],
    [left, right],
  ];
  const pad = dataFormat === 'NHWC' ? [[0, 0], ...image, [0, 0]] : [[0, 0], [0, 0], ...image];
  return { ...attrs, pad };
}
