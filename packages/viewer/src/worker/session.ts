import {
  explain,
  findMethod,
  GradcamError,
  loadModel,
  methods,
  targetKey,
  type ExplainOptions,
  type Explanation,
  type Method,
  type Model,
  type RgbImage,
} from '@gradcam/core';
import type { BlobImage } from '@gradcam/core/browser';
import { applyEdits } from '../edit/apply-edits.ts';
import { describeAsked, noteAsked } from './asked-words.ts';
import { describeExplanation } from './describe-explanation.ts';
import { describeModel, refuseOtherInputs } from './describe-model.ts';
import { startEngine } from './engines.ts';
import { decodeForModel, describeDecoded, encodePng } from './image.ts';
import { chooseStripLayers } from './layers.ts';
import { openModelPlace } from './model-place.ts';
import { keepOwnCaptions } from './own-captions.ts';
import type {
  AskedWords,
  CallName,
  Calls,
  EditedOrGiven,
  MethodFacts,
  Progress,
} from './protocol.ts';

/** What a call may use while it is running. */
export interface CallContext {
  readonly signal: AbortSignal;
  readonly onProgress: (progress: Progress) => void;
}

/** The functions that answer the calls. */
export type Answers = {
  readonly [N in CallName]: (
    ask: Calls[N]['ask'],
    context: CallContext,
  ) => Promise<Calls[N]['answer']>;
};

/** Creates the session, which holds the worker's one model and one image. Calls run one after the other. */
export function createSession(): Answers {
  let model: Model | null = null;
  let given: BlobImage | null = null;
  let edited: RgbImage | null = null;

  const givenImage = (): BlobImage => {
    if (given === null) throw new GradcamError('argument', 'there is no image yet');
    return given;
  };
  const editedImage = (): RgbImage => {
    if (edited === null) throw new GradcamError('argument', 'the image has no edits yet');
    return edited;
  };
  const current = (which: EditedOrGiven): { model: Model; image: RgbImage } => {
    if (model === null) throw new GradcamError('argument', 'no model is open');
    return { model, image: which === 'edited' ? editedImage() : givenImage() };
  };

  const ownCaption = keepOwnCaptions();
  const describeAll = async (
    model: Model,
    image: RgbImage,
    asked: AskedWords,
    signal: AbortSignal,
  ): Promise<ReturnType<typeof describeAsked>> => {
    const isWriting = model.text?.role === 'caption';
    return describeAsked(model, asked, isWriting ? await ownCaption(model, image, signal) : {});
  };

  return {
    async listMethods() {
      return methods.map(describeMethod);
    },

    async openModel({ place, engine: choice, stated }, { signal, onProgress }) {
      model?.dispose();
      model = null;
      onProgress({ stage: 'engine', done: 0, total: 0 });
      const onBytes = (done: number, total: number): void =>
        onProgress({ stage: 'weights', done, total });
      const files = await openModelPlace(place, { signal, onBytes });
      const { engine, reason } = await startEngine(choice, files);
      signal.throwIfAborted();
      const opened = await loadModel(files, { engine, ...stated });
      if (signal.aborted) opened.dispose();
      signal.throwIfAborted();
      try {
        refuseOtherInputs(opened);
      } catch (error) {
        opened.dispose();
        throw error;
      }
      model = opened;
      return describeModel(opened, reason);
    },

    async decodeImage({ blob, name }) {
      [given, edited] = [null, null];
      const { image, decoded } = await decodeForModel(blob, name);
      given = image;
      return decoded;
    },

    async editImage(edits) {
      edited = applyEdits(givenImage(), edits);
      return describeDecoded(edited);
    },

    async saveEdited() {
      return encodePng(editedImage());
    },

    async explain(request, { signal, onProgress }) {
      const { method, layer, target, runs, image: which } = request;
      const { model, image } = current(which);
      const start = performance.now();
      const found = await explain(model, image, {
        ...(await describeAll(model, image, request, signal)),
        methods: [method],
        layers: [layer],
        targets: [target],
        signal,
        onProgress: ({ done, total }) => onProgress({ stage: 'runs', done, total }),
        runs: runs ?? undefined,
      });
      const { predictions, geometry, doubt, text } = found;
      const textNotes = noteAsked(model, request);
      const notes = [
        ...givenImage().notes,
        ...(doubt === undefined ? [] : [doubt]),
        ...(found.notes ?? []).filter((note) => !textNotes.includes(note)),
      ];
      const [first] = found.explanations as [Explanation, ...Explanation[]];
      const explanation = describeExplanation(first, geometry);
      const line = {
        image: '',
        sha256: '',
        width: image.width,
        height: image.height,
        notes: notes.length > 0 ? notes : undefined,
        ...(text !== undefined && { text }),
        predictions,
        explanations: [explanation],
        ms: performance.now() - start,
      };
      return { line, raw: first.raw, geometry, textNotes };
    },

    async explainLayers(request, { signal }) {
      const { method, target, image: which } = request;
      const { model, image } = current(which);
      const drawn = stripMethod(method);
      const options: ExplainOptions = {
        ...(await describeAll(model, image, request, signal)),
        methods: [drawn],
        layers: chooseStripLayers(model),
        targets: [target],
        signal,
      };
      const { explanations, geometry } = await explain(model, image, options);
      // Some targets, such as a word that a caption says twice, are several scores. The first is shown.
      const key = targetKey(explanations[0]!.target);
      const own = explanations.filter(({ target }) => targetKey(target) === key);
      const maps = own.map(({ layer, raw, relu, nothing, diagnostics }) => ({
        layer,
        raw,
        relu,
        nothing,
        isBlank: diagnostics.blank !== undefined,
      }));
      return { method: drawn, maps, geometry };
    },
  };
}

/**
 * The method of the strip, which computes the maps of all layers in one pass. For methods that cannot do
 * that, the strip uses Grad-CAM.
 */
function stripMethod(name: string): string {
  const method = findMethod(name);
  const isFormula = method.map === 'grid' && method.passes === 'shared';
  return isFormula && method.presumes === undefined ? method.name : 'grad-cam';
}

function describeMethod(method: Method): MethodFacts {
  const { name, title, summary, cost, paper, usesLayer, passes } = method;
  return { name, title, summary, cost, paper, usesLayer, isLong: passes === 'own' };
}
