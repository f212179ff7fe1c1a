import {
  create,
  type DescMessage,
  type DescMethod,
  type DescService,
  fromBinary,
  toBinary,
} from '@bufbuild/protobuf';
import type { PackageDefinition } from '@grpc/proto-loader';
import { failureOf, pathOf, requestOfBytes } from './request-decoding.js';

/** A method's messages as bytes. Encoders take init objects (what a handler returns), decoders throw on bad bytes. */
export interface MethodCodec {
  readonly path: string;
  readonly method: DescMethod;
  readonly responseStream: boolean;
  readonly decodeRequest: (bytes: Uint8Array) => unknown;
  readonly encodeResponse: (message: unknown) => Uint8Array;
  readonly decodeResponse: (bytes: Uint8Array) => unknown;
  readonly encodeRequest: (message: unknown) => Uint8Array;
}

/** The generated codecs of each method, by gRPC path such as `/v1.System/GetStatus`. */
export function serviceCodecs(services: readonly DescService[]): Map<string, MethodCodec> {
  const codecs = new Map<string, MethodCodec>();
  for (const service of services) {
    for (const method of service.methods) {
      const path = pathOf(method);
      codecs.set(path, {
        path,
        method,
        responseStream: method.methodKind === 'server_streaming',
        decodeRequest: decoderOf(method.input),
        encodeResponse: encoderOf(method.output),
        decodeResponse: decoderOf(method.output),
        encodeRequest: encoderOf(method.input),
      });
    }
  }
  return codecs;
}

/** Replaces the protobufjs codecs of a loaded package by the generated ones, so that no protobufjs object reaches a controller. */
export function useGeneratedCodecs(
  definition: PackageDefinition,
  codecs: ReadonlyMap<string, MethodCodec>,
): PackageDefinition {
  const replaced: PackageDefinition = {};
  for (const [name, item] of Object.entries(definition)) {
    if ('format' in item) {
      replaced[name] = item;
      continue;
    }
    const methods = Object.entries(item).map(([key, method]) => {
      const codec = codecs.get(method.path);
      if (!codec) throw new Error(`no generated code for ${method.path}; run npm run gen`);
      return [
        key,
        {
          ...method,
          requestDeserialize: (bytes: Buffer) => decodeOrMark(codec, bytes),
          requestSerialize: (message: unknown) => asBuffer(codec.encodeRequest(message)),
          responseDeserialize: codec.decodeResponse,
          responseSerialize: (message: unknown) => asBuffer(codec.encodeResponse(message)),
        },
      ];
    });
    replaced[name] = Object.fromEntries(methods);
  }
  return replaced;
}

/** grpc-js takes buffers only; the same bytes, not a copy of what may be a megabyte of blocks. */
function asBuffer({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}

/**
 * grpc-js answers INTERNAL to what its deserializer throws; so the failure takes the request's place, and the handler's
 * interceptor throws it.
 */
function decodeOrMark({ method }: MethodCodec, bytes: Uint8Array): unknown {
  try {
    return requestOfBytes(method, bytes);
  } catch (error) {
    return failureOf(error);
  }
}

function decoderOf(schema: DescMessage) {
  return (bytes: Uint8Array) => fromBinary(schema, bytes);
}

function encoderOf(schema: DescMessage) {
  return (message: unknown) => toBinary(schema, create(schema, message as never));
}
