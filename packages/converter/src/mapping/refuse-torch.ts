import { TORCH_FAMILIES } from '../architectures/torch/families.ts';
import { MappingError } from '../errors.ts';
import type { WeightFile } from '../tensors/stored-tensor.ts';
import { findNets, shapesOf } from './find-torch-nets.ts';
import type { HeadSearch } from './find-head.ts';

/** What a user can do with a net that cannot be read from its weights. */
export const EXPORT_LINE =
  "export the whole model in Python: torch.onnx.export(model.eval(), example, 'model.onnx')";

/** The most names of weights that a refusal shows. */
const SHOWN = 3;

/** The error for weights that fit no net, with the net that they resemble, if there is one. */
export function refuseTorch(
  name: string,
  file: WeightFile,
  nearHead: HeadSearch['near'],
): MappingError {
  const near = nearHead
    ? `${nearHead.id}, but its head ${nearHead.problem}`
    : findNearChannels(file);
  const first = file.tensors.slice(0, SHOWN);
  const shown = first.map((tensor) => `${tensor.name} [${tensor.shape.join(', ')}]`).join(', ');
  const families = TORCH_FAMILIES.map(({ title }) => title).join(', ');
  const what =
    near === null
      ? `${name} holds the weights of no net that is known here (${file.tensors.length} tensors: ${shown}, ..); known are ${families}, by the names that torchvision, timm and pytorch-cifar give them`
      : `${name} looks like ${near}`;
  return new MappingError(`${what}; ${EXPORT_LINE}`, [], []);
}

/** A net that takes pictures of other channels; null if it is none. */
function findNearChannels(file: WeightFile): string | null {
  const shapes = shapesOf(file);
  for (const { root, namings } of TORCH_FAMILIES) {
    const parts = namings.flatMap((naming) => naming.nameParts?.(root) ?? [root]);
    for (const part of parts) {
      const name = `${part}.weight`;
      const shape = shapes.get(name);
      const [out = 0, channels = 0, ...kernel] = shape ?? [];
      if (shape?.length !== 4 || channels === 3 || channels === 1) continue;
      const [found] = findNets(new Map(shapes).set(name, [out, 3, ...kernel]));
      if (found === undefined) continue;
      return `${found.net.id}, but takes pictures of ${channels} channels (${name} [${shape.join(', ')}]), where 3 or 1 are read`;
    }
  }
  return null;
}
