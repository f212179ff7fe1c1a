import { MAX_BATCH_LENGTH, MAX_REQUEST_BYTES } from '../modules/jsonrpc/jsonrpc.config.js';
import { parseTcpAddress } from './address.js';
import { defaultSettings } from './schema.js';
import type { Setting } from './setting.js';

/** What the Go client writes into a file of defaults, and cannot resolve itself. */
const GO_DEFAULT_ADDRESS = 'http://0.0.0.0:8545';

const { jsonrpc } = defaultSettings;

/** Settings of JSON-RPC that the Go client has too. */
export const JSONRPC_SETTINGS: readonly Setting[] = [
  {
    flag: 'jsonrpc',
    key: 'jsonrpc_addr',
    kind: 'text',
    help: `the address and port for JSON-RPC; a port alone (:port) binds to ${jsonrpc.host}; not served unless given`,
    paths: ['jsonrpc.host', 'jsonrpc.port'],
    read: (value, warn) => {
      if (value === GO_DEFAULT_ADDRESS) {
        warn(
          'has no effect: the default of the Go client is no address; give host:port to have JSON-RPC served',
        );
        return [];
      }
      const { host, port } = parseTcpAddress(String(value), jsonrpc.host);
      return [host, port];
    },
  },
  {
    flag: 'access-control-allow-origins',
    key: 'cors_allowed_origins',
    kind: 'texts',
    help: 'the origins whose web pages may use JSON-RPC; * is any, none unless given',
    paths: ['jsonrpc.allowedOrigins'],
    read: (value) => [value],
  },
  {
    flag: 'json-rpc-batch-request-limit',
    key: 'json_rpc_batch_request_limit',
    kind: 'number',
    help: `max length of a JSON-RPC batch; 0 is ${MAX_BATCH_LENGTH}`,
    shown: String(jsonrpc.batchLimit),
    paths: ['jsonrpc.batchLimit'],
    read: (value) => [value === 0 ? MAX_BATCH_LENGTH : value],
  },
  {
    flag: 'websocket-read-limit',
    key: 'web_socket_read_limit',
    kind: 'number',
    help: `max size in bytes of a message over WebSocket; 0 is ${MAX_REQUEST_BYTES}`,
    shown: String(jsonrpc.websocketMessageBytes),
    paths: ['jsonrpc.websocketMessageBytes'],
    read: (value) => [value === 0 ? MAX_REQUEST_BYTES : value],
  },
];
