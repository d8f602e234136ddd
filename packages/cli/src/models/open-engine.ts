import type { Engine } from '@gradcam/core';
import type { GraphStore, OnnxProvider, OnnxRuntime } from '@gradcam/core/onnx';
import type { TfjsBackend } from '@gradcam/core/tfjs';
import { CommandError, exitCodes } from '../exit-codes.ts';
import type { Terminal } from '../terminal/messages.ts';
import { checkProvider } from './check-provider.ts';
import { openGraphStore } from './graph-store.ts';

type EngineName = 'onnx' | 'wasm' | 'cpu' | 'webgpu' | 'cuda' | 'node' | 'node-gpu';
type Told = Pick<Terminal, 'note' | 'debug'>;

export interface EngineOptions {
  /**
   * The number of threads for one pass of the model; by default the number of cores that the process may
   * use.
   */
  readonly threads?: number | undefined;
  /** Whether compiled graphs of large models are kept in the cache folder for the next command. */
  readonly keepGraphs?: boolean;
  /** Whether the engine computes a single pass, with as little memory as possible. */
  readonly once?: boolean;
}

interface OnnxChoices {
  /** Receives a line about something that is not available, when the work continues without it. */
  readonly onNote: (text: string) => void;
  readonly threads?: number | undefined;
  readonly store?: GraphStore | undefined;
  readonly once?: boolean;
}

/** The function that starts each engine. `auto` is not among them, because it chooses one of them. */
const starters: Readonly<Record<EngineName, (options: OnnxChoices) => Promise<Engine>>> = {
  onnx: (options) => startOnnx('cpu', options),
  wasm: () => startTfjs('wasm'),
  cpu: () => startTfjs('cpu'),
  webgpu: ({ onNote }) => startOnnx('webgpu', { onNote }),
  cuda: ({ onNote }) => startOnnx('cuda', { onNote }),
  node: () => startTfjsNode(false),
  'node-gpu': () => startTfjsNode(true),
};

/** The values of `--engine`. */
export const engineNames: readonly string[] = ['auto', ...Object.keys(starters)];

/**
 * Starts the engine that `--engine` names. `auto` is onnx, the fastest engine that runs everywhere. If ONNX
 * Runtime does not load, because it has no build for this machine, `auto` is wasm, and a note says so.
 *
 * @throws CommandError 64 for an unknown name, 69 for an engine that does not start here.
 */
export async function openEngine(
  name: string,
  terminal: Told,
  { threads, keepGraphs = false, once = false }: EngineOptions = {},
): Promise<Engine> {
  if (name !== 'auto' && !Object.hasOwn(starters, name)) {
    throw new CommandError(
      exitCodes.usage,
      `--engine takes ${engineNames.join(', ')}; got '${name}'`,
    );
  }
  const store = keepGraphs ? openGraphStore(terminal) : undefined;
  const choices = { threads, store, once, onNote: (text: string) => terminal.note(text) };
  const engine = await (name === 'auto'
    ? chooseEngine(terminal, choices)
    : starters[name as EngineName](choices));
  if (threads !== undefined && engine.name !== 'onnx-cpu') {
    terminal.note(`--threads has no effect on engine ${engine.name}`);
  }
  return withGraphModels(engine);
}

/**
 * Adds to the engine a way to compare a translated GraphModel with its graph. tfjs has one backend at a time:
 * a tfjs engine runs graphs on its own backend, and with any other engine they run on wasm.
 */
function withGraphModels(engine: Engine): Engine {
  return {
    ...engine,
    async openGraph(file) {
      const { createGraphModelEngine } = await import('@gradcam/core/graph-model');
      const [, backend = 'wasm'] = /^tfjs-(.+)$/.exec(engine.name) ?? [];
      const graphs = await createGraphModelEngine({ backend: backend as TfjsBackend });
      return graphs.openGraph!(file);
    },
  };
}

async function chooseEngine(terminal: Told, choices: OnnxChoices): Promise<Engine> {
  try {
    const engine = await startOnnx('cpu', choices);
    terminal.debug(
      `engine ${engine.name}, chosen by auto: ONNX Runtime works here and is the fastest`,
    );
    return engine;
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    const reason = (error.cause as Error).message;
    terminal.note(`engine wasm, which is slower, since ${reason}`);
    return startTfjs('wasm');
  }
}

async function startOnnx(
  provider: OnnxProvider,
  { threads, store, once = false, onNote }: OnnxChoices,
): Promise<Engine> {
  const name = provider === 'cpu' ? 'onnx' : provider;
  const { createScratchFolder, loadOnnxRuntime } = await import('@gradcam/core/node');
  let runtime: OnnxRuntime;
  try {
    runtime = await loadOnnxRuntime();
  } catch (cause) {
    throw new CommandError(
      exitCodes.engineUnavailable,
      `engine ${name}: ${(cause as Error).message}; or use --engine wasm`,
      { cause },
    );
  }
  const { createOnnxEngine } = await import('@gradcam/core/onnx');
  const engine = createOnnxEngine(runtime, {
    provider,
    // Only the CPU provider reads weights directly from a file.
    ...(provider === 'cpu' && {
      store,
      once,
      scratch: () =>
        createScratchFolder().catch((error: unknown) => {
          onNote(`weights stay in memory: ${(error as Error).message}`);
          return null;
        }),
    }),
    threads,
  });
  if (provider !== 'cpu') await checkProvider(engine, provider);
  return engine;
}

async function startTfjs(backend: 'wasm' | 'cpu' | 'node' | 'node-gpu'): Promise<Engine> {
  const { createTfjsEngine } = await import('@gradcam/core/tfjs');
  return createTfjsEngine({ backend });
}

/** The package is looked for from the user's working directory, and then beside the command. */
async function startTfjsNode(gpu: boolean): Promise<Engine> {
  const { loadTfjsNode } = await import('@gradcam/core/node');
  await loadTfjsNode({ gpu, from: process.cwd() });
  return startTfjs(gpu ? 'node-gpu' : 'node');
}
