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
export { explain, displayMapOf } from './explain/explain.ts';
export type { Explanation, ImageExplanation } from './explain/explain.ts';
export type { ExplainOptions } from './explain/options.ts';

export { embedImage } from './explain/embed-image.ts';
export type { EmbedOptions } from './explain/embed-image.ts';
export { fuseMaps } from './explain/fuse-maps.ts';
export { resolveLayers } from './explain/layer-choice.ts';
export type { LayerChoice } from './explain/layer-choice.ts';
export type { ViewOptions } from './explain/view-session.ts';

export { loadModel, resolveLayer } from './model/model.ts';
export type {
  LoadModelOptions,
  Model,
  ModelDescription,
  ModelOverrides,
  ProofStore,
} from './model/description.ts';
export { describeModel } from './model/describe-model.ts';
export { foreignRuntime, reportCapabilities } from './model/capabilities.ts';
export type { CapabilityReport, MethodCapability } from './model/capabilities.ts';
export { readManifest } from './artifact/weights-manifest.ts';
export type { ManifestGroup, ManifestWeight } from './artifact/weights-manifest.ts';
export { readGradcamJson } from './sidecars/gradcam-json.ts';
export { describeFilter, describePixels } from './sidecars/settle-sidecars.ts';
export { sidecarNames } from './sidecars/read-sidecars.ts';
export { readModelJson } from './model/model-json.ts';
export type { ModelJson } from './model/model-json.ts';
export type { LiveLayer, LiveLayersModel, LiveWeight } from './model/live-model.ts';
export type { ModelArtifacts } from './model/model-artifacts.ts';
export type { ModelHandler, ModelSource } from './model/model-source.ts';
export { openModelUrl } from './model/model-url.ts';
export type { FileVersion, WebModelFiles } from './model/model-url.ts';
export { listOnnxWeightFiles } from './model/onnx-model.ts';
export { openOnnxFile } from './model/open-onnx-file.ts';
export { modelFilesInMemory } from './model/model-files.ts';
export type { ModelFiles } from './model/model-files.ts';

export { readNetwork } from './network/read-network.ts';
export type { ReadNetworkOptions } from './network/read-network.ts';
export type { WeightSpec } from './network/weight-claims.ts';
export type { LayerLibrary, LibraryLayer } from './network/layer-library.ts';
export { findNode, mainHead } from './network/network.ts';
export type { GraphNode, Head, Network } from './network/network.ts';
export { chooseImageInput, isPicture } from './network/select-input.ts';
export type { InputChoice } from './network/select-input.ts';
export { listTaps, recommendTap } from './network/taps.ts';
export type { Tap } from './network/taps.ts';
export type { Op, OpaqueCall, OpKind, ReluPolicy } from './network/op.ts';

export { deriveGradient } from './derive/derive.ts';
export type { DeriveRequest } from './derive/derive.ts';
export type { Derivative } from './derive/derivative.ts';

export type {
  Engine,
  GradientRequest,
  GraphModelFile,
  OnnxFileInput,
  OnnxFileRun,
  RunRequest,
  RunResult,
  Session,
  Weights,
} from './engine/engine.ts';
export type { ResolvedSeed, Seed, SeedClass } from './engine/seed.ts';
export type { ModelOutputs, ScoreFunction } from './engine/score-function.ts';

export { methods, findMethod } from './methods/registry.ts';
export { methodNames } from './methods/method-names.ts';
export type { MethodChoice, MethodName } from './methods/method-names.ts';
export type {
  GridMethod,
  Method,
  MethodInputs,
  PixelInputs,
  PixelMethod,
  RunMap,
  RunMethod,
} from './methods/method.ts';
export { computeGradCam, computeGradCamWeights } from './methods/grad-cam.ts';
export {
  computeGradCamPlusPlus,
  computeGradCamPlusPlusWeights,
} from './methods/grad-cam-plus-plus.ts';
export { computeGradCamElementwise, computeHiResCam } from './methods/hires-cam.ts';
export { computeLayerCam } from './methods/layer-cam.ts';
export { computeXGradCam, computeXGradCamWeights } from './methods/x-grad-cam.ts';
export { computeCam } from './methods/cam.ts';
export { computeEigenCam, computeEigenGradCam } from './methods/eigen-cam.ts';
export { computeRandomCam } from './methods/random-cam.ts';
export { computeGuidedGradCam, computeInputTimesGradient } from './methods/pixel-gradients.ts';

export { computeOcclusion, occlusionMap } from './black-box/occlusion.ts';
export { computeRise, riseMap } from './black-box/rise.ts';
export { createPredict, forwardPassOf } from './black-box/forward-pass.ts';
export type { ForwardPass, Predict } from './black-box/forward-pass.ts';
export { computeAblationCam } from './many-runs/ablation-cam.ts';
export { computeIntegratedGradients } from './many-runs/integrated-gradients.ts';
export { computeFinerCam, computeFinerSeed } from './many-runs/finer-cam.ts';
export type { FinerCam, FinerContrast } from './many-runs/finer-cam.ts';
export { computeFullGrad, computeFullGradMap } from './many-runs/full-grad.ts';
export type { BiasTerm, FullGrad } from './many-runs/full-grad.ts';
export { computeScoreCam } from './many-runs/score-cam.ts';
export { computeSmoothGrad } from './many-runs/smooth-grad.ts';
export {
  computeSmoothGradCamPlusPlus,
  computeSmoothGradCamPlusPlusWeights,
} from './many-runs/smooth-grad-cam-plus-plus.ts';

