/** Version of this package, written into every artifact; a test compares it with package.json. */
export const CONVERTER_VERSION = '0.1.0';
