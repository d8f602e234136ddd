import { colormapNames, gradientStyles, type RunSettings } from '@gradcam/core';
import type { Colours } from '../map/paint.ts';
import { defaultView, type View } from '../state/view.ts';
import { Choice } from './choice.tsx';
import { styleMeanings, styleNames } from './gradient-styles.ts';
import { ColourBar } from './colour-bar.tsx';
import { Slider } from './slider.tsx';

const runOrigin = { mark: ' (as the run)', back: 'Back to how the run was made' };

/** The part of a view that says how maps are coloured. */
export type ColourView = Pick<View, 'colormap' | 'opacity' | 'threshold' | 'gamma' | 'gradients'>;

/** Controls for the colours of the maps. The page computes the colours from the raw map. */
export function ColourControls(props: {
  /** The values that apply where the view has none. */
  settings: Pick<RunSettings, 'colormap' | 'alpha' | 'gradients'>;
  /** The name of these values, beside their colormap and on the button that returns to them. */
  origin?: { readonly mark: string; readonly back: string };
  /** True where only the opacity can be changed: a difference of maps is always red and blue. */
  hasOwnColours?: boolean;
  /** Whether the map has a value for each channel of each pixel. */
  isGradient?: boolean;
  colours: Colours;
  view: ColourView;
  change: (change: Partial<ColourView>) => void;
}) {
  const { settings, origin = runOrigin, isGradient = false, colours, view, change } = props;
  const { colormap, opacity, threshold, gamma, gradients } = defaultView;
  const style = !isGradient || props.hasOwnColours === true ? null : colours.gradients;
  const hasOwnColours = props.hasOwnColours === true || style === 'colour' || style === 'signed';
  const isChanged =
    view.colormap !== colormap ||
    view.opacity !== opacity ||
    view.threshold !== threshold ||
    view.gamma !== gamma ||
    view.gradients !== gradients;
  const percent = (value: number): string => `${Math.round(value * 100)} %`;
  return (
    <section class="controls" aria-label="Colours">
      {style !== null && (
        <>
          <Choice
            label="Gradients"
            options={gradientStyles.map((value) => ({ value, text: styleNames[value] }))}
            chosen={style}
            onChoose={(value) => change({ gradients: value })}
          />
          <p class="field-note">{styleMeanings[style]}</p>
        </>
      )}
      {!hasOwnColours && (
        <>
          <label class="field">
            Colormap
            <select
              value={colours.colormap}
              onChange={(event) => {
                const { value } = event.currentTarget;
                change({ colormap: colormapNames.find((name) => name === value) ?? null });
              }}
            >
              {colormapNames.map((name) => (
                <option key={name} value={name}>
                  {name}
                  {name === settings.colormap ? origin.mark : ''}
                </option>
              ))}
            </select>
          </label>
          <ColourBar colours={colours} />
        </>
      )}
      {style !== 'colour' && (
        <Slider
          label="Opacity"
          value={colours.opacity}
          min={0}
          max={1}
          step={0.05}
          format={percent}
          onSlide={(value) => change({ opacity: value })}
        />
      )}
      {!hasOwnColours && (
        <>
          <Slider
            label="Threshold"
            value={view.threshold}
            min={0}
            max={1}
            step={0.05}
            format={percent}
            onSlide={(value) => change({ threshold: value })}
          />
          <Slider
            label="Gamma"
            value={view.gamma}
            min={0.2}
            max={3}
            step={0.1}
            format={(value) => value.toFixed(1)}
            onSlide={(value) => change({ gamma: value })}
          />
        </>
      )}
      {isChanged && (
        <button
          type="button"
          class="text-button"
          onClick={() => change({ colormap, opacity, threshold, gamma, gradients })}
        >
          {origin.back}
        </button>
      )}
    </section>
  );
}
