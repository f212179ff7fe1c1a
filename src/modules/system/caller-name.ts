/** Who makes a call, for the log. Callers are not told apart yet. */
export function callerName(_metadata: unknown): string {
  return 'operator';
}
