import type { ClientHttp2Stream, Http2Session } from 'node:http2';
import { Http2SessionManager } from '@connectrpc/connect-node';

/**
 * The library's manager, made safe to close at any moment: by itself it takes its listeners off a connection whose error
 * is still to come, and an error without a listener ends the process.
 */
export class OperatorSession extends Http2SessionManager {
  private readonly guarded = new WeakSet<Http2Session>();

  override async request(...call: Parameters<Http2SessionManager['request']>): Promise<ClientHttp2Stream> {
    // An abort while it connects is settled a moment later, and would be taken for the next connection's.
    await Promise.resolve();
    const stream = await super.request(...call);
    this.guard(stream.session);
    return stream;
  }

  /** The manager and the calls hear of the error by listeners of their own. */
  private guard(session: Http2Session | undefined): void {
    if (session === undefined || this.guarded.has(session)) return;
    this.guarded.add(session);
    session.on('error', () => undefined);
  }
}
