import { shortcuts } from '../state/shortcuts.ts';

const others: readonly (readonly [keys: string, does: string])[] = [
  ['← →', 'previous, next image'],
  ['Esc', 'back to all images'],
];

/** Lists the keyboard shortcuts. */
export function ShortcutHelp() {
  const rows = [...others, ...shortcuts.map(({ keys, does }) => [keys[0]!, does] as const)];
  return (
    <details class="shortcuts">
      <summary>Keyboard</summary>
      <dl>
        {rows.map(([key, does]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
    </details>
  );
}
