/** The parts of the page that need an image, or a model that knows words. They are loaded with the first. */
export { EditEffect } from './edit-effect.tsx';
export { ExplainedImage } from './explained-image.tsx';
export { PictureSection } from './picture-section.tsx';
export { WordsPanel } from './words-panel.tsx';