export { parseTarget, readTarget, targetKey } from './targets/target.ts';
export type { ClassTargetSpec, TargetChoice, TargetSpec } from './targets/target.ts';
export type { BoxTargetSpec } from './targets/box-target.ts';
export type { SimilarTarget, SimilarTargetSpec } from './targets/similar-target.ts';
export { boxForms, boxLayouts, boxUnits, parseBoxReading } from './detect/box-reading.ts';
export type { BoxReading } from './detect/box-reading.ts';
export type { Detector } from './detect/detector.ts';
export type { PlaceTargetSpec } from './targets/place-target.ts';
export { countClasses, describeOutput, isBinary, outputKindOf } from './targets/output-kind.ts';
export type { OutputKind, OutputShape } from './targets/output-kind.ts';
export { decodeLabels, parseLabels, shortLabel } from './targets/labels.ts';
export type { ClassNames } from './targets/labels.ts';

export { cellCentre, fitImage, visibleRegion } from './image/geometry.ts';
export type { Geometry } from './image/geometry.ts';
export type { Box, Region } from './base/rectangle.ts';
export { compositeOnWhite, prepareInput } from './image/prepare-input.ts';
export type { PreparedInput } from './image/prepare-input.ts';
export { aboveNothing } from './image/above-nothing.ts';
export { createDisplayMap } from './image/display-map.ts';
export { mergeChannels, sumChannels } from './image/pixel-map.ts';
export type { DisplayMap } from './image/display-map.ts';
export type { RgbImage } from './image/rgb-image.ts';

export { findPeak } from './localise/peak.ts';
export { BOX_THRESHOLD, findBox, findMaskBox, findOtsuBox } from './localise/box.ts';
export { findPart } from './localise/box-rule.ts';
export { boxRules, type BoxRule } from './run/box-rule.ts';
export { findLargestComponent } from './localise/component.ts';
export type { Component } from './localise/component.ts';
export { encodeRle } from './localise/rle.ts';
export { fractionMask, otsuMask, thresholdMask } from './localise/mask.ts';
export type { Mask } from './localise/mask.ts';
export { otsuThreshold } from './localise/otsu.ts';
export { rankChannels } from './localise/channels.ts';
export type { ChannelShare } from './localise/channels.ts';

export { colormapNames, getColormap } from './colormaps/colormap.ts';
export type { Colormap, ColormapName } from './colormaps/colormap.ts';
export { renderHeatmap, renderOverlay } from './render/colour.ts';
export { renderOverlayByValue } from './render/alpha-by-value.ts';
export { CONTOUR_LEVELS, renderContours } from './render/contour.ts';
export type { ContourOptions } from './render/contour.ts';
export { divergingColour, renderSignedHeatmap, renderSignedOverlay } from './render/signed.ts';
export { renderLegend } from './render/legend.ts';
export type { LegendOptions } from './render/legend.ts';
export { renderLabelled } from './render/labelled.ts';
export type { LabelOptions } from './render/labelled.ts';
export { renderSheet } from './render/sheet.ts';
export type { SheetOptions, SheetPanel } from './render/sheet.ts';

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
  VariantInputs,
} from './presets/preset.ts';
export type { DisplayStep } from './presets/display-step.ts';
export type { ResizeKernel } from './presets/resize-kernel.ts';
export { displayLike, displayMapLike } from './presets/display-like.ts';
export type { PeerMap } from './presets/peer-run.ts';
export { renderLike } from './presets/render-like.ts';
export {
  computeGradCamPlusPlusOfPytorchGradCam,
  computeGradCamPlusPlusOfTfKerasVis,
  computeGradCamPlusPlusOfTorchcam,
} from './presets/variants/grad-cam-plus-plus.ts';

export { validateArtifact } from './artifact/validate-artifact.ts';
export { resizeFilters } from './artifact/artifact.ts';
export type {
  ArtifactDescription,
  InputDescription,
  Probe,
  ResizeFilter,
} from './artifact/artifact.ts';
export { isFailure, parseResult, parseResults, validateRun } from './run/read-results.ts';
export { isRunFileName, RUN_IMAGES_FOLDER } from './run/run-file-name.ts';
export type {
  Diagnostics,
  FailureLine,
  Prediction,
  ResultBox,
  ResultExplanation,
  ResultLine,
  ResultSweep,
  RunCounts,
  RunFile,
  RunSettings,
  Rle,
  Target,
} from './run/run.ts';

export type { NdArray } from './array/nd-array.ts';
export { GradcamError, isGradcamError } from './errors.ts';
export type { GradcamErrorKind } from './errors.ts';
