// @ts-check
// What the scenes for questions and captions hold: several objects of a class, to be counted, and objects
// of other colours than their drawings have.
import { PAINTS } from './colours.mjs';
import { LABELS } from './pictograms.mjs';

/** Of scenes of several objects, those in which one class occurs more than once. */
const REPEATED = 0.4;
/** Of all scenes, those in which objects are painted, and of the objects in these, those that are. */
const PAINTED_SCENES = 0.7;
const PAINTED_OBJECTS = 0.7;

/**
 * Chooses the objects of a scene.
 *
 * @param {import('./prng.mjs').Random} random a stream of its own
 * @param {readonly number[]} counts numbers of objects, each as likely
 * @returns {{classes: number[], paints: (import('./colours.mjs').Paint | null)[]}}
 */
export function chooseObjects(random, counts) {
  const count = random.pick(counts);
  const [first = 0, ...others] = random.shuffle(LABELS.map((_, index) => index));
  const alike = count > 1 && random.chance(REPEATED) ? random.int(2, count) : 1;
  const repeated = Array.from({ length: alike }, () => first);
  const classes = random.shuffle([...repeated, ...others.slice(0, count - alike)]);
  const isPainted = random.chance(PAINTED_SCENES);
  const paints = classes.map(() => {
    const paint = random.pick(PAINTS);
    return random.chance(PAINTED_OBJECTS) && isPainted ? paint : null;
  });
  return { classes, paints };
}
