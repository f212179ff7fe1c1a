import type { Readable } from 'node:stream';
import { GrpcStatus, GrpcStatusError } from '../../../common/grpc-status.js';
import { type MessageFault, MessageFramingError, MessageReader } from './grpc-message.js';

/**
 * The one request message of a call, once the client has half-closed.
 * @throws {GrpcStatusError} as grpc-go words it: RESOURCE_EXHAUSTED over the limit, INTERNAL for a compressed or
 * malformed frame; UNIMPLEMENTED when it is not exactly one message, CANCELLED when the stream closes first.
 */
export function readRequest(stream: Readable, maxBytes: number): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const reader = new MessageReader(maxBytes);
    let request: Uint8Array | undefined;
    const fail = (error: unknown) => {
      stream.off('data', onData);
      stream.resume();
      reject(error instanceof MessageFramingError ? statusOfFault(error.fault) : error);
    };
    const onData = (chunk: Uint8Array) => {
      try {
        reader.push(chunk);
        for (let message = reader.next(); message !== undefined; message = reader.next()) {
          if (request !== undefined) throw cardinality();
          request = message;
        }
      } catch (error) {
        fail(error);
      }
    };
    const onEnd = () => {
      if (request === undefined || reader.isMidMessage) fail(cardinality());
      else resolve(request);
    };
    stream.on('data', onData);
    // A client that sends nothing may have ended before its call had its turn.
    if (stream.readableEnded) onEnd();
    else stream.once('end', onEnd);
    stream.once('close', () => fail(new GrpcStatusError(GrpcStatus.CANCELLED, 'stream closed')));
  });
}

function cardinality(): GrpcStatusError {
  return new GrpcStatusError(GrpcStatus.UNIMPLEMENTED, 'the method takes exactly one request message');
}

/** @see grpc-go rpc_util.go checkRecvPayload, recvMsg */
function statusOfFault(fault: MessageFault): GrpcStatusError {
  switch (fault.kind) {
    case 'too-large': {
      const text = `grpc: received message larger than max (${fault.bytes} vs. ${fault.maxBytes})`;
      return new GrpcStatusError(GrpcStatus.RESOURCE_EXHAUSTED, text);
    }
    case 'compressed':
      return new GrpcStatusError(
        GrpcStatus.INTERNAL,
        'grpc: compressed flag set with identity or empty encoding',
      );
    case 'bad-flag':
      return new GrpcStatusError(
        GrpcStatus.INTERNAL,
        `grpc: received unexpected payload format ${fault.flag}`,
      );
  }
}
