import { fileURLToPath } from 'node:url';
import { toBinary } from '@bufbuild/protobuf';
import { FileDescriptorProtoSchema } from '@bufbuild/protobuf/wkt';
import { loadSync, type PackageDefinition } from '@grpc/proto-loader';
import { Discovery } from '../gen/v1/discovery_pb.js';
import { Identity } from '../gen/v1/identity_pb.js';
import { SyncPeer } from '../gen/v1/syncer_pb.js';
import { encodeBlock } from '../modules/sync/index.js';
import { OPERATOR_SERVICES, operatorFiles } from './operator-services.js';
import { type MethodCodec, serviceCodecs, useGeneratedCodecs } from './service-codecs.js';

const PROTO_ROOT = fileURLToPath(new URL('../../proto/', import.meta.url));

/** What the operator port serves, with each method's rules in its decoder. */
export function operatorDefinition(): PackageDefinition {
  const files = OPERATOR_SERVICES.map(({ file }) => `${file.name}.proto`);
  const loaded = loadSync(files, { includeDirs: [PROTO_ROOT], keepCase: true });
  return useGeneratedCodecs(loaded, serviceCodecs(OPERATOR_SERVICES));
}

/**
 * What reflection tells of the operator port: the generated descriptors with all that they import. The loader's own
 * leave out google/protobuf/empty.proto, without which no client can call a method.
 */
export function reflectedDefinition(): PackageDefinition {
  const fileDescriptorProtos = operatorFiles().map(({ proto }) =>
    Buffer.from(toBinary(FileDescriptorProtoSchema, proto)),
  );
  return { v1: { format: 'descriptors', type: {}, fileDescriptorProtos } } as never;
}

const GET_BLOCKS = '/v1.SyncPeer/GetBlocks';

/** The services between nodes, carried over libp2p streams. Blocks have a codec of their own, equal to the generated one. */
export function peerCodecs(): ReadonlyMap<string, MethodCodec> {
  const codecs = serviceCodecs([Identity, Discovery, SyncPeer]);
  const getBlocks = codecs.get(GET_BLOCKS);
  if (getBlocks)
    codecs.set(GET_BLOCKS, { ...getBlocks, encodeResponse: encodeBlock as MethodCodec['encodeResponse'] });
  return codecs;
}
