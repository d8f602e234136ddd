/**
 * Explanations of tfjs LayersModels: pure data and functions, no runtime, no Node, no DOM.
 *
 * ```ts
 * import { explain, loadModel, displayMapOf, renderOverlay } from '@gradcam/core';
 * import { createTfjsEngine } from '@gradcam/core/tfjs';
 * import { openModelFolder, readImage } from '@gradcam/core/node';
 *
 * const engine = await createTfjsEngine({ backend: 'wasm' });
 * const model = await loadModel(openModelFolder('models/demo-resnet'), { engine });
 * const image = await readImage('demo/scenes/cat-and-dog.png');
 * const { predictions, explanations, geometry } = await explain(model, image, { targets: ['cat'] });
 * const map = displayMapOf(explanations[0], geometry);
 * const overlay = renderOverlay(image, map, 'turbo', 0.5);
 * model.dispose();
 * ```
 *
 * @module
 */
export { readTargets, type ReadTargets } from './explain/read-targets.ts';
export { explain, displayMapOf } from './explain/explain.ts';
export type { Explanation, ImageExplanation } from './explain/explain.ts';
export type { ExplainOptions } from './explain/options.ts';
export { explainTogether } from './explain/explain-together.ts';
export type { TogetherOptions } from './explain/explain-together.ts';
export { chooseBatch } from './explain/choose-batch.ts';
export type { BatchChoice } from './explain/choose-batch.ts';

export { prepareText, type PreparedText } from './explain/prepare-text.ts';
export { caption } from './explain/write-caption.ts';
export type { CaptionOptions } from './explain/write-caption.ts';
export type { WrittenCaption } from './explain/written-caption.ts';
export { MOST_BEAMS, type WriteOptions } from './explain/write-options.ts';
export { embedImage } from './explain/embed-image.ts';
export type { EmbedOptions } from './explain/embed-image.ts';
export { fuseMaps } from './explain/fuse-maps.ts';
export { resolveLayers } from './explain/layer-choice.ts';
export type { LayerChoice } from './explain/layer-choice.ts';
export { viewSession } from './explain/view-session.ts';
export type { SessionView, ViewOptions } from './explain/view-session.ts';

export { loadModel, resolveLayer } from './model/model.ts';
export type {
  LoadModelOptions,
  Model,
  ModelDescription,
  ModelOverrides,
  ProofStore,
} from './model/description.ts';
export { describeModel } from './model/describe-model.ts';
export { foreignRuntime, hasGradient, reportCapabilities } from './model/capabilities.ts';
export type { CapabilityReport, MethodCapability } from './model/capabilities.ts';
export { readManifest } from './artifact/weights-manifest.ts';
export type { ManifestGroup, ManifestWeight } from './artifact/weights-manifest.ts';
export { readGradcamJson } from './readers/beside/gradcam-json.ts';
export { describeFilter, describePixels } from './readers/beside/resolve-sidecars.ts';
export { sidecarNames } from './readers/beside/read-sidecars.ts';
export { readModelJson } from './readers/model-json.ts';
export type { ModelJson } from './readers/model-json.ts';
export type { LiveLayer, LiveLayersModel, LiveWeight } from './model/live-model.ts';
export type { ModelArtifacts } from './model/model-artifacts.ts';
export type { ModelHandler, ModelSource } from './model/model-source.ts';
export { openModelUrl } from './model/model-url.ts';
export type { FileVersion, WebModelFiles } from './model/model-url.ts';
export { listOnnxWeightFiles } from './model/onnx-model.ts';
export { openOnnxFile } from './model/open-onnx-file.ts';
export { modelFilesInMemory } from './readers/model-files.ts';
export type { ModelFiles } from './readers/model-files.ts';

export { readNetwork } from './readers/layers-model/read-network.ts';
export type { ReadNetworkOptions } from './readers/layers-model/reading.ts';
export type { WeightSpec } from './readers/layers-model/weight-claims.ts';
export type { LayerLibrary, LibraryLayer } from './readers/layers-model/layer-library.ts';
export { findNode, mainHead } from './network/network.ts';
export type { GraphNode, Head, Network } from './network/network.ts';
export { chooseImageInput, isPicture } from './network/select-input.ts';
export type { InputChoice } from './network/select-input.ts';
export { isStage, listTaps, recommendTap } from './network/taps.ts';
export type { Tap } from './network/tap.ts';
export type { TokenPlaces } from './network/grid/grid.ts';
export type { CopiedNode, RawTensor } from './network/copied-node.ts';
export type { Op, OpaqueCall, OpKind, ReluPolicy } from './network/op.ts';

export { deriveGradient } from './network/derive/derive.ts';
export type { DeriveRequest } from './network/derive/derive.ts';
export type { Derivative } from './network/derive/derivative.ts';

export type {
  Engine,
  GradientRequest,
  GraphModelFile,
  OnnxFileInput,
  OnnxFileRun,
  OnnxValuesRun,
  RunOnnxValues,
  RunRequest,
  RunResult,
  Session,
  Weights,
} from './engines/port/engine.ts';
export type { ResolvedSeed, Seed, SeedClass } from './engines/port/seed.ts';
export type { ModelOutputs, ScoreFunction } from './engines/port/score-function.ts';

