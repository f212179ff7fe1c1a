import { fileURLToPath } from 'node:url';
import { type DescFile, toBinary } from '@bufbuild/protobuf';
import { FileDescriptorProtoSchema } from '@bufbuild/protobuf/wkt';
import { loadSync, type PackageDefinition } from '@grpc/proto-loader';
import { Discovery } from '../gen/v1/discovery_pb.js';
import { file_v1_ibft_operator, IbftOperator } from '../gen/v1/ibft_operator_pb.js';
import { Identity } from '../gen/v1/identity_pb.js';
import { SyncPeer } from '../gen/v1/syncer_pb.js';
import { file_v1_system, System } from '../gen/v1/system_pb.js';
import { encodeBlock } from '../modules/sync/index.js';
import { type MethodCodec, serviceCodecs, useGeneratedCodecs } from './service-codecs.js';

const PROTO_ROOT = fileURLToPath(new URL('../../proto/', import.meta.url));

/** What the operator port serves; the services between nodes are not in it. */
export function operatorDefinition(): PackageDefinition {
  const files = ['v1/system.proto', 'v1/ibft_operator.proto'];
  const loaded = loadSync(files, { includeDirs: [PROTO_ROOT], keepCase: true });
  return useGeneratedCodecs(loaded, serviceCodecs([System, IbftOperator]));
}

/**
 * What reflection tells of the operator port: the generated descriptors with all that they import. The loader's own
 * leave out google/protobuf/empty.proto, without which no client can call a method.
 */
export function reflectedDefinition(): PackageDefinition {
  const files = new Map<string, Buffer>();
  const visit = (file: DescFile) => {
    if (files.has(file.name)) return;
    files.set(file.name, Buffer.from(toBinary(FileDescriptorProtoSchema, file.proto)));
    file.dependencies.forEach(visit);
  };
  visit(file_v1_system);
  visit(file_v1_ibft_operator);
  return { v1: { format: 'descriptors', type: {}, fileDescriptorProtos: [...files.values()] } } as never;
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
