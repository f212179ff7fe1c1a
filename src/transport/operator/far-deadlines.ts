/** The longest that a timer can wait; Node warns of a longer one, and lets it go off after a millisecond. */
const MAX_TIMER_MS = 2 ** 31 - 1;

const MS_OF_UNIT: Readonly<Record<string, number>> = {
  H: 3_600_000,
  M: 60_000,
  S: 1_000,
  m: 1,
  u: 1e-3,
  n: 1e-6,
};

/**
 * Whether a `grpc-timeout` is longer than a timer can wait, and so none. What is malformed is not.
 * @see https://github.com/grpc/grpc/blob/v1.60.0/doc/PROTOCOL-HTTP2.md TimeoutValue, TimeoutUnit
 */
export function isFarGrpcTimeout(value: string): boolean {
  const [, digits, unit = ''] = /^(\d{1,8})([HMSmun])$/.exec(value) ?? [];
  return Number(digits) * (MS_OF_UNIT[unit] ?? 0) > MAX_TIMER_MS;
}

/**
 * The same of a `connect-timeout-ms`.
 * @see https://connectrpc.com/docs/protocol Timeout-Milliseconds
 */
export function isFarConnectTimeout(value: string): boolean {
  return /^\d{1,10}$/.test(value) && Number(value) > MAX_TIMER_MS;
}
