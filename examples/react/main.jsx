import { createRoot } from 'react-dom/client';
import { Explained } from './explained.jsx';

createRoot(document.querySelector('#root')).render(
  <Explained image="cat-and-dog.png" model="demo-resnet/" name="cat" />,
);
