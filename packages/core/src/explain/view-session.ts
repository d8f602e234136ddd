import type { NdArray } from '../base/nd-array.ts';
import { repeatItem } from '../methods/passes/batched-runs.ts';
import type { RunRequest, Session } from '../engines/port/engine.ts';
import { GradcamError } from '../base/errors.ts';
import { findNode, type Network } from '../network/network.ts';
import { chooseImageInput } from '../network/select-input.ts';
import { findOutput } from '../network/select-output.ts';

/** Which of a model's inputs and outputs an explanation is about. */
export interface ViewOptions {
  /** Values for the model's further inputs, by name, each with a batch axis of 1. */
  readonly inputs?: Readonly<Record<string, NdArray>>;
  /** The input that takes the image; default the first picture that is not among `inputs`. */
  readonly imageInput?: string;
  /** The output to explain, by its place or by the layer that returns it; default the first. */
  readonly output?: number | string;
}

/** A session that looks like one of a model with one input and one output. */
export interface SessionView {
  readonly session: Session;
  /** Frees the view's own resources. The session behind the view stays open. */
  readonly release: () => void;
}

/**
 * Shows a model with several inputs or outputs as one with one of each. Every pass gets the values of the
 * further inputs, and seeds are about the chosen output.
 *
 * @throws GradcamError `not-found` for an unknown input or output; `unsupported` for an input without values,
 *   and for a session that can explain its first output only.
 */
export function viewSession(session: Session, options: ViewOptions = {}): SessionView {
  const { inputs = {}, output = 0 } = options;
  const image = findImage(session.network, options);
  const place = findOutput(session.network, output);
  const own = place === 0 ? session : atOutput(session, place);
  const release = own === session ? () => undefined : () => own.dispose();
  if (Object.keys(inputs).length === 0) return { session: own, release };
  const view: Session = {
    network: { ...own.network, inputs: [image] },
    run: (request) => own.run(supplyInputs(request, image, inputs)),
    ...(own.readWeights === undefined
      ? {}
      : { readWeights: (names: readonly string[]) => own.readWeights!(names) }),
    dispose: () => own.dispose(),
  };
  return { session: view, release };
}

function findImage(network: Network, { inputs = {}, imageInput }: ViewOptions): string {
  const given = Object.keys(inputs);
  const image = chooseImageInput(network, { given, imageInput });
  const missing = network.inputs.filter((name) => name !== image && !given.includes(name));
  if (missing.length === 0) return image;
  const shapes = missing.map((name) => `${name} [1, ${findNode(network, name).shape.join(', ')}]`);
  throw new GradcamError(
    'unsupported',
    `model ${network.name} has inputs beside the image ${image}: ${shapes.join(', ')}; give their values in the option inputs of explain()`,
  );
}

function atOutput(session: Session, place: number): Session {
  if (session.atOutput !== undefined) return session.atOutput(place);
  throw new GradcamError(
    'unsupported',
    `this session of model ${session.network.name} can explain its first output only; leave out the option output`,
  );
}

/** The request with the further inputs added, each repeated for every item of the batch. */
function supplyInputs(
  request: RunRequest,
  image: string,
  further: Readonly<Record<string, NdArray>>,
): RunRequest {
  const given = request.inputs?.[image];
  const count = (given ?? request.from?.value)?.shape[0] ?? 1;
  const inputs: Record<string, NdArray> = given === undefined ? {} : { [image]: given };
  for (const [name, item] of Object.entries(further)) inputs[name] = repeatItem(item, count);
  return { ...request, inputs };
}
