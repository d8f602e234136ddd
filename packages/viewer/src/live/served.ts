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
      models: readonly { readonly id: string }[];
      documentation?: string;
    };
    return { kind: 'ready', run, models: models.map(({ id }) => id), documentation };
  } catch (error) {
    const reason = error instanceof SyntaxError ? 'is not JSON' : 'the server does not answer';
    return { kind: 'failed', message: `served.json: ${reason}` };
  }
}
