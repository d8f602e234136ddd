import { resolveColours } from '../map/colours.ts';
import type { Colours } from '../map/paint.ts';
import type { EditAction } from './edit-state.ts';
import { EditedStage } from './edited-stage.tsx';
import { LayerStrip } from './layer-strip.tsx';
import {
  explainedImage,
  type ChangeLiveView,
  type ImageState,
  type LiveState,
} from './live-state.ts';
import { liveColours } from './live-view.ts';

/** An image with its map, the tools that edit it, and its maps at other layers. */
export function ExplainedImage(props: {
  state: LiveState;
  image: Extract<ImageState, { kind: 'ready' }>;
  colours: Colours;
  change: ChangeLiveView;
  edit: (action: EditAction) => void;
  /** Returns the edited image as a PNG file. */
  saveEdited: () => Promise<Blob>;
}) {
  const { state, change, ...stage } = props;
  return (
    <>
      <EditedStage state={state} {...stage} />
      <Strip state={state} change={change} />
    </>
  );
}

function Strip({ state, change }: { state: LiveState; change: ChangeLiveView }) {
  const { strip, shown } = state.explanation;
  const explained = explainedImage(state);
  if (explained === null || strip === null || shown === null) return null;
  const own = state.methods.find(({ name }) => name === state.view.method);
  // A method without a layer has no entry in the strip.
  const choose = (layer: string): void =>
    change(own?.usesLayer === false ? { layer, method: strip.method } : { layer });
  return (
    <LayerStrip
      strip={strip}
      preview={explained.preview}
      colours={resolveColours(state.view, liveColours)}
      chosen={shown.line.explanations[0]?.layer ?? null}
      onChoose={choose}
    />
  );
}
