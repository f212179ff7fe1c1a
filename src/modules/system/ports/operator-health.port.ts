/** Where the health of the node's parts is told to operators, asked of the application. */
export const OPERATOR_HEALTH = Symbol('OPERATOR_HEALTH');

/** The gRPC health service (grpc.health.v1). */
export interface OperatorHealth {
  /** Clients that watch `service` hear of it; the same again is told to nobody. */
  setServing(service: string, isServing: boolean): void;
}
