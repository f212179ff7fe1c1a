import { AppError, assertNever } from '../../common/app-error.js';

export type TelemetryErrorDetail =
  | { code: 'TELEMETRY.PORT_TAKEN'; address: string }
  | { code: 'TELEMETRY.LISTEN_FAILED'; address: string; reason: string }
  | { code: 'TELEMETRY.LOG_FILE'; path: string; reason: string };

/** Everything that logs and metrics can fail with. */
export class TelemetryError extends AppError<TelemetryErrorDetail> {
  constructor(detail: TelemetryErrorDetail, cause?: unknown) {
    super(detail, messageOf(detail), cause);
  }
}

function messageOf(detail: TelemetryErrorDetail): string {
  switch (detail.code) {
    case 'TELEMETRY.PORT_TAKEN':
      return `--prometheus: ${detail.address} is in use by another process`;
    case 'TELEMETRY.LISTEN_FAILED':
      return `--prometheus: cannot listen on ${detail.address}: ${detail.reason}`;
    case 'TELEMETRY.LOG_FILE':
      return `--log-to: cannot write ${detail.path}: ${detail.reason}`;
    default:
      return assertNever(detail);
  }
}
