import {
  chooseImageInput,
  countClasses,
  describeOutput,
  describePixels,
  findNode,
  GradcamError,
  mainHead,
  outputKindOf,
  type Model,
  type Network,
} from '@gradcam/core';
import { listLayers } from './layers.ts';
import type { OpenedModel, OutputFacts } from './protocol.ts';

/**
 * Describes an opened model for the page.
 *
 * @param reason says in words why it runs on this engine.
 */
export function describeModel(opened: Model, reason: string): OpenedModel {
  const head = mainHead(opened.network);
  return {
    id: opened.id,
    engine: opened.engine,
    reason,
    isDescribed: opened.artifact !== null,
    isDemo: (opened.artifact?.architecture ?? opened.id).startsWith('demo-'),
    readFrom: [
      ...opened.readFrom.map((line) => `read from ${line}`),
      ...opened.notUsed.map((line) => `not used: ${line}`),
    ],
    assumptions: opened.assumptions,
    proof: opened.proof ?? null,
    pixels: {
      inWords: describePixels(opened.input).replace(/^pixels as /, ''),
      isAssumed: isAssumed(opened, '--input-range'),
    },
    channels: {
      inWords: opened.input.channelOrder.toUpperCase(),
      isAssumed: isAssumed(opened, '--channels'),
    },
    input: { width: opened.input.width, height: opened.input.height },
    isSizeOpen: opened.network.openInputs !== undefined,
    outputs: listOutputs(opened.network),
    answer: outputKindOf(head),
    answerInWords: describeOutput(head),
    classes: countClasses(head),
    text: opened.text?.role ?? null,
    labels: opened.classNames.labels,
    layers: listLayers(opened),
    defaultLayer: opened.defaultLayer,
  };
}

/** Whether core had to assume a fact: its line names the flag that states it. */
function isAssumed({ assumptions }: Model, flag: string): boolean {
  return assumptions.some((line) => line.includes(flag));
}

/**
 * Refuses a model with further inputs: the page provides one picture and the words that the model states, and
 * has no field for anything else.
 */
export function refuseOtherInputs({ network, text }: Model): void {
  const words = text === undefined ? [] : [text.input];
  const image = chooseImageInput(network, { given: words });
  const others = network.inputs.filter((name) => name !== image && !words.includes(name));
  if (others.length === 0) return;
  const named = others.map((name) => `${name} [${findNode(network, name).shape.join(', ')}]`);
  const flags = others.map((name) => `--input ${name}=<file>`);
  throw new GradcamError(
    'unsupported',
    `the model has inputs besides the picture for ${image}: ${named.join(', ')}; only the command can give them: gradcam explain .. ${flags.join(' ')}. If they take words, describe these in the block text of gradcam.json, and give that file with the model`,
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
