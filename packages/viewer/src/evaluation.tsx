import { render } from 'preact';
import { EvaluationPage } from './evaluation/evaluation-page.tsx';

/** The folder of the evaluation is beside the page on the same server. */
render(<EvaluationPage base="./run/" />, document.querySelector('#app')!);
