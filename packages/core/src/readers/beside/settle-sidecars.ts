import type { ResizeFilter } from '../../artifact/artifact.ts';
import type { ClassNames } from '../labels/labels.ts';
import { countClasses, isBinary, type OutputShape } from '../../network/output-kind.ts';
import type { Sidecar, SidecarInput, Sidecars } from './sidecar.ts';

/** What the files beside a model say of it, after what comes before them: each from the first that says it. */
export interface Told {
  readonly classNames?: ClassNames;
  readonly pixels?: NonNullable<SidecarInput['pixels']>;
  readonly channelOrder?: 'rgb' | 'bgr';
  readonly fit?: NonNullable<SidecarInput['fit']>;
  readonly resize?: ResizeFilter;
  readonly defaultLayer?: string;
  /** One line for each file of which something is used, what that is. */
  readonly readFrom: readonly string[];
  /** One line for each thing that is not, with the reason. */
  readonly notUsed: readonly string[];
}

/** What the files are held against. */
export interface ToldFor {
  /** [height, width, channels] of the model's picture; null where it has none. */
  readonly image: readonly number[] | null;
  /** Its output, whose classes are named. */
  readonly output: OutputShape;
  /** What was stated by whoever loads the model, and is not looked for here. */
  readonly stated: {
    readonly classNames: boolean;
    readonly pixels: boolean;
    readonly channelOrder: boolean;
    readonly fit: boolean;
    readonly resize: boolean;
    readonly imageInput: boolean;
  };
}

/**
 * Chooses from files beside a model. Names must be as many as the classes, sizes and channels those of the
 * network; what is not so is said and not used. Pixels are taken from one file whole: half of one
 * normalisation with half of another would be none.
 */
export function settleSidecars({ found, notUsed: unread }: Sidecars, model: ToldFor): Told {
  let told: Omit<Told, 'readFrom' | 'notUsed'> = {};
  const readFrom: string[] = [];
  const notUsed = [...unread];
  for (const sidecar of found) {
    const refuse = (what: string): void => {
      notUsed.push(`${sidecar.file}: ${what}`);
    };
    const names = chooseNames(sidecar, told.classNames, model, refuse);
    const input = chooseInput(sidecar, told, model, refuse);
    const { defaultLayer, imageInput } = sidecar;
    const isLayer = defaultLayer !== undefined && told.defaultLayer === undefined;
    for (const line of Object.keys(input).length > 0 ? (sidecar.notUsed ?? []) : []) refuse(line);
    const used = [
      ...(names === null ? [] : [`${names.labels.length} class names`]),
      ...describeInput(input, sidecar),
      ...(isLayer ? [`maps by default at ${defaultLayer}`] : []),
      ...(imageInput === undefined || model.stated.imageInput
        ? []
        : [`pictures go to the input ${imageInput}`]),
    ];
    told = {
      ...told,
      ...(names === null ? {} : { classNames: names }),
      ...input,
      ...(isLayer ? { defaultLayer } : {}),
    };
    if (used.length > 0) readFrom.push(`${sidecar.file}: ${used.join(', ')}`);
  }
  return { ...told, readFrom, notUsed };
}

function chooseNames(
  { classNames }: Sidecar,
  before: ClassNames | undefined,
  { output, stated }: ToldFor,
  refuse: (what: string) => void,
): ClassNames | null {
  if (classNames === undefined || stated.classNames || classNames.labels.length === 0) return null;
  const classes = countClasses(output);
  const fitted = nameTheRest(classNames, output);
  const count = fitted.labels.length;
  if (count !== classes) {
    const has = classes === 0 ? 'no classes' : `${classes} ${classes === 1 ? 'class' : 'classes'}`;
    refuse(`its ${count} names; the model has ${has}`);
    return null;
  }
  if (before === undefined) return fitted;
  const other = fitted.labels.findIndex((label, index) => label !== before.labels[index]);
  if (other >= 0) {
    refuse(
      `its names; it calls class ${other} '${fitted.labels[other]}', where '${before.labels[other]}' is used (state names with --labels)`,
    );
  }
  return null;
}

/** One name for a single sigmoid is that of class 1; class 0 is the rest. */
export function nameTheRest(names: ClassNames, output: OutputShape): ClassNames {
  const [only, ...others] = names.labels;
  if (!isBinary(output) || only === undefined || others.length > 0) return names;
  return { labels: [`not ${only}`, only], wnids: [] };
}

