import type { NdArray } from '../base/nd-array.ts';
import { repeatItem } from '../methods/passes/batched-runs.ts';
import type { RunRequest, Session } from '../engines/port/engine.ts';
import { GradcamError } from '../base/errors.ts';
import { findNode, type Network } from '../network/network.ts';
import { chooseImageInput } from '../network/select-input.ts';
import { findOutput } from '../network/select-output.ts';

/** Which of a model's inputs and outputs an explanation is about. */
export interface ViewOptions {
  /** Values of the inputs beside the image, by their names: one item each, [1, ..]. */
  readonly inputs?: Readonly<Record<string, NdArray>>;
  /** The input that takes the image; default the first picture that is not among `inputs`. */
  readonly imageInput?: string;
  /** The output that is explained: its place, or the layer that gives it; default the first. */
  readonly output?: number | string;
}

/** A session with one input and one output, whatever the model has. */
export interface SessionView {
  readonly session: Session;
  /** Frees what the view has of its own; the session that it is of stays. */
  readonly release: () => void;
}

/**
 * A model with several inputs or outputs as one with one of each: the other inputs are supplied with
 * every run, and the chosen output is the one that seeds are about.
 *
 * @throws GradcamError `not-found` for an input or output that is not there; `unsupported` for an
 *   input whose values are missing, or a session that knows one output alone.
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
    `this session of model ${session.network.name} explains its first output alone`,
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
