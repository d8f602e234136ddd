import { render } from 'preact';
import { App } from './components/app.tsx';
import { embedFiles } from './run/file-address.ts';
import './styles/index.css';

/**
 * The page of a report. The document contains the run's files as JSON from path to `data:` address, so that
 * the report opens from a disk, where a page may not read other files.
 */
const files = document.querySelector('#run-files')?.textContent ?? '{}';
embedFiles(JSON.parse(files) as Record<string, string>);

render(<App base="" against={null} pictures={() => ''} />, document.querySelector('#app')!);
