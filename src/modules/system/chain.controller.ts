import type { MessageInitShape } from '@bufbuild/protobuf';
import { Controller, Inject, UseInterceptors } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import { fromHex, toHex } from '../../common/bytes.js';
import {
  BlockForm,
  type BlockReplySchema,
  type ChainHeadSchema,
  type GetBlockRequest,
  type GetHeaderRequest,
  type GetValidatorsRequest,
  type HeaderReplySchema,
  type ValidatorSetSchema,
} from '../../gen/edgekeeper/v1/chain_pb.js';
import {
  BlockchainError,
  CHAIN,
  CHAIN_EXPLORER,
  type Chain,
  type ChainExplorer,
  type FoundBlock,
  rawHeaderOf,
} from '../blockchain/index.js';
import { toBlockHeader, toBlockSeals, toBlockTransaction, toValidatorSet } from './chain.mapper.js';
import { OperatorCallInterceptor } from './operator-call.interceptor.js';
import { SystemError } from './system.errors.js';
import { toHeight } from './system.mapper.js';

type BlockRequest = GetBlockRequest | GetHeaderRequest;

/** The chain, block by block. */
@Controller()
@UseInterceptors(OperatorCallInterceptor)
export class ChainController {
  constructor(
    @Inject(CHAIN) private readonly chain: Chain,
    @Inject(CHAIN_EXPLORER) private readonly explorer: ChainExplorer,
  ) {}

  @GrpcMethod('Chain', 'Head')
  async head(): Promise<MessageInitShape<typeof ChainHeadSchema>> {
    const head = this.chain.head();
    // By its hash: the chain may go on meanwhile, even to another branch.
    const found = head && (await this.explorer.find(head.hash));
    if (found === undefined) throw new SystemError({ code: 'SYSTEM.NO_HEAD' });
    const { hash, block } = found;
    const { timestamp } = block.header;
    return {
      number: BigInt(found.number),
      hash: toHex(hash),
      timestamp,
      header: toBlockHeader(block.header),
    };
  }

  @GrpcMethod('Chain', 'GetHeader')
  async getHeader(request: GetHeaderRequest): Promise<MessageInitShape<typeof HeaderReplySchema>> {
    const found = await this.find(request, 'GetHeaderRequest.Block');
    const { block } = found;
    const content =
      request.form === BlockForm.RLP
        ? { rlp: rawHeaderOf(block.raw) }
        : { header: toBlockHeader(block.header) };
    return { ...content, ...(await this.aboutBlock(found, request)) };
  }

  @GrpcMethod('Chain', 'GetBlock')
  async getBlock(request: GetBlockRequest): Promise<MessageInitShape<typeof BlockReplySchema>> {
    const found = await this.find(request, 'GetBlockRequest.Block');
    const { proveTransaction: index } = request;
    return {
      ...(await this.contentOf(found, request.form)),
      ...(await this.aboutBlock(found, request)),
      ...(index === undefined ? {} : { transactionProof: await this.prove(found, request, index) }),
    };
  }

  @GrpcMethod('Chain', 'GetValidators')
  async getValidators(request: GetValidatorsRequest): Promise<MessageInitShape<typeof ValidatorSetSchema>> {
    const number = toHeight(request.number);
    const known = await this.explorer.validatorsAt(number);
    if (known === undefined)
      throw new SystemError({ code: 'SYSTEM.BLOCK_NOT_FOUND', number: request.number });
    return toValidatorSet(number, this.chain.info().engine, known);
  }

  private async find({ block }: BlockRequest, field: string): Promise<FoundBlock> {
    if (block.case === undefined) {
      const rule = 'a number or a hash is required';
      throw new SystemError({ code: 'SYSTEM.REQUEST_INVALID', field, rule, value: '', isStream: false });
    }
    const byNumber = block.case === 'number';
    const place = byNumber ? toHeight(block.value) : (fromHex(block.value) ?? new Uint8Array());
    const found = await this.explorer.find(place);
    if (found !== undefined) return found;
    throw new SystemError(
      byNumber
        ? { code: 'SYSTEM.BLOCK_NOT_FOUND', number: block.value }
        : { code: 'SYSTEM.HASH_NOT_FOUND', hash: block.value },
    );
  }

  private async contentOf({ block }: FoundBlock, form: BlockForm) {
    if (form === BlockForm.RLP) return { rlp: block.raw };
    const facts = await this.explorer.transactionFacts(block);
    const transactions = block.transactions.flatMap((raw, index) => {
      const known = facts[index];
      return known === undefined ? [] : [toBlockTransaction(raw, known)];
    });
    return { header: toBlockHeader(block.header), transactions };
  }

  /** What replies for a header and for a block have in common. */
  private async aboutBlock(found: FoundBlock, request: BlockRequest) {
    const seals = request.withSeals ? await this.explorer.seals(found) : undefined;
    return {
      number: BigInt(found.number),
      hash: toHex(found.hash),
      canonical: found.isCanonical,
      ...(seals && { seals: toBlockSeals(seals) }),
      ...(request.withProof && { proof: await this.prove(found, request) }),
    };
  }

  private prove({ number, isCanonical }: FoundBlock, request: BlockRequest, index?: number): Promise<string> {
    if (!isCanonical) {
      const reason = 'it is not of the chain';
      throw new BlockchainError({ code: 'BLOCKCHAIN.PROOF_UNAVAILABLE', number, reason });
    }
    const wish = { number, from: toHeight(request.proofFrom) };
    return this.explorer.prove(index === undefined ? wish : { ...wish, index });
  }
}
