import { useLayoutEffect, useRef } from 'preact/hooks';
import { paintMap, type Colours } from '../map/paint.ts';

const STEPS = 256;
const values = Float32Array.from({ length: STEPS }, (_, i) => i / (STEPS - 1));
const visible = new Uint8Array(STEPS).fill(1);

/** The colours from zero to the map's maximum, a row of pixels. */
export function drawBar(colours: Omit<Colours, 'gradients'>): ImageData {
  const { data } = paintMap({ width: STEPS, height: 1, values, visible }, null, colours);
  return new ImageData(data, STEPS, 1);
}

/** Shows what the colours mean, from zero to the map's maximum. */
export function ColourBar({ colours }: { colours: Colours }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const { colormap, threshold, gamma } = colours;
  useLayoutEffect(() => {
    canvas.current?.getContext('2d')?.putImageData(drawBar(colours), 0, 0);
  }, [colormap, threshold, gamma]);
  return (
    <span class="colour-bar">
      <canvas
        ref={canvas}
        width={STEPS}
        height={1}
        role="img"
        aria-label={`Colours from zero to the map's maximum in ${colormap}`}
      />
      <span>0</span>
      <span>max</span>
    </span>
  );
}
