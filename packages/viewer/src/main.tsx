import { render } from 'preact';
import { App } from './components/app.tsx';

/** The run lies beside the page on the same server. */
const RUN_BASE = './run/';

render(<App base={RUN_BASE} />, document.querySelector('#app')!);
