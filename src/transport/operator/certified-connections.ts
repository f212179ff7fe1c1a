import type { TLSSocket } from 'node:tls';

/** Connections whose clients have shown a certificate: each ends with what it was let in for. */
export class CertifiedConnections {
  /** Until when the certificate is valid, ms since the epoch. */
  readonly #validUntilMs = new Map<TLSSocket, number>();

  /** Does nothing for a client that showed none. */
  add(socket: TLSSocket): void {
    const { raw, valid_to } = socket.getPeerCertificate();
    if (raw === undefined) return;
    this.#validUntilMs.set(socket, Date.parse(valid_to));
    socket.once('close', () => this.#validUntilMs.delete(socket));
  }

  /** Ends those whose certificate is valid no more; gives how many. */
  endExpired(nowMs: number): number {
    return this.#end((validUntilMs) => validUntilMs < nowMs);
  }

  endAll(): number {
    return this.#end(() => true);
  }

  #end(isMeant: (validUntilMs: number) => boolean): number {
    const meant = [...this.#validUntilMs].filter(([, validUntilMs]) => isMeant(validUntilMs));
    for (const [socket] of meant) socket.destroy();
    return meant.length;
  }
}
