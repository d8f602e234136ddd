import type { ResultExplanation, ResultLine, RunSettings } from '@gradcam/core';
import type { Colours } from '../map/paint.ts';
import { arrangeMatrix } from '../state/matrix.ts';
import { explanationKey } from '../state/select.ts';
import type { PictureKind } from '../state/view.ts';
import { describeExplanation } from '../text/describe.ts';
import { formatAnswer, methodTitle, targetName } from '../text/format.ts';
import { MapLayer } from './map-layer.tsx';
import { useMapData } from './use-map-data.ts';

/** Longest side of a map in the table, in pixels. */
const MAX_SIDE = 320;

interface MatrixProps {
  base: string;
  line: ResultLine;
  settings: RunSettings;
  picture: PictureKind;
  colours: Colours;
  chosen: ResultExplanation;
  onChoose: (key: string) => void;
}

/** A table of all maps of an image: rows are methods and layers, columns are targets. A click opens a map. */
export function MapMatrix(props: MatrixProps) {
  const { line } = props;
  const { rows, columns } = arrangeMatrix(line.explanations);
  return (
    <div class="matrix-room">
      <table class="matrix" style={{ '--columns': columns.length }}>
        <thead>
          <tr>
            <td />
            {columns.map((column) => (
              <th key={explanationKey(column)} scope="col">
                {targetName(column, line.predictions)}
                <span>{formatAnswer(column.diagnostics)}</span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ method, layer, cells }) => (
            <tr key={`${method}/${layer}`}>
              <th scope="row">
                {methodTitle(method)}
                <span>{layer}</span>
              </th>
              {cells.map((cell, i) => (
                <td key={explanationKey(columns[i]!)}>
                  {cell === undefined ? (
                    <span class="matrix-none">–</span>
                  ) : (
                    <MatrixCell {...props} explanation={cell} />
                  )}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function MatrixCell(props: MatrixProps & { explanation: ResultExplanation }) {
  const { base, line, settings, picture, colours, chosen, onChoose, explanation } = props;
  const state = useMapData({ base, line, settings, explanation, maxSide: MAX_SIDE });
  const isBlank = explanation.diagnostics.blank !== undefined;
  return (
    <button
      type="button"
      class="matrix-cell"
      style={{ '--ratio': line.width / line.height }}
      aria-label={`Show ${describeExplanation(line, explanation)}${isBlank ? ', blank' : ''}`}
      aria-pressed={explanation === chosen}
      onClick={() => onChoose(explanationKey(explanation))}
    >
      <MapLayer
        base={base}
        line={line}
        explanation={explanation}
        picture={picture}
        state={state}
        colours={colours}
        label=""
      />
      {isBlank && <span class="matrix-blank">blank</span>}
    </button>
  );
}
