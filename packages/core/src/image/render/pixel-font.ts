/** Columns and rows of a glyph. */
export const GLYPH_WIDTH = 3;
export const GLYPH_HEIGHT = 5;

/**
 * Each glyph has five octal digits, one for each row from the top; the highest bit is the left pixel. The
 * font was drawn for this project, so that legends and sheets need no font file.
 */
const glyphs: Readonly<Record<string, string>> = {
  ' ': '00000',
  '0': '75557',
  '1': '26227',
  '2': '71747',
  '3': '71717',
  '4': '55711',
  '5': '74717',
  '6': '74757',
  '7': '71111',
  '8': '75757',
  '9': '75717',
  A: '25755',
  B: '65656',
  C: '34443',
  D: '65556',
  E: '74647',
  F: '74644',
  G: '34553',
  H: '55755',
  I: '72227',
  J: '11152',
  K: '55655',
  L: '44447',
  M: '57755',
  N: '65555',
  O: '25552',
  P: '65644',
  Q: '25563',
  R: '65655',
  S: '34216',
  T: '72222',
  U: '55557',
  V: '55552',
  W: '55775',
  X: '55255',
  Y: '55222',
  Z: '71247',
  '.': '00002',
  ',': '00024',
  ':': '02020',
  ';': '02024',
  '-': '00700',
  '+': '02720',
  '=': '07070',
  _: '00007',
  '/': '11244',
  '%': '51245',
  '(': '12221',
  ')': '42224',
  '[': '32223',
  ']': '62226',
  '{': '32623',
  '}': '62326',
  '<': '12421',
  '>': '42124',
  '*': '05250',
  '#': '57575',
  '!': '22202',
  '?': '61202',
  '&': '25253',
  '|': '22222',
  "'": '22000',
  '"': '55000',
};

/** The glyph of a character that is not in the font: a full box. */
const UNKNOWN = '77777';

/** The rows of a character's glyph, three bits each. Lower-case letters are drawn as capitals. */
export function glyphRows(character: string): readonly number[] {
  const key = character.toUpperCase();
  const rows = Object.hasOwn(glyphs, key) ? glyphs[key]! : UNKNOWN;
  return Array.from(rows, (digit) => parseInt(digit, 8));
}
