import { mainHead, type Head, type Network } from '../network/network.ts';
import { describeOutput, outputKindOf } from '../network/output-kind.ts';

/**
 * Lines about a model's outputs: which of several outputs is explained, and the kind of an output that does
 * not simply score several classes.
 *
 * @param isChosen whether the caller has named the output.
 * @param isDescribed whether the model's description says what the output's numbers are.
 */
export function noteOutputs(network: Network, isChosen: boolean, isDescribed = false): string[] {
  const head = mainHead(network);
  const notes = [];
  // For a detector, the lines about its boxes name its outputs.
  if (network.heads.length > 1 && !isChosen && head.detector === undefined) {
    const all = network.heads.map((one) => `${nameOf(one)} (${describeOutput(one)})`).join(', ');
    notes.push(
      `of the outputs ${all} the first is explained (choose with --output ${nameOf(network.heads[1]!)})`,
    );
  }
  if (isDescribed) return notes;
  switch (outputKindOf(head)) {
    case 'scores':
      notes.push(
        `the model ends in ${head.classes} scores without an activation; probabilities are their softmax`,
      );
      break;
    case 'binary':
    case 'value':
    case 'map':
    case 'table':
      notes.push(`the output ${nameOf(head)} is ${describeOutput(head)}`);
      break;
    case 'boxes':
    case 'classes':
    case 'labels':
  }
  return notes;
}

function nameOf({ logits, probabilities }: Head): string {
  return probabilities ?? logits;
}
