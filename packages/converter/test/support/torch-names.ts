import type { Architecture, Variant } from '../../src/architectures/architecture.ts';
import { findTorchArchitecture } from '../../src/architectures/torch/families.ts';
import { describeTorchLayout } from '../../src/mapping/torch-layout.ts';
import { createStridedTensor, rowMajorStrides } from '../../src/tensors/strided-tensor.ts';
import type { WeightFile } from '../../src/tensors/stored-tensor.ts';

/** A file with the names and shapes that a net has in a library, without values. */
export function fileOf(id: string, library: string): WeightFile {
  return fileOfNet(findTorchArchitecture(id)!, library);
}

/** The same for any architecture. */
export function fileOfNet(architecture: Architecture, library: string): WeightFile {
  const { nameWeight } = findVariant(architecture, library);
  const { weights } = architecture.draft(1000);
  return fileOfShapes(
    weights.map((weight) => [nameWeight(weight)[0]!, describeTorchLayout(weight).view]),
  );
}

/** A file of tensors without values. */
export function fileOfShapes(
  shapes: readonly (readonly [string, readonly number[]])[],
): WeightFile {
  const tensors = shapes.map(([name, shape]) =>
    createStridedTensor({
      ...{ name, dtype: 'float32', shape, strides: rowMajorStrides(shape) },
      ...{ offset: 0, open: () => Promise.reject(new Error('no values')) },
    }),
  );
  return { format: 'torch-zip', tensors, skipped: [] };
}

function findVariant({ variants }: Architecture, library: string): Variant {
  return variants.find(({ naming }) => naming === library)!;
}

/** A file with other names or shapes. */
export function change(
  file: WeightFile,
  edit: (name: string, shape: readonly number[]) => [string, readonly number[]][],
): WeightFile {
  return fileOfShapes(file.tensors.flatMap(({ name, shape }) => edit(name, shape)));
}
