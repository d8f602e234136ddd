import {
  explain,
  openModelUrl,
  overlayImageData,
  readAnyImage,
} from '../../../src/browser/index.ts';
import type { ImageSource } from '../../../src/browser/index.ts';
import { disposeModels, overlayPng } from '../../../src/browser/explain.ts';
import { compositeOnWhite } from '../../../src/image/prepare-input.ts';

/** The pixels of a picture over white, from everything that can hold it in a page. */
export async function readEverySource(url: string): Promise<Record<string, readonly number[]>> {
  const blob = await (await fetch(url)).blob();
  const img = new Image();
  img.src = url;
  await img.decode();
  const bitmap = await createImageBitmap(blob, { colorSpaceConversion: 'none' });
  const { width, height } = bitmap;
  const canvas = Object.assign(document.createElement('canvas'), { width, height });
  const context = canvas.getContext('2d')!;
  context.drawImage(bitmap, 0, 0);
  const offscreen = new OffscreenCanvas(width, height);
  offscreen.getContext('2d')!.drawImage(bitmap, 0, 0);
  const bytes = new Uint8Array(await blob.arrayBuffer());
  const sources: Record<string, ImageSource> = {
    ...{ 'a URL': url, 'a URL object': new URL(url, location.href) },
    ...{ Blob: blob, File: new File([blob], 'noise.png') },
    ...{ Uint8Array: bytes, ArrayBuffer: bytes.buffer },
    ...{ HTMLImageElement: img, HTMLCanvasElement: canvas, OffscreenCanvas: offscreen },
    ...{ ImageBitmap: bitmap, ImageData: context.getImageData(0, 0, width, height) },
  };
  const read: Record<string, readonly number[]> = {};
  for (const [name, source] of Object.entries(sources)) {
    read[name] = [...compositeOnWhite(await readAnyImage(source)).data];
  }
  return read;
}

/** The short way in a page: the map, the overlay as ImageData, and the overlay as a decoded PNG. */
export async function explainShort(model: string, image: string, engine: 'cpu' | 'onnx') {
  const made = await explain(image, { model: openModelUrl(model), engine, targets: ['cat'] });
  const pixels = overlayImageData(made);
  const png = await readAnyImage(await overlayPng(made));
  await disposeModels();
  return {
    map: [...made.explanations[0]!.raw.data],
    pixels: [...pixels.data],
    png: [...png.data],
  };
}

/** The message with which a value is refused. */
export async function refuseSource(kind: 'empty <img>' | 'number'): Promise<string> {
  const value = kind === 'number' ? 3 : new Image();
  return readAnyImage(value as HTMLImageElement).then(
    () => '',
    (error: Error) => error.message,
  );
}
