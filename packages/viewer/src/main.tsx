import { render } from 'preact';
import { App } from './components/app.tsx';
import { RunNotice } from './components/run-notice.tsx';
import { choosePictureSource } from './run/picture-source.ts';
import { readServedRun } from './run/served.ts';

/** The run folders are beside the page on the same server. */
const RUN_BASE = './run/';
const OTHER_RUN_BASE = './against/';

const root = document.querySelector('#app')!;
// A notice is shown at once, because a slow server must not leave the page empty.
render(<RunNotice run={{ kind: 'loading' }} />, root);
const served = await readServedRun();
render(
  <App
    base={RUN_BASE}
    hasEvaluation={served.evaluation}
    hasReport={served.report}
    models={served.models}
    against={served.against ? OTHER_RUN_BASE : null}
    pictures={choosePictureSource(RUN_BASE, served.thumbnailSides)}
  />,
  root,
);
