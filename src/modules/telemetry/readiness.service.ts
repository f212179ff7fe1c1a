import { Injectable } from '@nestjs/common';
import type { Readiness, ReadinessCheck } from './ports/readiness.port.js';

/** Keeps the checks of the node's parts. */
@Injectable()
export class ReadinessService implements Readiness {
  private readonly checks = new Map<string, ReadinessCheck>();

  add(name: string, check: ReadinessCheck): void {
    this.checks.set(name, check);
  }

  objections(): readonly string[] {
    return [...this.checks].flatMap(([name, check]) => {
      const reason = check();
      return reason === undefined ? [] : [`${name}: ${reason}`];
    });
  }
}
