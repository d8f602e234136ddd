import * as ort from 'onnxruntime-node';
import type { RgbImage } from '../../src/image/rgb-image.ts';
import type { ModelFiles } from '../../src/readers/model-files.ts';
import { exportOnnx, type ExportOptions } from '../../src/export/index.ts';
import { createRandom } from './random.ts';

/** Outputs of a run by name; `class` is of int64. */
export type Fetched = Readonly<
  Record<string, { readonly shape: readonly number[]; readonly data: Float32Array }>
>;

/** Exports, opens the file as a program without this library would, and runs it on the images. */
export async function runExported(
  files: ModelFiles,
  options: ExportOptions,
  images: readonly RgbImage[],
  target?: readonly bigint[],
): Promise<Fetched> {
  const { onnx } = await exportOnnx(files, options);
  return runOnnx(Buffer.concat(onnx), options.pixels ?? 'float32', images, target);
}

/** Runs an exported file on images of the model's size. */
export async function runOnnx(
  file: Uint8Array | string,
  pixels: 'float32' | 'uint8',
  images: readonly RgbImage[],
  target?: readonly bigint[],
): Promise<Fetched> {
  const session = await ort.InferenceSession.create(file as Uint8Array, {
    logSeverityLevel: 4,
  });
  const { height, width } = images[0]!;
  const values = images.flatMap(({ data }) => [...data]);
  const shape = [images.length, height, width, 3];
  const image =
    pixels === 'uint8'
      ? new ort.Tensor('uint8', Uint8Array.from(values), shape)
      : new ort.Tensor('float32', Float32Array.from(values), shape);
  const feeds: Record<string, ort.Tensor> = { image };
  if (target !== undefined) feeds['target'] = new ort.Tensor('int64', BigInt64Array.from(target));
  try {
    const fetched = await session.run(feeds);
    return Object.fromEntries(
      Object.entries(fetched).map(([name, { dims, data }]) => [
        name,
        { shape: [...dims], data: data as Float32Array },
      ]),
    );
  } finally {
    await session.release();
  }
}

/** An image of drawn pixels. */
export function drawImage(height: number, width: number, seed: number): RgbImage {
  const random = createRandom(seed);
  const data = Uint8Array.from({ length: height * width * 3 }, () => Math.floor(random() * 256));
  return { width, height, channels: 3, data };
}