export { methods, findMethod } from './methods/registry.ts';
export { methodNames } from './methods/method-names.ts';
export type { MethodChoice, MethodName } from './methods/method-names.ts';
export type { MethodProgress } from './methods/explain-each.ts';
export type { ScoredInputs } from './methods/formula.ts';
export type { Method, MethodContext, SeedMap } from './methods/method.ts';
export type { MethodInputs, PixelInputs, SharedPass } from './methods/shared-pass.ts';
export { computeGradCam, computeGradCamWeights } from './methods/grid/grad-cam.ts';
export {
  computeGradCamPlusPlus,
  computeGradCamPlusPlusWeights,
} from './methods/grid/grad-cam-plus-plus.ts';
export { computeGradCamElementwise, computeHiResCam } from './methods/grid/hires-cam.ts';
export { computeLayerCam } from './methods/grid/layer-cam.ts';
export { computeXGradCam, computeXGradCamWeights } from './methods/grid/x-grad-cam.ts';
export { computeCam } from './methods/grid/cam.ts';
export { computeEigenCam, computeEigenGradCam } from './methods/grid/eigen-cam.ts';
export { computeRandomCam } from './methods/grid/random-cam.ts';
export {
  computeGuidedGradCam,
  computeInputTimesGradient,
} from './methods/pixels/pixel-gradients.ts';

export { computeFixations } from './methods/fixations/cnn-fixations.ts';
export { fixateCrops } from './explain/fixate-crops.ts';
export type { CropFixations, FixateCropsOptions } from './explain/fixate-crops.ts';
export type { FixationOptions, Fixations } from './methods/fixations/cnn-fixations.ts';
export type { FixationConvention } from './methods/fixations/crossing.ts';
export type { Fixation } from './methods/fixations/unravel.ts';
export { computeOcclusion, occlusionMap } from './methods/multi-pass/occlusion.ts';
export { computeRise, riseMap } from './methods/multi-pass/rise.ts';
export { createPredict, forwardPassOf } from './methods/passes/forward-pass.ts';
export type { ForwardPass, Predict } from './methods/passes/forward-pass.ts';
export { computeAblationCam } from './methods/multi-pass/ablation-cam.ts';
export { computeIntegratedGradients } from './methods/multi-pass/integrated-gradients.ts';
export { computeFinerCam, computeFinerSeed } from './methods/multi-pass/finer-cam.ts';
export type { FinerCam, FinerContrast } from './methods/multi-pass/finer-cam.ts';
export { computeFullGrad, computeFullGradMap } from './methods/multi-pass/full-grad.ts';
export type { BiasTerm, FullGrad } from './methods/multi-pass/full-grad.ts';
export { computeScoreCam } from './methods/multi-pass/score-cam.ts';
export { computeSmoothGrad } from './methods/multi-pass/smooth-grad.ts';
export {
  computeSmoothGradCamPlusPlus,
  computeSmoothGradCamPlusPlusWeights,
} from './methods/multi-pass/smooth-grad-cam-plus-plus.ts';

export { parseTarget, readTarget, targetKey } from './targets/target.ts';
export type { ClassTargetSpec, TargetChoice, TargetSpec } from './targets/target.ts';
export type { BoxTargetSpec } from './targets/box-target.ts';
export type { SimilarTarget, SimilarTargetSpec } from './targets/similar-target.ts';
export { boxForms, boxLayouts, boxUnits, parseBoxReading } from './network/box-reading.ts';
export type { BoxReading } from './network/box-reading.ts';
export type { Detector } from './network/detector.ts';
export { checkWordTarget } from './targets/word-target.ts';
export type { ScoredCaption, WordTargetSpec } from './targets/word-target.ts';
export type { PlaceTargetSpec } from './targets/place-target.ts';
export { countClasses, describeOutput, isBinary, outputKindOf } from './network/output-kind.ts';
export type { OutputKind, OutputShape } from './network/output-kind.ts';
export { decodeLabels, parseLabels, shortLabel } from './readers/labels/labels.ts';
export type { ClassNames } from './readers/labels/labels.ts';

export { cellCentre, fitImage, visibleRegion } from './image/geometry.ts';
export type { Geometry } from './image/geometry.ts';
export type { Box, Region } from './base/rectangle.ts';
export { compositeOnWhite, prepareInput } from './image/prepare-input.ts';
export type { PreparedInput } from './image/prepare-input.ts';
export { aboveNothing } from './image/above-nothing.ts';
export { createDisplayMap } from './image/display-map.ts';
export { mergeChannels, sumChannels } from './image/pixel-map.ts';
export { createGradientMap, gradientScale, gradientStyles } from './image/gradient-style.ts';
export type { GradientMap, GradientStyle } from './image/gradient-style.ts';
export { FULL_PERCENTILE, robustScale } from './image/robust-scale.ts';
export type { RobustScale } from './image/robust-scale.ts';
export type { DisplayMap } from './image/display-map.ts';
export type { RgbImage } from './image/rgb-image.ts';

