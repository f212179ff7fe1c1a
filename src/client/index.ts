/** A typed client of the operator API. Nothing of the node itself is loaded: neither Nest nor libp2p nor a database. */
export { Code, ConnectError } from '@connectrpc/connect';
export * from '../gen/edgekeeper/v1/chain_pb.js';
export * from '../gen/edgekeeper/v1/node_pb.js';
export * from '../gen/edgekeeper/v1/peers_pb.js';
export {
  type BadRequest,
  type BadRequest_FieldViolation,
  BadRequestSchema,
  type ErrorInfo,
  ErrorInfoSchema,
} from '../gen/google/rpc/error_details_pb.js';
export * from '../gen/v1/ibft_operator_pb.js';
export * from '../gen/v1/system_pb.js';
export * from '../gen/v1/txpool_operator_pb.js';
export {
  createOperatorClient,
  type OperatorClient,
  type OperatorClientOptions,
} from './operator-client.js';
export type { OperatorTls } from './operator-connection.js';
