import type { DescFile, DescService } from '@bufbuild/protobuf';
import { Chain } from '../gen/edgekeeper/v1/chain_pb.js';
import { Node } from '../gen/edgekeeper/v1/node_pb.js';
import { Peers } from '../gen/edgekeeper/v1/peers_pb.js';
import { IbftOperator } from '../gen/v1/ibft_operator_pb.js';
import { System } from '../gen/v1/system_pb.js';
import { TxnPoolOperator } from '../gen/v1/txpool_operator_pb.js';

/** What the operator port serves; the services between nodes are not among them. */
export const OPERATOR_SERVICES: readonly DescService[] = [
  System,
  TxnPoolOperator,
  IbftOperator,
  Peers,
  Chain,
  Node,
];

/** The proto packages of these services. */
export function operatorPackages(): string[] {
  return [...new Set(OPERATOR_SERVICES.map(({ file }) => file.proto.package))];
}

/** The proto files of these services with all that they import, those imported first. */
export function operatorFiles(): DescFile[] {
  const files = new Set<DescFile>();
  const visit = (file: DescFile) => {
    file.dependencies.forEach(visit);
    files.add(file);
  };
  for (const { file } of OPERATOR_SERVICES) visit(file);
  return [...files];
}
