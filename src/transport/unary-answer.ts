import { isObservable, lastValueFrom } from 'rxjs';

/** A handler as Nest registers it: filters, guards and interceptors are in it. */
export type RpcHandler = (request: unknown, metadata: unknown, call: object) => Promise<unknown>;

/** The one reply of a method without streams, over whichever protocol it is called. */
export async function unaryAnswer(result: Promise<unknown>): Promise<unknown> {
  const answer = await result;
  return isObservable(answer) ? lastValueFrom(answer) : answer;
}
