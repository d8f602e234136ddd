import {
  describeOutput,
  mainHead,
  outputKindOf,
  reportCapabilities,
  toPrintable,
} from '@gradcam/core';
import { dropUndefined } from '../../flags/drop-undefined.ts';
import type { DescribedModel } from '../../models/describe-any.ts';
import { describeText } from '../../models/describe-text.ts';
import { noteClassNames } from '../../models/note-class-names.ts';
import { printSources } from '../../models/print-sources.ts';
import { shortenMiddle } from '../../terminal/shorten-middle.ts';
import type { Terminal } from '../../terminal/messages.ts';
import { listLayers } from './layer-rows.ts';
import { printCapabilities } from './print-capabilities.ts';

/** The most characters of a layer's name in the table. Names of a graph's nodes may have two hundred. */
const LONGEST_NAME = 56;

/** What `gradcam inspect --json` prints of a model. */
export function reportModel(model: DescribedModel): Record<string, unknown> {
  const { id, input, defaultLayer, assumptions, network, readFrom, notUsed, text } = model;
  const heads = network.heads.map((one) => ({ ...one, kind: outputKindOf(one) }));
  return {
    ...{ id, input, defaultLayer, head: heads[0], heads, layers: listLayers(model) },
    capabilities: reportCapabilities(model),
    ...dropUndefined({ text }),
    ...{ readFrom, notUsed, assumptions },
  };
}

/** Prints the layers of a model, what each can be explained by, and where the model's facts come from. */
export function printModel(model: DescribedModel, terminal: Terminal): void {
  const { id, input, defaultLayer, network } = model;
  const head = mainHead(network);
  const layers = listLayers(model);
  terminal.out(
    `${toPrintable(id)}: ${input.height}x${input.width} ${input.channelOrder} to ${describeOutput(head)}`,
  );
  const parameters = layers.reduce((sum, layer) => sum + layer.parameters, 0);
  terminal.out(`${parameters} parameters in ${layers.length} layers`);
  terminal.out(
    toPrintable(
      `scores: ${head.logits} (then ${head.activation}); default layer of maps: ${defaultLayer}`,
    ),
  );
  if (model.text !== undefined) terminal.out(toPrintable(`text: ${describeText(model.text)}`));
  for (const [i, { logits, probabilities, ...output }] of network.heads.entries()) {
    if (network.heads.length === 1) break;
    const name = toPrintable(probabilities ?? logits);
    terminal.out(`output ${i}: ${name}, ${describeOutput(output)}`);
  }
  const width = Math.min(Math.max(...layers.map(({ name }) => name.length)), LONGEST_NAME);
  for (const layer of layers) {
    const mark = layer.recommended ? '*' : ' ';
    const aliases = layer.endpoints.filter((endpoint) => endpoint !== layer.name).join(', ');
    const cells =
      layer.grid !== undefined && layer.shape.length < 3 ? ` (${layer.grid.join('x')})` : '';
    const shape = `${layer.shape.join('x')}${cells}`.padEnd(13);
    const parameters = String(layer.parameters || '').padStart(10);
    terminal.out(
      `${mark} ${toPrintable(shortenMiddle(layer.name, width)).padEnd(width)}  ${layer.op.padEnd(17)} ${shape} ${parameters}  ${toPrintable(aliases)}`.trimEnd(),
    );
  }
  if (layers.some(({ name }) => name.length > width)) {
    terminal.note('long names are cut in the middle; --json has them whole');
  }
  printCapabilities(reportCapabilities(model), terminal);
  printSources(model, terminal);
  noteClassNames(model, terminal);
}
