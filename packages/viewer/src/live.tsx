import { render } from 'preact';
import { LivePage } from './live/live-page.tsx';

render(<LivePage />, document.querySelector('#app')!);
