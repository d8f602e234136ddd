import { useEffect, useRef } from 'preact/hooks';
import { CallFailure, startWorkerClient, type WorkerClient } from './client.ts';
import {
  explainedImage,
  explainedTarget,
  lacksQuestion,
  missingFile,
  wantedDrop,
  wantedModel,
  type LiveState,
} from './live-state.ts';
import type { ModelPlace } from '../worker/protocol.ts';
import type { LiveAction } from './reduce-live-state.ts';
import { readServed } from './served.ts';

type Dispatch = (action: LiveAction) => void;

/** What a reader's click asks of the worker. */
export interface LiveWork {
  /** Stops the explanation in progress. */
  readonly cancel: () => void;
  /** Returns the edited image as a PNG file. */
  readonly saveEdited: () => Promise<Blob>;
}

/** Lets the worker do what the state asks for. */
export function useLiveWork(state: LiveState, dispatch: Dispatch): LiveWork {
  const { view, model, image, worker: generation, attempt } = state;
  const client = useRef<WorkerClient | null>(null);
  const work = useRef<AbortController | null>(null);

  useEffect(() => {
    const own = startWorkerClient(() => dispatch({ type: 'worker-ended' }));
    client.current = own;
    perform(
      () => own.call('listMethods', null),
      (methods) => dispatch({ type: 'methods-listed', methods }),
      // If the worker does not start, its error is shown in the place of the model.
      (message) => dispatch({ type: 'model-changed', model: { kind: 'failed', message } }),
    );
    return () => own.close();
  }, [generation]);

  useEffect(() => {
    void readServed().then((served) => dispatch({ type: 'served-read', served }));
  }, []);

  const wanted = wantedModel(state);
  const dropped = wantedDrop(state);
  const missing = missingFile(state);
  const { engine, inputRange, channelOrder, inputSize, output } = view;
  useEffect(() => {
    if (wanted === null) return undefined;
    if (missing !== null) {
      const message = `${missing} was a file of yours, which no link holds; drop it here again, or choose another model`;
      dispatch({ type: 'model-changed', model: { kind: 'failed', message } });
      return undefined;
    }
    const stop = new AbortController();
    dispatch({ type: 'model-changed', model: { kind: 'opening', progress: null } });
    const ask = {
      place: dropped === null ? placeOf(wanted) : ({ kind: 'dropped', ...dropped } as const),
      engine,
      stated: {
        inputRange: inputRange ?? undefined,
        channelOrder: channelOrder ?? undefined,
        inputSize: inputSize === null ? undefined : parseSize(inputSize),
        output: output ?? undefined,
      },
    };
    perform(
      () =>
        client.current!.call('openModel', ask, {
          signal: stop.signal,
          onProgress: (progress) =>
            dispatch({ type: 'model-changed', model: { kind: 'opening', progress } }),
        }),
      (opened) => dispatch({ type: 'model-changed', model: { kind: 'ready', model: opened } }),
      (message) => dispatch({ type: 'model-changed', model: { kind: 'failed', message } }),
    );
    return () => stop.abort();
  }, [generation, wanted, dropped, missing, engine, inputRange, channelOrder, inputSize, output]);

  const source = image.kind === 'decoding' || image.kind === 'ready' ? image.source : null;
  useEffect(() => {
    if (source === null) return undefined;
    const stop = new AbortController();
    perform(
      () => client.current!.call('decodeImage', source, { signal: stop.signal }),
      (decoded) => dispatch({ type: 'image-changed', image: { kind: 'ready', source, decoded } }),
      (message) => dispatch({ type: 'image-changed', image: { kind: 'failed', message } }),
    );
    return () => stop.abort();
  }, [generation, source]);

  const opened = model.kind === 'ready' ? model.model : null;
  const given = image.kind === 'ready' ? image.decoded : null;
  const { edits } = state.editing;
  useEffect(() => {
    if (given === null || edits.length === 0) return undefined;
    const stop = new AbortController();
    perform(
      () => client.current!.call('editImage', edits, { signal: stop.signal }),
      (decoded) => dispatch({ type: 'image-edited', edited: { edits, decoded } }),
      (message) => dispatch({ type: 'work-changed', work: { kind: 'failed', message } }),
    );
    return () => stop.abort();
  }, [given, edits]);

  const decoded = explainedImage(state);
  const which = edits.length === 0 ? 'given' : 'edited';
  const { method, layer, runs, question, say } = view;
  const target = explainedTarget(state);
  const isUnasked = lacksQuestion(state);
  useEffect(() => {
    if (opened === null || decoded === null || isUnasked) return undefined;
    const { work: last, unedited: known } = state.explanation;
    if (last.kind === 'cancelled') return undefined;
    if (which === 'given' && known !== null) {
      // All edits were undone, and this map was computed before them.
      dispatch({ type: 'explained', explanation: known });
      return undefined;
    }
    const stop = new AbortController();
    work.current = stop;
    dispatch({ type: 'work-changed', work: { kind: 'busy', progress: null } });
    const explain = async (image: 'given' | 'edited') =>
      client.current!.call(
        'explain',
        { method, layer, target, runs, question, say, image },
        {
          signal: stop.signal,
          onProgress: (progress) =>
            dispatch({ type: 'work-changed', work: { kind: 'busy', progress } }),
        },
      );
    perform(
      async () => {
        const explanation = await explain(which);
        const isCompared = which === 'edited' && known === null;
        return { explanation, unedited: isCompared ? await explain('given') : undefined };
      },
      (found) => dispatch({ type: 'explained', ...found }),
      (message) => dispatch({ type: 'work-changed', work: { kind: 'failed', message } }),
    );
    return () => stop.abort();
  }, [opened, decoded, isUnasked, method, layer, target, runs, question, say, attempt]);

  useEffect(() => {
    if (opened === null || decoded === null || isUnasked) return undefined;
    const stop = new AbortController();
    perform(
      () =>
        client.current!.call(
          'explainLayers',
          { method, target, question, say, image: which },
          { signal: stop.signal },
        ),
      (strip) => dispatch({ type: 'strip-drawn', strip }),
      // The error is not shown here, because the explanation fails for the same reason and reports it.
      () => dispatch({ type: 'strip-drawn', strip: null }),
    );
    return () => stop.abort();
  }, [opened, decoded, isUnasked, method, target, question, say]);

  return {
    cancel: () => {
      work.current?.abort();
      dispatch({ type: 'work-changed', work: { kind: 'cancelled' } });
    },
    saveEdited: async () => client.current!.call('saveEdited', null),
  };
}

/** The place of a model on this server. */
function placeOf(id: string): ModelPlace {
  const address = new URL(`./models/${encodeURIComponent(id)}/`, location.href).href;
  return { kind: 'served', address };
}

/** Reads `224x224` as height and width. Other text gives sizes that core refuses with a message. */
function parseSize(text: string): readonly [height: number, width: number] {
  const [height = NaN, width = NaN, ...rest] = text.split(/\s*[x×]\s*/).map(Number);
  return rest.length === 0 ? [height, width] : [NaN, NaN];
}

/** Reports how a call ended. An aborted call reports nothing. */
function perform<T>(
  call: () => Promise<T>,
  succeed: (answer: T) => void,
  fail: (message: string) => void,
): void {
  call().then(succeed, (error: unknown) => {
    if (error instanceof CallFailure) fail(error.message);
    else if (!(error instanceof DOMException && error.name === 'AbortError')) throw error;
  });
}
