import type { ServedState } from './live-state.ts';

/** Asks the server which models it offers, and whether it has a run. */
export async function readServed(): Promise<ServedState> {
  try {
    const response = await fetch('./served.json', { cache: 'no-store' });
    if (!response.ok) {
      return {
        kind: 'failed',
        message: `served.json: the server answered with HTTP status ${response.status}`,
      };
    }
    const { run, models, documentation } = (await response.json()) as {
      run: boolean;
      models: readonly { readonly id: string; readonly words?: unknown }[];
      documentation?: string;
    };
    // A page that was opened without a model begins with one that needs no question.
    const first = (models.find(({ words }) => words === undefined) ?? models[0])?.id ?? null;
    return { kind: 'ready', run, models: models.map(({ id }) => id), first, documentation };
  } catch (error) {
    const reason = error instanceof SyntaxError ? 'is not JSON' : 'the server does not answer';
    return { kind: 'failed', message: `served.json: ${reason}` };
  }
}
