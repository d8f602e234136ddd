import { GradcamError } from '../base/errors.ts';
import type { Method } from '../methods/method.ts';
import { methods } from '../methods/registry.ts';
import { hasMeanAndLinearHead } from '../network/linear-head.ts';
import type { Network } from '../network/network.ts';
import { gridFormulas } from './grid-formulas.ts';

/** How a map at the input is computed from the gradient there. */
const pixelFormulas = {
  gradient: 'gradient',
  'guided-backprop': 'gradient',
  deconvnet: 'gradient',
  'input-x-gradient': 'times input',
  'guided-grad-cam': 'times Grad-CAM',
} as const;

export type PixelFormula = (typeof pixelFormulas)[keyof typeof pixelFormulas];

/** Why these methods cannot be written as a graph. */
const reasons: Readonly<Record<string, string>> = {
  'eigen-cam': 'it needs a principal component, for which ONNX has no operator',
  'eigen-grad-cam': 'it needs a principal component, for which ONNX has no operator',
  'random-cam': 'its weights are drawn anew, outside of any graph',
};

/** A method that can be exported. */
export interface ExportableMethod extends Method {
  /** How the map at the input follows from the gradient; null for a map of a layer. */
  readonly pixelFormula: PixelFormula | null;
}

/** The methods that can be exported. */
export function listExportable(): Method[] {
  return methods.filter(({ name }) => Object.hasOwn({ ...gridFormulas, ...pixelFormulas }, name));
}

/**
 * Finds the formula with which a method is exported.
 *
 * @param node the node of the explained layer.
 * @throws GradcamError `argument` with the reason, for a method that cannot be written as a graph, or that
 *   needs another kind of model.
 */
export function exportableMethod(method: Method, network: Network, node: string): ExportableMethod {
  const { name } = method;
  if (Object.hasOwn(gridFormulas, name)) {
    if (method.presumes === undefined || hasMeanAndLinearHead(network, node)) {
      return { ...method, pixelFormula: null };
    }
    throw new GradcamError(
      'argument',
      `${name} needs a layer that is followed by the mean over its grid and one linear layer, which '${node}' is not; export grad-cam, which works at every layer`,
    );
  }
  if (Object.hasOwn(pixelFormulas, name)) {
    return { ...method, pixelFormula: pixelFormulas[name as keyof typeof pixelFormulas] };
  }
  const reason =
    reasons[name] ??
    (method.passes === 'own' ? 'it runs the model many times' : 'its formula is not a graph here');
  const names = listExportable().map((one) => one.name);
  throw new GradcamError(
    'argument',
    `${name} cannot be exported: ${reason}; exportable are ${names.join(', ')}`,
  );
}
