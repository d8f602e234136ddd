/**
 * The folder of a run: `run.json`, `results.jsonl` and the pictures of each image, written and read.
 *
 * A program opens a run with {@link openRun}, explains images into it with {@link explainImages} and ends it
 * with {@link finishRun}; {@link readRun} reads a run that was written before. The model runs wherever the
 * caller's {@link Explainer} has it.
 *
 * @module
 */
export { isRunError, RunError, type RunErrorKind } from './run-error.ts';

export { readBytes } from './images/read-bytes.ts';
export { isWebAddress } from './images/web-address.ts';

export { findFileInside } from './files/find-file-inside.ts';
export { measureRunFile, type FoundRunFile } from './files/find-run-file.ts';
export type { ImageNames } from './files/image-names.ts';
export { replaceLines, type LinesFile } from './files/lines-file.ts';
export { readResults } from './files/read-results.ts';
export { readFoundFile } from './files/read-run-file.ts';
export { readRunJson } from './files/read-run-json.ts';
export { readRun } from './files/read-run.ts';
export type { ResultsFile } from './files/results-file.ts';
export {
  guardWrite,
  openRunDirectory,
  type FileContent,
  type RunDirectory,
} from './files/run-directory.ts';
export { claimPart, writeWhole, writeWholeAmongOthers } from './files/write-whole.ts';

export {
  hasPart,
  PARTS_FOLDER,
  publishPart,
  readPart,
  removePart,
  removeParts,
} from './parts/part-files.ts';

export { describePrediction } from './paint/describe-answer.ts';
export { describeTarget } from './paint/describe-target.ts';
export {
  colourings,
  overlayModes,
  pictureFormats,
  saveKinds,
  type Colouring,
  type OverlayMode,
  type PictureFormat,
  type SaveKind,
  type SaveSettings,
} from './paint/picture-settings.ts';

export {
  DEFAULT_TILE,
  writeSheets,
  type Remarks,
  type SheetRequest,
} from './sheet/write-sheets.ts';
export {
  countEvidencePasses,
  defaultEvidence,
  type EvidenceSettings,
} from './evidence/evidence-settings.ts';
export { examineMaps, type Examination, type ExaminedModels } from './evidence/examine-maps.ts';
export { randomiseModel } from './evidence/randomise-model.ts';

export { figureMethods } from './figure/save-figures.ts';
export { canSweep } from './sweep/save-sweeps.ts';

export { checkRequest } from './explain/check-request.ts';
export {
  explainImage,
  type ImageRequest,
  type OnStage,
  type Stage,
} from './explain/explain-image.ts';
export type {
  ExplainedImage,
  Explainer,
  ExplainerOptions,
  RunProgress,
} from './explain/explainer.ts';
export { createBudget, type Budget } from './explain/budget.ts';
export {
  joinRequests,
  type ExpectedRequest,
  type JoiningExplainer,
  type JoinOptions,
} from './explain/join-requests.ts';
export type { GroundTruth, TrueClass } from './explain/ground-truth.ts';
export type { AskedImage, ImageQuestions } from './explain/image-questions.ts';
export {
  createImageReader,
  prepareImage,
  type ImageReader,
  type PrepareOptions,
  type ReadImage,
} from './explain/read-image.ts';
export {
  checkSimilar,
  digestReferences,
  embedTargets,
  referenceOf,
} from './explain/similar-targets.ts';

export { explainImages, type ExplainImagesRequest } from './run/explain-images.ts';
export { toReadableLine } from './run/readable-line.ts';
export { finishRun } from './run/finish-run.ts';
export { openRun, type OpenRun, type OpenRunRequest, type RunLock } from './run/open-run.ts';
export { checkSameSettings, describeSettings, type ResultSettings } from './run/run-settings.ts';
export { createTally, type RunTally } from './run/run-tally.ts';
