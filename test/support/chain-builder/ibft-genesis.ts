import { toHex } from '../../../src/common/bytes.js';
import { keccak256 } from '../../../src/modules/blockchain/crypto/keccak.js';
import type { IbftType, ValidatorType } from '../../../src/modules/blockchain/genesis/chain-config.js';
import { ibftGenesisFile } from '../../../src/modules/blockchain/genesis/ibft-genesis-file.js';
import { asValidator, type SealKey } from './keys.js';

/** An entry of the fork list. */
export interface ForkPlan {
  readonly type?: IbftType;
  readonly validatorType?: ValidatorType;
  readonly from: number;
  readonly to?: number;
  /** The set from `from` on, in place of the one that the votes made. */
  readonly validators?: readonly SealKey[];
}

export interface IbftGenesisPlan {
  readonly chainId: number;
  readonly epochSize: number;
  readonly blockTimeMs: number;
  readonly gasLimit: bigint;
  readonly quorumSizeBlockNum: number;
  readonly validators: readonly SealKey[];
  readonly forks: readonly ForkPlan[];
}

const STAKING_CONTRACT = '0x0000000000000000000000000000000000001001';

/** genesis.json of an IBFT chain, with a fork list where there is more than one entry. */
export function ibftGenesisText(plan: IbftGenesisPlan): string {
  const [first] = plan.forks;
  const bls = first?.validatorType === 'bls';
  const file = ibftGenesisFile({
    name: 'chain-builder',
    chainId: plan.chainId,
    validators: plan.validators.map((key) => asValidator(key, bls)),
    bootnodes: [],
    blockTimeMs: plan.blockTimeMs,
    epochSize: plan.epochSize,
    gasLimit: plan.gasLimit,
    premine: [],
  }) as {
    genesis: { alloc: Record<string, unknown> };
    params: { engine: { ibft: Record<string, unknown> } };
  };
  const { ibft } = file.params.engine;
  ibft.quorumSizeBlockNum = plan.quorumSizeBlockNum;
  if (plan.forks.length === 1) {
    ibft.type = first?.type ?? 'PoA';
  } else {
    delete ibft.type;
    delete ibft.validator_type;
    ibft.types = plan.forks.map(forkEntry);
  }
  if (first?.type === 'PoS') file.genesis.alloc[STAKING_CONTRACT] = stakingAccount(plan.validators);
  return JSON.stringify(file, null, 2);
}

function forkEntry({ type = 'PoA', validatorType = 'ecdsa', from, to, validators }: ForkPlan) {
  const hex = (height: number) => `0x${height.toString(16)}`;
  return {
    type,
    validator_type: validatorType,
    from: hex(from),
    ...(to === undefined ? {} : { to: hex(to) }),
    ...(type === 'PoS' && from > 0 ? { deployment: hex(from) } : {}),
    ...(validators && { validators: validators.map((key) => validatorEntry(key, validatorType === 'bls')) }),
  };
}

function validatorEntry(key: SealKey, bls: boolean) {
  const { address, blsPublicKey } = asValidator(key, bls);
  return { Address: toHex(address), ...(blsPublicKey && { BLSPublicKey: toHex(blsPublicKey) }) };
}

/** The list of validators in slot 0, as the staking contract keeps it; without its code. */
function stakingAccount(validators: readonly SealKey[]) {
  const word = (value: bigint) => `0x${value.toString(16).padStart(64, '0')}`;
  const first = BigInt(toHex(keccak256(new Uint8Array(32))));
  const items = validators.map(({ address }, index): [string, string] => [
    word(first + BigInt(index)),
    word(BigInt(toHex(address))),
  ]);
  return {
    balance: '0x0',
    storage: Object.fromEntries([[word(0n), word(BigInt(validators.length))], ...items]),
  };
}
