import {
  chooseImageInput,
  countClasses,
  describeOutput,
  displayMapOf,
  explain,
  findPart,
  gradientScale,
  findMethod,
  findNode,
  GradcamError,
  loadModel,
  mainHead,
  methods,
  outputKindOf,
  type ExplainOptions,
  type Explanation,
  type Geometry,
  type Method,
  type Model,
  type Network,
  type ResultExplanation,
} from '@gradcam/core';
import type { BlobImage } from '@gradcam/core/browser';
import { startEngine } from './engines.ts';
import { decodeForModel } from './image.ts';
import { chooseStripLayers, listLayers } from './layers.ts';
import type { CallName, Calls, MethodFacts, OutputFacts, Progress } from './protocol.ts';
import { openModelPlace } from './model-place.ts';

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
  let image: BlobImage | null = null;

  const current = (): { model: Model; image: BlobImage } => {
    if (model === null) throw new GradcamError('argument', 'no model is open');
    if (image === null) throw new GradcamError('argument', 'there is no image yet');
    return { model, image };
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
      const head = mainHead(opened.network);
      return {
        id: opened.id,
        engine: opened.engine,
        reason,
        isDescribed: opened.artifact !== null,
        isDemo: opened.artifact?.architecture.startsWith('demo-') === true,
        readFrom: [
          ...opened.readFrom.map((line) => `read from ${line}`),
          ...opened.notUsed.map((line) => `not used: ${line}`),
        ],
        assumptions: opened.assumptions,
        proof: opened.proof ?? null,
        input: { width: opened.input.width, height: opened.input.height },
        isSizeOpen: opened.network.openInputs !== undefined,
        outputs: listOutputs(opened.network),
        answer: outputKindOf(head),
        answerInWords: describeOutput(head),
        classes: countClasses(head),
        labels: opened.classNames.labels,
        layers: listLayers(opened),
        defaultLayer: opened.defaultLayer,
      };
    },

    async decodeImage({ blob, name }) {
      image = null;
      const { image: pixels, decoded } = await decodeForModel(blob, name);
      image = pixels;
      return decoded;
    },

    async explain({ method, layer, target, runs }, { signal, onProgress }) {
      const { model, image } = current();
      const start = performance.now();
      const found = await explain(model, image, {
        methods: [method],
        layers: [layer],
        targets: [target],
        signal,
        onProgress: ({ done, total }) => onProgress({ stage: 'runs', done, total }),
        runs: runs ?? undefined,
      });
      const { predictions, geometry, doubt } = found;
      const notes = [
        ...image.notes,
        ...(doubt === undefined ? [] : [doubt]),
        ...(found.notes ?? []),
      ];
      const [first] = found.explanations as [Explanation, ...Explanation[]];
      const explanation = describeExplanation(first, geometry);
      const line = {
        image: '',
        sha256: '',
        width: image.width,
        height: image.height,
        notes: notes.length > 0 ? notes : undefined,
        predictions,
        explanations: [explanation],
        ms: performance.now() - start,
      };
      return { line, raw: first.raw, geometry };
    },

    async explainLayers({ method, target }, { signal }) {
      const { model, image } = current();
      const drawn = stripMethod(method);
      const options: ExplainOptions = {
        methods: [drawn],
        layers: chooseStripLayers(model),
        targets: [target],
        signal,
      };
      const { explanations, geometry } = await explain(model, image, options);
      const maps = explanations.map(({ layer, raw, relu, nothing, diagnostics }) => ({
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

/** Refuses a model with further inputs: the page provides one picture and has no field for anything else. */
function refuseOtherInputs({ network }: Model): void {
  const image = chooseImageInput(network, { given: [] });
  const others = network.inputs.filter((name) => name !== image);
  if (others.length === 0) return;
  const named = others.map((name) => `${name} [${findNode(network, name).shape.join(', ')}]`);
  const flags = others.map((name) => `--input ${name}=<file>`);
  throw new GradcamError(
    'unsupported',
    `the model has inputs besides the picture for ${image}: ${named.join(', ')}; only the command can give them: gradcam explain .. ${flags.join(' ')}`,
  );
}

/**
 * Lists a model's outputs in the order of its layers. The first of the network's heads is the explained
 * output.
 */
function listOutputs({ heads, nodes }: Network): OutputFacts[] {
  const place = new Map(nodes.map(({ name }, i) => [name, i]));
  return heads
    .map((head, i) => ({
      name: head.probabilities ?? head.logits,
      inWords: describeOutput(head),
      isExplained: i === 0,
    }))
    .sort((a, b) => place.get(a.name)! - place.get(b.name)!);
}

function describeMethod(method: Method): MethodFacts {
  const { name, title, summary, cost, paper, usesLayer, passes } = method;
  return { name, title, summary, cost, paper, usesLayer, isLong: passes === 'own' };
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

function describeExplanation(explanation: Explanation, geometry: Geometry): ResultExplanation {
  const { kind, method, layer, target, score, raw, relu, nothing, points } = explanation;
  const { peak, diagnostics } = explanation;
  const [rows, columns] = raw.shape as [number, number];
  const part =
    diagnostics.blank === undefined
      ? findPart(displayMapOf(explanation, geometry), 'peak', peak)
      : null;
  const box = part === null ? null : { ...part.box, rule: 'peak' as const };
  const grid = [rows, columns] as const;
  const display = nothing === undefined ? { relu } : { relu, nothing };
  const scale = kind === 'pixels' ? { scale: gradientScale(raw, 'colour') } : {};
  const places = points === undefined ? {} : { points };
  const facts = { method, layer, target, score, grid, ...display, ...scale, ...places };
  return { ...facts, files: {}, peak, box, diagnostics };
}