export { findPeak } from './image/localise/peak.ts';
export { BOX_THRESHOLD, findBox, findMaskBox, findOtsuBox } from './image/localise/box.ts';
export { findPart } from './image/localise/box-rule.ts';
export { boxRules, type BoxRule } from './run/box-rule.ts';
export { findLargestComponent } from './image/localise/component.ts';
export type { Component } from './image/localise/component.ts';
export { encodeRle } from './image/localise/rle.ts';
export { fractionMask, otsuMask, thresholdMask } from './image/localise/mask.ts';
export type { Mask } from './image/localise/mask.ts';
export { otsuThreshold } from './image/localise/otsu.ts';
export { rankChannels } from './methods/grid/channels.ts';
export type { ChannelShare } from './methods/grid/channels.ts';

export { colormapNames, getColormap } from './image/colormaps/colormap.ts';
export type { Colormap, ColormapName } from './image/colormaps/colormap.ts';
export { renderHeatmap, renderOverlay } from './image/render/colour.ts';
export { renderOverlayByValue } from './image/render/alpha-by-value.ts';
export { CONTOUR_LEVELS, renderContours } from './image/render/contour.ts';
export type { ContourOptions } from './image/render/contour.ts';
export {
  divergingColour,
  renderSignedHeatmap,
  renderSignedOverlay,
} from './image/render/signed.ts';
export { hasNegative, renderGradient, renderGradientOver } from './image/render/gradient.ts';
export { renderLegend } from './image/render/legend.ts';
export type { BarColours, LegendOptions } from './image/render/legend.ts';
export { renderLabelled } from './image/render/labelled.ts';
export type { LabelOptions } from './image/render/labelled.ts';
export { renderFigure } from './image/render/figure.ts';
export type { Figure } from './image/render/figure.ts';
export { captionHeight, renderSheet } from './image/render/sheet.ts';
export type { SheetOptions, SheetPanel } from './image/render/sheet.ts';

export { findPreset, peerMethod, presets } from './presets/presets.ts';
export { presetNames } from './presets/preset.ts';
export type {
  ImitatedMethod,
  OverlayRule,
  PeerMethod,
  Preset,
  PresetName,
  PresetScore,
  UnimitatedMethod,
} from './presets/preset.ts';
export type { DisplayStep } from './presets/display-step.ts';
export type { ResizeKernel } from './presets/resize-kernel.ts';
export { displayLike, displayMapLike } from './presets/display-like.ts';
export type { PeerMap } from './presets/explain-like-peer.ts';
export { renderLike } from './presets/render-like.ts';
export { renderPeerMap } from './presets/render-peer-map.ts';
export type { PeerColours } from './image/colormaps/peer-colours.ts';
export {
  computeGradCamPlusPlusOfPytorchGradCam,
  computeGradCamPlusPlusOfTfKerasVis,
  computeGradCamPlusPlusOfTorchcam,
} from './presets/variants/grad-cam-plus-plus.ts';

export { validateArtifact } from './artifact/validate-artifact.ts';
export { resizeFilters } from './artifact/artifact.ts';
export type { StatedText, TextDescription } from './artifact/text-description.ts';
export { findVocabularyFile, MAX_VOCABULARY_BYTES } from './readers/text/read-vocabulary.ts';
export { tokenize, type TokenizedText } from './readers/text/tokenize.ts';
export type {
  ArtifactDescription,
  InputDescription,
  Probe,
  ResizeFilter,
} from './artifact/artifact.ts';
export { isFailure, parseResult, parseResults, validateRun } from './run/read-results.ts';
export { latestLines, lineKey, nounOfLines, questionOfLine } from './run/latest-lines.ts';
export { isRunFileName, RUN_IMAGES_FOLDER } from './run/run-file-name.ts';
export {
  certainties,
  hasBlankMap,
  isCertain,
  isSelected,
  lineSelections,
  searchedText,
  splitFilter,
  type Certainty,
  type LineSelection,
} from './run/image-filter.ts';
export type {
  Diagnostics,
  FailureLine,
  FixationPoint,
  Prediction,
  ResultBox,
  ResultExplanation,
  ResultLine,
  MapEvidence,
  RandomBaseline,
  ResultFigure,
  ResultSweep,
  Rle,
  Target,
} from './run/result-line.ts';
export type {
  ResultText,
  CaptionText,
  CaptionWord,
  QuestionText,
  WordScore,
} from './run/result-text.ts';
export type { RunCounts, RunFile, RunSettings } from './run/run-file.ts';

export type { NdArray } from './base/nd-array.ts';
export { GradcamError, isGradcamError } from './base/errors.ts';
export type { GradcamErrorKind } from './base/errors.ts';
export { didYouMean, nearestNames } from './base/nearest-names.ts';
export { toOneLine, toPrintable } from './base/printable.ts';
