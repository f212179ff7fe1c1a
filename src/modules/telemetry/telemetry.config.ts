import { z } from 'zod';

/** Settings of logs and metrics; every default is stated here only. */
export const telemetryConfigSchema = z.strictObject({
  logLevel: z
    .enum(['debug', 'info', 'warn', 'error', 'off'])
    .default('info')
    .describe('Least level that is logged'),
  logFormat: z.enum(['text', 'json']).default('text').describe('Lines for people or JSON lines'),
  logFile: z.string().min(1).optional().describe('File that takes the log instead of stderr'),
  prometheusHost: z.string().min(1).default('0.0.0.0').describe('Address of the metrics and health server'),
  prometheusPort: z
    .int()
    .min(0)
    .max(65_535)
    .optional()
    .describe('Port of the metrics and health server; none: no such server; 0 takes a free one'),
});

export type TelemetryConfig = z.infer<typeof telemetryConfigSchema>;
