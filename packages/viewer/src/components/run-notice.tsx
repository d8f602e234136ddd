import type { RunState } from '../state/state.ts';

/** The message of the page while there is no run to show. */
export function RunNotice({ run }: { run: Exclude<RunState, { kind: 'open' }> }) {
  return (
    <main class="notice">
      <h1 class="wordmark">gradcam</h1>
      <div role="status">{describe(run)}</div>
    </main>
  );
}

function describe(run: Exclude<RunState, { kind: 'open' }>) {
  switch (run.kind) {
    case 'loading':
      return <p>Opening the run …</p>;
    case 'missing':
      return (
        <>
          <h2>There is no run here</h2>
          <p>
            The folder that is served has no <code>run.json</code>. Make a run and open it:
          </p>
          <pre>
            <code>
              {'gradcam explain photos --model demo-resnet --out my-run\ngradcam view my-run'}
            </code>
          </pre>
          <p>
            This page opens it as soon as it is there. Or{' '}
            <a class="live-link" href="./live.html">
              explain an image live
            </a>
            .
          </p>
        </>
      );
    case 'unreachable':
      return (
        <>
          <h2>The server does not answer</h2>
          <p>
            Start it again with <code>gradcam view</code>; this page goes on by itself.
          </p>
        </>
      );
    case 'broken':
      return (
        <>
          <h2>This run cannot be read</h2>
          <p>{run.message}</p>
        </>
      );
  }
}
