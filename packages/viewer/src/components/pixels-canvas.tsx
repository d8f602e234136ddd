import { useLayoutEffect, useRef } from 'preact/hooks';
import type { Pixels } from '../map/paint.ts';

/** Draws a picture without any change. */
export function PixelsCanvas({ pixels, label }: { pixels: Pixels; label: string }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const { width, height, data } = pixels;
  useLayoutEffect(() => {
    const context = canvas.current?.getContext('2d');
    context?.putImageData(new ImageData(data, width, height), 0, 0);
  }, [pixels]);
  return <canvas ref={canvas} width={width} height={height} role="img" aria-label={label} />;
}
