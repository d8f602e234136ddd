import { samples } from './samples.ts';

/** The images that come with the page, as buttons. */
export function SampleImages(props: {
  /** The sample that is shown, or null. */
  sample: string | null;
  /** Large buttons with names, for readers who see the page for the first time. */
  isLarge?: boolean;
  onChoose: (name: string) => void;
}) {
  const { sample, isLarge = false, onChoose } = props;
  return (
    <ul class={isLarge ? 'samples samples-large' : 'samples'} aria-label="Sample images">
      {samples.map(({ name, title, address }) => (
        <li key={name}>
          <button
            type="button"
            class="sample"
            title={title}
            aria-label={`Sample image: ${title}`}
            aria-pressed={name === sample}
            onClick={() => onChoose(name)}
          >
            <img src={address} alt="" width={48} height={48} />
            {isLarge && <span>{title}</span>}
          </button>
        </li>
      ))}
    </ul>
  );
}
