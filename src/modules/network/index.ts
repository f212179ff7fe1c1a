/** All that the rest of the application may know of the network. */
export { formatPeerAddress, parsePeerAddress } from './address/peer-address.js';
export { parsePeerId, peerIdBytes } from './address/peer-id.js';
export type { NetworkSetup } from './network.config.js';
export { NetworkError, type NetworkErrorDetail } from './network.errors.js';
export type { PeerEvent } from './network.events.js';
export { NetworkModule } from './network.module.js';
export type { TopicVerdict } from './ports/host.port.js';
export { NETWORK_CONTROL, type NetworkActivity, type NetworkControl } from './ports/network-control.port.js';
export { type LimitStanding, NETWORK_LOAD, type NetworkLoad } from './ports/network-load.port.js';
export { type OperatorAct, PEER_CONTROL, type PeerControl } from './ports/peer-control.port.js';
export type {
  PeerCall,
  PeerHandlers,
  PeerMethodHandler,
  PeerStreamCall,
} from './ports/peer-handlers.port.js';
export { PEER_PROTOCOLS, type PeerMethod, type PeerProtocols } from './ports/peer-protocols.port.js';
export type { AuditEntry, Ban, BanTarget, ScoreReason } from './ports/peer-store.port.js';
export {
  type AddProgress,
  PEERS,
  type PeerDetails,
  type PeerFault,
  type PeerInfo,
  type PeerMishap,
  type PeerStanding,
  type Peers,
} from './ports/peers.port.js';
export type {
  ProbedChain,
  ProbeFault,
  ProbeStage,
  ProbeStep,
} from './ports/prober.port.js';
export { TOPICS, type TopicMessage, type Topics } from './ports/topics.port.js';
export type { Direction, PeerAddress, PeerId } from './ports/types.js';
export { type ProbeOptions, probe } from './probe/probe.js';
