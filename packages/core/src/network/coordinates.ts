import { nameOfHead, type Head, type Network } from './network.ts';

/** Names of outputs that hold the places of points. */
const OF_POINTS =
  /(?:^|[^a-z])(?:landmarks?|lmks?|mesh|key_?points?|kpts?|points?|coords?|coordinates?|contours?|ld_[23]d|world_[23]d|lips|iris|(?:left|right)_(?:eye|iris))(?:[^a-z]|$)/i;

/** Names of models that find points. */
const FINDS_POINTS =
  /landmark|face_?mesh|key_?point|(?:^|[^a-z])iris(?:[^a-z]|$)|hand_?(?:pose|skeleton)|pose_?estimation/i;

/** Numbers of coordinates of published models of faces, hands and bodies: of 21, 33, 39, 68, .. points. */
const USUAL: ReadonlySet<number> = new Set([
  ...[42, 63, 84, 99, 117, 132, 136, 165, 195, 196, 212, 1404, 1434],
]);

/** Names of maps that hold how far it is from each place to a point. */
const OF_OFFSETS = /(?:^|[^a-z])(?:displacements?|offsets?|pafs?)(?:[^a-z]|$)/i;

/** Names of maps that hold how likely a point is at each place. */
const OF_HEAT = /heat_?maps?(?:[^a-z]|$)/i;

/** Fewer numbers than four points have are taken for scores. */
const LEAST = 8;

/**
 * Whether an output holds coordinates and not scores. A list does if it has plain numbers and its name says
 * so, or as many as known models have beside an output of one number, which says whether there is a face or a
 * hand at all. A map does if its name says that it holds offsets.
 */
export function holdsCoordinates(
  head: Head,
  { name, heads }: Pick<Network, 'name' | 'heads'>,
): boolean {
  const { activation, shape, classes, detector } = head;
  const own = nameOfHead(head).split('/').slice(-2).join('/');
  if (shape.length === 3 && shape[0]! * shape[1]! > 1) {
    return activation === 'linear' && shape[2]! % 2 === 0 && OF_OFFSETS.test(own);
  }
  const isList = shape.filter((size) => size > 1).length === 1 && detector === undefined;
  const isOfPoints = classes % 2 === 0 || classes % 3 === 0;
  if (activation !== 'linear' || !isList || !isOfPoints || classes < LEAST) return false;
  const hasFlag = heads.some((one) => one !== head && one.classes === 1);
  return OF_POINTS.test(own) || FINDS_POINTS.test(name) || (hasFlag && USUAL.has(classes));
}

/** The network with its outputs of coordinates marked as such. */
export function withCoordinates(network: Network): Network {
  const heads = network.heads.map((head): Head =>
    holdsCoordinates(head, network) ? { ...head, coordinates: true } : head,
  );
  return { ...network, heads };
}

/**
 * The index of the output that is explained where the first one holds coordinates: a heat map of the points,
 * or one number that says whether they are there; null where there is none, or the first output is another.
 */
export function findPresence(network: Network): number | null {
  const [first] = network.heads;
  if (first === undefined || !holdsCoordinates(first, network)) return null;
  const heat = network.heads.findIndex(
    (head) => OF_HEAT.test(nameOfHead(head)) && !holdsCoordinates(head, network),
  );
  const place = heat < 0 ? network.heads.findIndex(({ classes }) => classes === 1) : heat;
  return place < 0 ? null : place;
}
