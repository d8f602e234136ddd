import { render } from 'preact';
import { App } from './components/app.tsx';
import { hasOtherRun } from './run/served.ts';

/** The runs lie beside the page on the same server. */
const RUN_BASE = './run/';
const OTHER_RUN_BASE = './against/';

const against = (await hasOtherRun()) ? OTHER_RUN_BASE : null;
render(<App base={RUN_BASE} against={against} />, document.querySelector('#app')!);
