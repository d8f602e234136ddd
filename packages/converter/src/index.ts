/**
 * CNN weights (`.npy`, TensorFlow checkpoints, files of PyTorch) and models of Keras to tfjs LayersModels,
 * without Python. This entry knows no platform: bytes come from sources, artifacts go to sinks.
 * `@gradcam/converter/node` works on files and downloads.
 *
 * @example
 * ```ts
 * import { createMemorySource, readNpy } from '@gradcam/converter';
 *
 * const file = await readNpy(createMemorySource('vgg16.npy', bytes));
 * for (const { name, dtype, shape } of file.tensors) console.log(name, dtype, shape);
 * ```
 *
 * @module
 */
export {
  ChecksumError,
  ConverterError,
  DownloadError,
  FormatError,
  isConverterError,
  LimitError,
  LockedError,
  MappingError,
  NotFoundError,
  UnsupportedError,
  WriteError,
  type ConverterErrorTag,
} from './errors.ts';
export {
  createMemoryFolder,
  createMemorySource,
  sliceSource,
  type RandomAccessSource,
  type SourceFolder,
} from './bytes/source.ts';
export {
  openHttpFolder,
  openHttpSource,
  type Fetch,
  type HttpSourceOptions,
} from './bytes/http-source.ts';
export { ELEMENT_BYTES, type DType } from './tensors/dtype.ts';
export type {
  ModuleAttribute,
  SkippedEntry,
  StoredTensor,
  TorchModule,
  WeightFile,
  WeightFormat,
} from './tensors/stored-tensor.ts';
export { readFloat32Chunks, type Float32Options } from './tensors/to-float32.ts';
export { detectFileKind, type FileKind } from './formats/file-kind.ts';
export { openWeights } from './formats/open-weights.ts';
export { readNpy } from './formats/npy/read-npy.ts';
export { readNpz } from './formats/npy/read-npz.ts';
export { readCheckpointV1 } from './formats/checkpoint/v1-slices.ts';
export { readCheckpointV2 } from './formats/checkpoint/v2-bundle.ts';
export {
  isKerasModel,
  readKerasArchive,
  readKerasHdf5,
  type KerasFile,
  type KerasModel,
} from './formats/keras/read-keras.ts';
export type { GraphFile, GraphSignature, GraphWeight } from './formats/graph-def/graph-file.ts';
export { isGraphFile } from './formats/graph-def/graph-file.ts';
export { readFrozenGraph, type FrozenGraphOptions } from './formats/graph-def/read-frozen-graph.ts';
export { readSavedModel, type SavedModelOptions } from './formats/saved-model/read-saved-model.ts';
export type {
  FlatGraph,
  FlatNode,
  FlatValue,
  GraphTerminal,
} from './formats/graph-def/flat-graph.ts';
export { convertGraph, type ConvertGraphOptions } from './artifact/convert-graph.ts';
export type { AssignedWeights, KerasWeight } from './formats/keras/assign-weights.ts';
export { convertKeras, type ConvertKerasOptions } from './artifact/convert-keras.ts';
export { convertTorch, type ConvertTorchOptions } from './artifact/convert-torch.ts';
export { isTorchFile, recogniseTorch, type RecognisedFile } from './mapping/recognise-torch.ts';
export { findTorchArchitecture, listTorchIds } from './architectures/torch/families.ts';
export type { ConversionRecord } from './artifact/conversion-record.ts';
export { readLayersModel, type LayersModelFile } from './formats/tfjs/read-layers-model.ts';
export { getArchitecture, listArchitectures } from './architectures/registry.ts';
export type { Architecture, InputSpec, Variant } from './architectures/architecture.ts';
export type {
  LayerRecord,
  NetworkDraft,
  Parameter,
  WeightRecord,
} from './architectures/network.ts';
export type { ResNetBlock, ResNetTable } from './architectures/resnet-common.ts';
export { createResNetV1 } from './architectures/resnet-v1.ts';
export { createResNetV2 } from './architectures/resnet-v2.ts';
export { createMobileNetV1, type MobileNetTable } from './architectures/mobilenet-v1.ts';
export { createVgg, type VggTable } from './architectures/vgg.ts';
export { getLabels, type Labels, type LabelSet } from './labels/labels.ts';
export {
  matchWeights,
  requireCompleteMatch,
  type MismatchedWeight,
  type MissingWeight,
  type UnusedTensor,
  type UsedTensor,
  type WeightMatch,
} from './mapping/match-weights.ts';
export {
  convertWeights,
  type ConversionReport,
  type ConvertWeightsOptions,
  type SourceDigests,
  type SourceIdentity,
} from './artifact/convert-weights.ts';
export { WEIGHT_DTYPES, type WeightDType } from './artifact/quantize.ts';
export { requantizeModel, type RequantizeOptions } from './artifact/requantize-model.ts';
export type {
  GradcamMetadata,
  ModelJson,
  Quantization,
  WeightEntry,
  WeightsGroup,
} from './artifact/model-json.ts';
export type { ArtifactFile, ArtifactSink } from './artifact/sink.ts';
export {
  DEFAULT_MODELS,
  DEMO_MODELS,
  PUBLISHED_MODELS,
  type DemoModel,
  type PublishedModel,
} from './registry/published-models.ts';
export { CONVERTER_VERSION } from './version.ts';
