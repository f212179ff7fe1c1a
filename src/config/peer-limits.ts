import type { ConfigFault } from './config.errors.js';
import { collect, convert } from './convert.js';
import { type Setting, SettingFault } from './setting.js';
import { PEER_LIMITS } from './settings-table.js';
import { type Assigned, type SourceValues, strongest } from './sources.js';

/** What one source of settings says of peer limits; undefined is unset. */
export interface PeerLimitInputs {
  readonly max?: number | undefined;
  readonly inbound?: number | undefined;
  readonly outbound?: number | undefined;
}

export interface PeerLimits {
  /** Undefined: the default stands. */
  readonly inbound: number | undefined;
  readonly outbound: number | undefined;
}

const DIAL_RATIO = 0.2;
const UNSET = -1;

/**
 * Slots from the settings of several sources, strongest first. The strongest source that sets any of the three
 * decides which rule holds: a range (a missing half comes from weaker sources, then the default), or else a maximum,
 * of which a fifth is for dialing. Inside one source a range wins over a maximum, as a file of the Go client has all three.
 * @see polygon-edge@597a0f3 command/server/init.go initPeerLimits
 */
export function peerLimits(sources: readonly PeerLimitInputs[]): PeerLimits {
  const decisive = sources.find(
    ({ max, inbound, outbound }) => max !== undefined || inbound !== undefined || outbound !== undefined,
  );
  if (decisive?.max !== undefined && decisive.inbound === undefined && decisive.outbound === undefined) {
    const outbound = Math.floor(decisive.max * DIAL_RATIO);
    return { outbound, inbound: decisive.max - outbound };
  }
  return {
    inbound: sources.find(({ inbound }) => inbound !== undefined)?.inbound,
    outbound: sources.find(({ outbound }) => outbound !== undefined)?.outbound,
  };
}

/** The slots that the sources ask for; a maximum and a range on one command line exclude each other. */
export function readPeerLimits(sources: readonly SourceValues[], faults: ConfigFault[]): Assigned[] {
  const count = (source: SourceValues, { flag }: Setting): number | undefined => {
    const given = source.settings.get(flag);
    if (given === undefined) return undefined;
    const value = collect(given, faults, () => {
      const number = Number(convert(given.value, 'number'));
      if (number < UNSET) throw new SettingFault(`must be 0 or more, or ${UNSET} for unset`);
      return number;
    });
    return value === UNSET ? undefined : value;
  };
  const limits = peerLimits(
    sources.map((source) => {
      if (source.origin !== 'file') faults.push(...contradictions(source));
      const { max, inbound, outbound } = PEER_LIMITS;
      return { max: count(source, max), inbound: count(source, inbound), outbound: count(source, outbound) };
    }),
  );
  return (['inbound', 'outbound'] as const).flatMap((half) => {
    const value = limits[half];
    const { flag, paths } = PEER_LIMITS[half];
    const given = strongest(sources, flag) ?? strongest(sources, PEER_LIMITS.max.flag);
    return value === undefined || given === undefined ? [] : [{ ...given, path: paths[0], value }];
  });
}

function contradictions({ settings }: SourceValues): ConfigFault[] {
  const max = settings.get(PEER_LIMITS.max.flag);
  if (max === undefined) return [];
  return [PEER_LIMITS.inbound, PEER_LIMITS.outbound].flatMap(({ flag }) => {
    const half = settings.get(flag);
    if (half === undefined) return [];
    return [{ source: max.source, text: `${max.source} and ${half.source} exclude each other` }];
  });
}
