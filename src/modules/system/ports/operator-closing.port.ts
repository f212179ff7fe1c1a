/** An AbortSignal, asked of the application: aborts with the reason that open operator streams end with at shutdown. */
export const OPERATOR_CLOSING = Symbol('OPERATOR_CLOSING');
