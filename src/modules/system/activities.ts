import { Inject, Injectable } from '@nestjs/common';
import { assertNever } from '../../common/app-error.js';
import { LOGGER, type Logger } from '../../common/logger.port.js';
import { Activity } from '../../gen/edgekeeper/v1/node_pb.js';
import { NETWORK_CONTROL, type NetworkControl } from '../network/index.js';
import { SYNC_CONTROL, type SyncControl } from '../sync/index.js';

const ALL: readonly Activity[] = [Activity.DISCOVERY, Activity.SYNC, Activity.GOSSIP];

/** What a node can be told to leave for a while, wherever it is done. Each change stands in the log with who asked for it. */
@Injectable()
export class Activities {
  private readonly log: Logger;

  constructor(
    @Inject(NETWORK_CONTROL) private readonly network: NetworkControl,
    @Inject(SYNC_CONTROL) private readonly sync: SyncControl,
    @Inject(LOGGER) logger: Logger,
  ) {
    this.log = logger.child('system');
  }

  paused(): readonly Activity[] {
    return ALL.filter((activity) => this.isPaused(activity));
  }

  /** All without any. Those that are paused already are left alone. */
  set(wanted: readonly Activity[], isPaused: boolean, caller: string): void {
    for (const activity of wanted.length === 0 ? ALL : new Set(wanted)) {
      if (activity === Activity.UNSPECIFIED || this.isPaused(activity) === isPaused) continue;
      this.change(activity, isPaused);
      const fields = { activity: Activity[activity].toLowerCase(), caller };
      this.log.info(isPaused ? 'activity paused' : 'activity resumed', fields);
    }
  }

  private isPaused(activity: Activity): boolean {
    switch (activity) {
      case Activity.SYNC:
        return this.sync.isPaused;
      case Activity.DISCOVERY:
        return this.network.paused().includes('discovery');
      case Activity.GOSSIP:
        return this.network.paused().includes('gossip');
      case Activity.UNSPECIFIED:
        return false;
      default:
        return assertNever(activity);
    }
  }

  private change(activity: Exclude<Activity, Activity.UNSPECIFIED>, isPaused: boolean): void {
    if (activity === Activity.SYNC) {
      if (isPaused) this.sync.pause();
      else this.sync.resume();
      return;
    }
    const part = activity === Activity.DISCOVERY ? 'discovery' : 'gossip';
    if (isPaused) this.network.pause(part);
    else this.network.resume(part);
  }
}