type ToldInput = Pick<Told, 'pixels' | 'channelOrder' | 'fit' | 'resize'>;

function chooseInput(
  { input = {} }: Sidecar,
  told: ToldInput,
  { image, stated }: ToldFor,
  refuse: (what: string) => void,
): ToldInput {
  if (image === null) return {};
  const [height, width, channels] = image as [number, number, number];
  const { size, pixels, channelOrder, fit, resize } = input;
  if (size !== undefined && (size[0] !== height || size[1] !== width)) {
    refuse(`its size ${size.join('x')}; the model takes ${height}x${width}`);
  }
  const isOne = channels === 1;
  if (channelOrder === 'gray' && !isOne) {
    refuse(`gray; the model takes ${channels} channels`);
  }
  const isWanted = pixels !== undefined && !stated.pixels && told.pixels === undefined;
  const fits =
    pixels !== undefined && [...countsOf(pixels)].every((n) => n === 1 || n === channels);
  if (isWanted && !fits) {
    refuse(
      `its ${Math.max(...countsOf(pixels))} numbers for mean and std; the model takes ${channels} channels`,
    );
  }
  const isOrdered = channelOrder !== undefined && channelOrder !== 'gray' && !isOne;
  return {
    ...(isWanted && fits ? { pixels: spread(pixels, channels) } : {}),
    ...(isOrdered && !stated.channelOrder && told.channelOrder === undefined
      ? { channelOrder }
      : {}),
    ...(resize !== undefined && !stated.resize && told.resize === undefined ? { resize } : {}),
    ...(fit !== undefined && !stated.fit && told.fit === undefined ? { fit } : {}),
  };
}

function countsOf({ mean, std }: NonNullable<SidecarInput['pixels']>): number[] {
  return [mean.length, std.length];
}

function spread(
  { scale, mean, std }: NonNullable<SidecarInput['pixels']>,
  channels: number,
): NonNullable<SidecarInput['pixels']> {
  const all = (values: readonly number[]): readonly number[] =>
    values.length === channels ? values : Array.from({ length: channels }, () => values[0]!);
  return { scale, mean: all(mean), std: all(std) };
}

function describeInput(
  { pixels, channelOrder, fit, resize }: ToldInput,
  { input }: Sidecar,
): string[] {
  const size = input?.size;
  const isUsed = pixels !== undefined || channelOrder !== undefined || fit !== undefined;
  return [
    ...(isUsed && size !== undefined ? [size.join('x')] : []),
    ...(pixels === undefined ? [] : [describePixels(pixels)]),
    ...(channelOrder === undefined ? [] : [`channels ${channelOrder.toUpperCase()}`]),
    ...(fit === undefined ? [] : [describeFit(fit)]),
    ...(resize === undefined || resize === 'bilinear-antialias'
      ? []
      : [`resized ${describeFilter(resize)}`]),
  ];
}

/** The formula, or the range where it is one that has a name. */
export function describePixels({ scale, mean, std }: NonNullable<SidecarInput['pixels']>): string {
  const [offset = 0] = mean;
  const isPlain = std.every((value) => value === 1) && mean.every((value) => value === offset);
  const round = (value: number): number => Number(value.toPrecision(4));
  if (isPlain) {
    const range = [round(-offset), round(255 * scale - offset)];
    return `pixels as ${range.join('..')}`;
  }
  const factor = Math.abs(scale * 255 - 1) < 1e-6 ? 'pixel / 255' : `pixel * ${round(scale)}`;
  return `pixels as (${factor} - [${mean.map(round).join(', ')}]) / [${std.map(round).join(', ')}]`;
}

/** `bicubic` for a person. */
export function describeFilter(filter: ResizeFilter): string {
  return filter.replace('-antialias', '');
}

function describeFit({ fit, cropFraction }: NonNullable<SidecarInput['fit']>): string {
  const part = Number((100 * cropFraction).toPrecision(3));
  if (fit === 'squash') {
    return cropFraction === 1 ? 'images squashed' : `the middle ${part} % of squashed images`;
  }
  if (fit === 'letterbox') return 'images letterboxed';
  return cropFraction === 1 ? 'the square in the middle' : `the middle ${part} % of the short side`;
}
