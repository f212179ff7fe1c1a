export type { JsonRpcConfig } from './jsonrpc.config.js';
export { JsonRpcModule, type JsonRpcModuleOptions } from './jsonrpc.module.js';
export { JSONRPC_SERVER, type JsonRpcServer } from './jsonrpc.server.js';
