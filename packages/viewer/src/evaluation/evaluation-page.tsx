import { useEffect, useMemo, useState } from 'preact/hooks';
import { usePermalink } from '../components/use-permalink.ts';
import { countOf, formatMoment } from '../text/format.ts';
import { CurveChart, type LineStyle } from './curve-chart.tsx';
import type { EvaluatedImage, Evaluation } from './evaluation.ts';
import { readEvaluationLink, writeEvaluationLink, type EvaluationView } from './evaluation-view.ts';
import { ImageNumbers } from './image-numbers.tsx';
import { loadEvaluation, type LoadedEvaluation } from './load-evaluation.ts';
import { listCurves, meanCurves } from './mean-curves.ts';
import { MetricTable } from './metric-table.tsx';

/**
 * The page of an evaluation: its curves, its table, and the numbers of each image beside its maps. A report
 * leads to no other page.
 */
export function EvaluationPage({ base, isReport = false }: { base: string; isReport?: boolean }) {
  const [loaded, setLoaded] = useState<LoadedEvaluation>({ kind: 'loading' });
  useEffect(() => void loadEvaluation(base).then(setLoaded), [base]);
  const title =
    loaded.kind === 'open' ? `Evaluation of ${loaded.evaluation.model} – gradcam` : 'gradcam';
  useEffect(() => {
    document.title = title;
  }, [title]);
  if (loaded.kind === 'open')
    return <OpenEvaluation base={base} loaded={loaded} isReport={isReport} />;
  return (
    <main class="notice">
      <h1 class="wordmark">gradcam</h1>
      <div role="status">{describe(loaded)}</div>
    </main>
  );
}

function describe(loaded: Exclude<LoadedEvaluation, { kind: 'open' }>) {
  if (loaded.kind === 'loading') return <p>Opening the evaluation …</p>;
  if (loaded.kind === 'broken') {
    return (
      <>
        <h2>This evaluation cannot be read</h2>
        <p>{loaded.message}</p>
      </>
    );
  }
  return (
    <>
      <h2>There is no evaluation here</h2>
      <p>
        The folder that is served has no <code>evaluation.json</code>. Evaluate a run and open it:
      </p>
      <pre>
        <code>{'gradcam evaluate my-run --model demo-resnet\ngradcam view my-run'}</code>
      </pre>
    </>
  );
}

function OpenEvaluation(props: {
  base: string;
  loaded: Extract<LoadedEvaluation, { kind: 'open' }>;
  isReport: boolean;
}) {
  const { base, loaded, isReport } = props;
  const { evaluation, images, lines } = loaded;
  const [view, setView] = useState<EvaluationView>(() => readEvaluationLink(location.hash));
  const change = (part: Partial<EvaluationView>): void => setView((now) => ({ ...now, ...part }));
  usePermalink(writeEvaluationLink(view), null, (fragment) =>
    setView(readEvaluationLink(fragment)),
  );
  const rows = evaluation.rows.map(({ row }) => row);
  const charts = useMemo(
    () => listCurves(images).map((name) => ({ name, curves: meanCurves(images, name, rows) })),
    [images, evaluation],
  );
  const hidden = new Set(view.hidden.split(',').filter(Boolean));
  const toggle = (row: string): void => {
    if (!hidden.delete(row)) hidden.add(row);
    change({ hidden: [...hidden].join(',') });
  };
  const named = images.findIndex((one) => keyOf(one) === view.image);
  return (
    <>
      <Header evaluation={evaluation} hasRun={!isReport && lines.size > 0} />
      <main class="evaluation">
        <section aria-labelledby="table-title">
          <h2 id="table-title">All metrics</h2>
          <MetricTable
            evaluation={evaluation}
            sorting={{ column: view.sort, direction: view.direction }}
            onSort={({ column, direction }) => change({ sort: column, direction })}
          />
        </section>
        {charts.length > 0 && (
          <section aria-labelledby="curves-title">
            <h2 id="curves-title">Curves</h2>
            <div class="curves">
              {charts.map(({ name, curves }) => (
                <CurveChart
                  key={name}
                  name={name}
                  curves={curves}
                  shares={name.startsWith('road') ? evaluation.removed : []}
                  styleOf={(row) => styleOf(evaluation, row)}
                  hidden={hidden}
                  onToggle={toggle}
                />
              ))}
            </div>
          </section>
        )}
        <ImageNumbers
          base={base}
          images={images}
          chosen={Math.max(0, named)}
          evaluation={evaluation}
          lines={lines}
          onChoose={(index) => change({ image: keyOf(images[index]!) })}
        />
      </main>
    </>
  );
}

/** Names an image in a link, with its question behind a line break, as the links of a run's page do. */
function keyOf({ image, question }: EvaluatedImage): string {
  return question === undefined ? image : `${image}\n${question}`;
}

function Header({ evaluation, hasRun }: { evaluation: Evaluation; hasRun: boolean }) {
  const { model, engine, finishedAt, images, settings } = evaluation;
  return (
    <header class="run-header">
      <div class="run-title">
        <p class="wordmark">gradcam</p>
        <h1>Evaluation of {model}</h1>
        {hasRun && (
          <a class="live-link" href="./">
            Back to the run
          </a>
        )}
      </div>
      <p class="run-summary">
        <span>{countOf(images.evaluated, 'image')}</span>
        <span>{images.classes.toLocaleString('en')} explained classes</span>
        {images.withoutClass > 0 && (
          <span>{countOf(images.withoutClass, 'image')} without a class</span>
        )}
        {images.failed > 0 && <span class="bad">{countOf(images.failed, 'image')} failed</span>}
        <span>{engine}</span>
        <time dateTime={finishedAt}>{formatMoment(finishedAt)}</time>
      </p>
      <details class="run-details">
        <summary>Settings</summary>
        <dl class="facts">
          {settings.map(([name, text]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{text === '' ? '–' : text}</dd>
            </div>
          ))}
        </dl>
      </details>
    </header>
  );
}

/** The number of colours in the style sheet. */
const COLOURS = 6;
const dashes = ['', '7 3', '2 3', '9 3 2 3'] as const;

/** Methods get the colours in turn and then other dashes; baselines are gray. */
function styleOf({ rows }: Evaluation, row: string): LineStyle {
  const own = rows.find((one) => one.row === row);
  const alike = rows.filter(({ isBaseline }) => isBaseline === own?.isBaseline);
  const place = alike.findIndex((one) => one === own);
  if (own?.isBaseline === true) {
    return { className: 'line-baseline', dash: dashes[(place + 1) % dashes.length]! };
  }
  return {
    className: `line-${place % COLOURS}`,
    dash: dashes[Math.floor(place / COLOURS) % dashes.length]!,
  };
}
