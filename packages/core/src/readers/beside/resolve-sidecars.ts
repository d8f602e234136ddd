import { describeBoxReading } from '../../network/box-reading.ts';
import type { ResizeFilter } from '../../artifact/artifact.ts';
import { dropUndefined } from '../../base/drop-undefined.ts';
import type { ClassNames } from '../labels/labels.ts';
import { countClasses, isBinary, type OutputShape } from '../../network/output-kind.ts';
import type { Sidecar, SidecarInput, Sidecars } from './sidecar.ts';

/**
 * The facts that are used from the files beside a model. Each fact comes from the most trusted file
 * that states it.
 */
export interface Told {
  readonly classNames?: ClassNames;
  readonly pixels?: NonNullable<SidecarInput['pixels']>;
  readonly channelOrder?: 'rgb' | 'bgr';
  readonly fit?: NonNullable<SidecarInput['fit']>;
  readonly resize?: ResizeFilter;
  readonly defaultLayer?: string;
  /** One line for each file that is used, with the facts taken from it. */
  readonly readFrom: readonly string[];
  /** One line for each fact that is not used, with the reason. */
  readonly notUsed: readonly string[];
}

/** The model that the files must fit. */
export interface ToldFor {
  /** [height, width, channels] of the model's picture; null where it takes none. */
  readonly image: readonly number[] | null;
  /** The output whose classes are named. */
  readonly output: OutputShape;
  /** Which facts the caller of the loader states. They are not taken from files. */
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
 * Chooses facts from the files beside a model. The number of names must equal the number of classes,
 * and sizes and channels must be those of the network. A fact that does not fit is not used, and a note
 * says so. Scale, mean and std come from one file together, because halves of two normalisations make
 * no sense.
 */
export function resolveSidecars({ found, notUsed: unread }: Sidecars, model: ToldFor): Told {
  let told: Omit<Told, 'readFrom' | 'notUsed'> = {};
  const readFrom: string[] = [];
  const notUsed = [...unread];
  for (const sidecar of found) {
    const refuse = (what: string): void => {
      notUsed.push(`${sidecar.file}: ${what}`);
    };
    const names = chooseNames(sidecar, told.classNames, model, refuse);
    const input = chooseInput(sidecar, told, model, refuse);
    const { defaultLayer, imageInput, boxes, text } = sidecar;
    const isLayer = defaultLayer !== undefined && told.defaultLayer === undefined;
    for (const line of Object.keys(input).length > 0 ? (sidecar.notUsed ?? []) : []) refuse(line);
    const used = [
      ...(names === null ? [] : [`${names.labels.length} class names`]),
      ...describeInput(input, sidecar),
      ...(isLayer ? [`maps by default at ${defaultLayer}`] : []),
      ...(imageInput === undefined || model.stated.imageInput
        ? []
        : [`pictures go to the input ${imageInput}`]),
      ...(boxes === undefined ? [] : [`boxes ${describeBoxReading(boxes)}`]),
      ...(text === undefined ? [] : [`${text.role}s go to the input ${text.input}`]),
    ];
    told = dropUndefined({
      ...told,
      ...input,
      classNames: names ?? told.classNames,
      defaultLayer: told.defaultLayer ?? defaultLayer,
    });
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

/**
 * Completes the names of an output with one sigmoid: a single name is that of class 1, and class 0 is
 * the rest.
 */
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
  const chosen = <T>(value: T | undefined, isStated: boolean, before: T | undefined) =>
    isStated || before !== undefined ? undefined : value;
  return dropUndefined({
    pixels: isWanted && fits ? spread(pixels, channels) : undefined,
    channelOrder: chosen(
      isOrdered ? channelOrder : undefined,
      stated.channelOrder,
      told.channelOrder,
    ),
    resize: chosen(resize, stated.resize, told.resize),
    fit: chosen(fit, stated.fit, told.fit),
  });
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

/** The formula in words, or its pixel range where it has a name. */
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

/** The name of a filter for messages, such as `bicubic`. */
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
