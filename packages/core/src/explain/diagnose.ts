import type { NdArray } from '../array/nd-array.ts';
import type { Geometry } from '../image/geometry.ts';
import type { Diagnostics } from '../run/run.ts';

/** Facts about one explanation, and in words why its map is blank where it is. */
export function diagnose(
  raw: NdArray,
  gradients: NdArray,
  relu: boolean,
  probability: number,
  geometry: Geometry,
): Diagnostics {
  const [rows, columns] = raw.shape as [number, number];
  const gradientNorm = Math.sqrt(gradients.data.reduce((sum, g) => sum + g * g, 0));
  const negative = raw.data.reduce((count, value) => count + (value < 0 ? 1 : 0), 0);
  const positive = raw.data.reduce((count, value) => count + (value > 0 ? 1 : 0), 0);
  const blank = explainBlank({ gradientNorm, negative, positive, relu });
  return {
    probability,
    gradientNorm,
    negativeShare: negative / raw.data.length,
    cellSize: [geometry.view.width / columns, geometry.view.height / rows],
    ...(blank === null ? {} : { blank }),
  };
}

function explainBlank(facts: {
  gradientNorm: number;
  negative: number;
  positive: number;
  relu: boolean;
}): string | null {
  if (facts.positive > 0 || (!facts.relu && facts.negative > 0)) return null;
  if (facts.gradientNorm === 0) {
    return 'the score does not depend on this layer (its gradient is zero): choose a layer nearer to the input, or another class';
  }
  if (facts.negative > 0) {
    return 'all evidence at this layer speaks against the class: look at not:<class>, or explain the class that is predicted';
  }
  return 'the activations or the weights of this layer are all zero for this image';
}
