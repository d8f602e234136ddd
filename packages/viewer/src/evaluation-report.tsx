import { render } from 'preact';
import { EvaluationPage } from './evaluation/evaluation-page.tsx';
import { embedFiles } from './run/file-address.ts';
import './styles/evaluation-page.css';

/** The page of an evaluation in one document, which contains its files as `report.tsx` says. */
const files = document.querySelector('#run-files')?.textContent ?? '{}';
embedFiles(JSON.parse(files) as Record<string, string>);

render(<EvaluationPage base="" isReport />, document.querySelector('#app')!);
