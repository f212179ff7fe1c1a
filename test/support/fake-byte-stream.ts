/** A libp2p stream that does what the test says, with the library's order of events. */
export class FakeByteStream extends EventTarget {
  status = 'open';
  readStatus = 'readable';
  remoteWriteStatus = 'writable';
  readBufferLength = 0;
  writableNeedsDrain = false;
  readonly calls: string[] = [];
  readonly sent: Uint8Array[] = [];
  abortedWith: Error | undefined;
  onSend: (data: Uint8Array) => void = () => {};
  onResume: () => void = () => {};
  onClose: () => Promise<void> = async () => {};

  send(data: Uint8Array): boolean {
    this.sent.push(data);
    this.onSend(data);
    return !this.writableNeedsDrain;
  }

  pause(): void {
    this.calls.push('pause');
    this.readStatus = 'paused';
  }

  resume(): void {
    this.calls.push('resume');
    this.readStatus = 'readable';
    this.onResume();
    this.calls.push('resumed');
  }

  close(): Promise<void> {
    this.calls.push('close');
    return this.onClose();
  }

  abort(error: Error): void {
    if (this.status === 'closed' || this.status === 'aborted') return;
    this.status = 'aborted';
    this.abortedWith = error;
    this.dispatchEvent(Object.assign(new Event('close'), { error }));
  }

  message(...chunks: Uint8Array[]): void {
    const [only] = chunks;
    const data = chunks.length === 1 ? only : chunks;
    this.dispatchEvent(Object.assign(new Event('message'), { data }));
  }

  endByRemote(): void {
    this.remoteWriteStatus = 'closed';
    this.dispatchEvent(new Event('remoteCloseWrite'));
  }

  drain(): void {
    this.dispatchEvent(new Event('drain'));
  }

  closed(error?: Error): void {
    this.status = error === undefined ? 'closed' : 'reset';
    this.remoteWriteStatus = 'closed';
    this.dispatchEvent(Object.assign(new Event('close'), { error }));
  }
}
