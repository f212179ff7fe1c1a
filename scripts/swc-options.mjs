/** How TypeScript becomes JavaScript in tests and in programs that run from source: as tsc does, decorators' metadata included. */
export const swcOptions = {
  jsc: {
    target: 'es2022',
    parser: { syntax: 'typescript', decorators: true },
    transform: { legacyDecorator: true, decoratorMetadata: true },
  },
  module: { type: 'es6' },
};
