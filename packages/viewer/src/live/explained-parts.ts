/** The parts of the page that need an image. They are loaded with the first one. */
export { EditEffect } from './edit-effect.tsx';
export { ExplainedImage } from './explained-image.tsx';
export { PictureSection } from './picture-section.tsx';
