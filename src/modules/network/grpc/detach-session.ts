import type { Http2Session } from 'node:http2';

/**
 * Takes all listeners off a session that is gone. Node keeps a session whose SETTINGS were never acknowledged from
 * being collected as long as an error of its engine can be reached from it, which through our listeners it can.
 */
export function detachSession(session: Http2Session): void {
  session.removeAllListeners();
  session.on('error', () => {});
}
