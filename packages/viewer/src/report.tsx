import { render } from 'preact';
import { App } from './components/app.tsx';
import { embedFiles } from './run/file-address.ts';
import './styles/index.css';

/**
 * The page of a report: the run's files are in the document, as JSON of path to `data:` address, so
 * that it opens from a disk, where a page may not read other files.
 */
const files = document.querySelector('#run-files')?.textContent ?? '{}';
embedFiles(JSON.parse(files) as Record<string, string>);

render(<App base="" against={null} pictures={() => ''} />, document.querySelector('#app')!);
