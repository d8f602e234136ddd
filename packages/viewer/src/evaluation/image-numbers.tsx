import type { ResultLine } from '@gradcam/core';
import { choosePicture } from '../components/choose-picture.ts';
import { sharedFolder } from '../run/entry.ts';
import { fileAddress } from '../run/file-address.ts';
import { formatPercent } from '../text/format.ts';
import type { EvaluatedClass, EvaluatedImage, Evaluation } from './evaluation.ts';
import { findMap, pictureKey } from './load-evaluation.ts';
import { formatNumber, metricTitle, rowTitle } from './names.ts';

/** The numbers of every map of one image, each beside its map where the folder has a run with it. */
export function ImageNumbers(props: {
  base: string;
  images: readonly EvaluatedImage[];
  chosen: number;
  evaluation: Pick<Evaluation, 'metrics' | 'rows'>;
  lines: ReadonlyMap<string, ResultLine>;
  onChoose: (index: number) => void;
}) {
  const { base, images, chosen, evaluation, lines, onChoose } = props;
  const image = images[chosen];
  const folder = sharedFolder(images.map((one) => one.image));
  if (image === undefined) return null;
  return (
    <section aria-labelledby="images-title">
      <h2 id="images-title">Each image</h2>
      <div class="image-steps">
        <button
          type="button"
          class="icon-button"
          aria-label="Previous image"
          disabled={chosen === 0}
          onClick={() => onChoose(chosen - 1)}
        >
          ←
        </button>
        <label class="field">
          <span class="visually-hidden">Image</span>
          <select
            value={String(chosen)}
            onChange={(event) => onChoose(Number(event.currentTarget.value))}
          >
            {images.map((one, i) => (
              <option key={i} value={String(i)}>
                {one.image.slice(folder.length)}
                {one.question !== undefined && `: ${one.question}`}
              </option>
            ))}
          </select>
        </label>
        <button
          type="button"
          class="icon-button"
          aria-label="Next image"
          disabled={chosen === images.length - 1}
          onClick={() => onChoose(chosen + 1)}
        >
          →
        </button>
        <span>
          {(chosen + 1).toLocaleString('en')} of {images.length.toLocaleString('en')}
        </span>
      </div>
      {image.classes.length === 0 && (
        <p class="message">None of the annotated classes of this image is a class of the model.</p>
      )}
      {image.classes.map((one) => (
        <ClassNumbers
          key={`${pictureKey(image.sha256, image.question)} ${one.index}`}
          base={base}
          own={one}
          evaluation={evaluation}
          line={lines.get(pictureKey(image.sha256, image.question))}
        />
      ))}
    </section>
  );
}

function ClassNumbers(props: {
  base: string;
  own: EvaluatedClass;
  evaluation: Pick<Evaluation, 'metrics' | 'rows'>;
  line: ResultLine | undefined;
}) {
  const { base, own, evaluation, line } = props;
  const { metrics, rows } = evaluation;
  const baselines = new Set(rows.flatMap(({ row, isBaseline }) => (isBaseline ? [row] : [])));
  const title = `${own.label}, ${formatPercent(own.probability)}`;
  return (
    <div class="evaluation-scroll" tabIndex={0} role="region" aria-label={`Numbers for ${title}`}>
      <table class="evaluation-table">
        <caption>{title}</caption>
        <thead>
          <tr>
            <th scope="col">Map</th>
            {metrics.map(({ name }) => (
              <th key={name} scope="col">
                {metricTitle(name)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {own.maps.map(({ row, values, reasons }) => (
            <tr key={row} class={baselines.has(row) ? 'baseline' : undefined}>
              <th scope="row">
                <MapThumbnail base={base} line={line} row={row} own={own} />
                {rowTitle(row)}
                {baselines.has(row) && <span class="badge">baseline</span>}
              </th>
              {metrics.map(({ name }) => {
                const value = values.get(name);
                return (
                  <td key={name}>
                    {typeof value === 'number' ? formatNumber(value) : '–'}
                    {reasons.has(name) && <span class="not-better">{reasons.get(name)}</span>}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function MapThumbnail(props: {
  base: string;
  line: ResultLine | undefined;
  row: string;
  own: EvaluatedClass;
}) {
  const { base, line, row, own } = props;
  const map = findMap(line, row, own.index);
  const picture = map === undefined ? null : choosePicture(map.files, 'overlay');
  if (line === undefined || picture === null) return null;
  return (
    <img
      class="evaluation-map"
      src={fileAddress(base, picture.path)}
      alt=""
      style={{ '--ratio': line.width / line.height }}
    />
  );
}
