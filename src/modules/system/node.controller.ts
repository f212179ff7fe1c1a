import type { MessageInitShape } from '@bufbuild/protobuf';
import { Controller, Inject, UseInterceptors } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import type {
  NodeConfigurationSchema,
  NodeInfoSchema,
  NodeLimitsSchema,
  PausedActivitiesSchema,
  PauseRequest,
} from '../../gen/edgekeeper/v1/node_pb.js';
import { callerOf } from '../access/index.js';
import { NETWORK_LOAD, type NetworkLoad } from '../network/index.js';
import { Activities } from './activities.js';
import { toLimitRow, toNodeInfo } from './node.mapper.js';
import { NodeStandingService } from './node-standing.service.js';
import { OperatorCallInterceptor } from './operator-call.interceptor.js';
import { NODE_FACTS, type NodeFacts } from './ports/node-facts.port.js';

/** The node itself: what it is and does, and what it is to leave for a while. */
@Controller()
@UseInterceptors(OperatorCallInterceptor)
export class NodeController {
  constructor(
    @Inject(NODE_FACTS) private readonly facts: NodeFacts,
    private readonly standing: NodeStandingService,
    private readonly activities: Activities,
    @Inject(NETWORK_LOAD) private readonly load: NetworkLoad,
  ) {}

  @GrpcMethod('Node', 'Info')
  info(): MessageInitShape<typeof NodeInfoSchema> {
    return toNodeInfo(this.standing.now());
  }

  @GrpcMethod('Node', 'Configuration')
  configuration(): MessageInitShape<typeof NodeConfigurationSchema> {
    return { settings: this.facts.settings.map((setting) => ({ ...setting })) };
  }

  @GrpcMethod('Node', 'Limits')
  limits(): MessageInitShape<typeof NodeLimitsSchema> {
    return { rows: this.load.limits().map(toLimitRow) };
  }

  @GrpcMethod('Node', 'Pause')
  pause({ activities }: PauseRequest, metadata: unknown): MessageInitShape<typeof PausedActivitiesSchema> {
    this.activities.set(activities, true, callerOf(metadata).name);
    return { paused: [...this.activities.paused()] };
  }

  @GrpcMethod('Node', 'Resume')
  resume({ activities }: PauseRequest, metadata: unknown): MessageInitShape<typeof PausedActivitiesSchema> {
    this.activities.set(activities, false, callerOf(metadata).name);
    return { paused: [...this.activities.paused()] };
  }
}
