/** Looks at the bytes that come in before the HTTP/2 engine does, and may change them. */
export interface InboundFilter {
  /**
   * Takes the next bytes, however they are cut, and emits what the engine is to see, in order. Bytes may be held
   * back, within the filter's bound. Neither side writes to the bytes afterwards.
   * @throws Error when the stream must end.
   */
  push(chunk: Uint8Array, emit: (bytes: Uint8Array) => void): void;
}
