import catAndDog from 'demo-scenes/cat-and-dog.png?url';
import garden from 'demo-scenes/garden.png?url';
import parade from 'demo-scenes/parade.png?url';
import street from 'demo-scenes/street.png?url';
import type { ImageSource } from './live-state.ts';

/** An image that comes with the page. */
export interface Sample {
  /** The sample's name in a permalink. */
  readonly name: string;
  readonly title: string;
  readonly address: string;
}

/** Scenes that the demo nets have not seen in training. */
export const samples: readonly Sample[] = [
  { name: 'cat-and-dog', title: 'Cat and dog', address: catAndDog },
  { name: 'garden', title: 'Garden', address: garden },
  { name: 'street', title: 'Street', address: street },
  { name: 'parade', title: 'Parade', address: parade },
];

/** Reads a sample from this server. */
export async function readSample({ name, address }: Sample): Promise<ImageSource> {
  const response = await fetch(address);
  return { blob: await response.blob(), name: `${name}.png` };
}
