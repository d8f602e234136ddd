import { mainHead, type Head, type Network } from '../network/network.ts';
import { describeOutput, outputKindOf } from '../network/output-kind.ts';
import { noteRawAnchors } from './note-raw-anchors.ts';

/** The most outputs that a line lists; `inspect` lists all of them. */
const LISTED = 4;

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
    const said = network.heads
      .slice(0, LISTED)
      .map((one) => `${nameOf(one)} (${describeOutput(one)})`);
    const more = network.heads.length - said.length;
    const all = more > 0 ? `${said.join(', ')} and ${more} more` : said.join(', ');
    const points = network.heads.some(({ coordinates }) => coordinates === true);
    const why = points && head.coordinates !== true ? ', since coordinates are no scores' : '';
    notes.push(
      `of the outputs ${all} the first is explained${why} (choose with --output ${nameOf(network.heads[1]!)})`,
    );
  }
  if (isDescribed) return notes;
  notes.push(...noteRawAnchors(network));
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
      notes.push(
        head.coordinates === true
          ? `the output ${nameOf(head)} is ${describeOutput(head)}, which have no classes and no probabilities: element:<i> explains one of them (--labels FILE with ${head.classes} names if they are scores)`
          : `the output ${nameOf(head)} is ${describeOutput(head)}`,
      );
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
