/**
 * Colours of other libraries that are none of our colormaps. `blues`: matplotlib's Blues for 0..1, from white
 * to dark blue. `red-white-green`: captum's colours of signed values, -1..1, red against and green for.
 */
export const peerColourNames = ['blues', 'red-white-green'] as const;

export type PeerColours = (typeof peerColourNames)[number];

/** Whether a name is that of a peer's colours, and not of a colormap. */
export function isPeerColours(name: string): name is PeerColours {
  return peerColourNames.some((one) => one === name);
}

/** The nine colours of ColorBrewer between which matplotlib interpolates Blues. */
const BLUES = [
  ...[[247, 251, 255] as const, [222, 235, 247] as const, [198, 219, 239] as const],
  ...[[158, 202, 225] as const, [107, 174, 214] as const, [66, 146, 198] as const],
  ...[[33, 113, 181] as const, [8, 81, 156] as const, [8, 48, 107] as const],
];

/** matplotlib's names: its green is half as bright as full green. */
const RED_WHITE_GREEN = [[255, 0, 0] as const, [255, 255, 255] as const, [0, 128, 0] as const];

const STEPS = 256;

/** The RGB colour of a value, in 256 steps and cut to whole numbers as matplotlib does. */
export function peerColour(
  name: PeerColours,
  value: number,
): readonly [red: number, green: number, blue: number] {
  const share = name === 'blues' ? Math.abs(value) : (value + 1) / 2;
  const step = Math.floor(Math.min(1, Math.max(0, share)) * STEPS + 1e-6);
  const anchors = name === 'blues' ? BLUES : RED_WHITE_GREEN;
  const place = (Math.min(STEPS - 1, step) / (STEPS - 1)) * (anchors.length - 1);
  const before = Math.min(anchors.length - 2, Math.floor(place));
  const part = (channel: 0 | 1 | 2): number => {
    const [from, to] = [anchors[before]![channel], anchors[before + 1]![channel]];
    return Math.floor(from + (to - from) * (place - before) + 1e-6);
  };
  return [part(0), part(1), part(2)];
}
