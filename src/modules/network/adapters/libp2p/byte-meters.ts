import type { MessageStream, Metrics, Stream, StreamMessageEvent } from '@libp2p/interface';
import type { ByteMeter, ResourceLedger } from '../../limits/resource-ledger.js';

/**
 * Counts what passes a stream without listening to it: a second listener to its messages would take those that come
 * before the first is there.
 */
export function meterBytes(stream: MessageStream, meter: ByteMeter): void {
  const dispatchEvent = stream.dispatchEvent.bind(stream);
  const send = stream.send.bind(stream);
  stream.dispatchEvent = (event: Event) => {
    if (event.type === 'message') meter.received((event as StreamMessageEvent).data.byteLength);
    return dispatchEvent(event);
  };
  stream.send = (data) => {
    meter.sent(data.byteLength);
    return send(data);
  };
}

/** libp2p tells its metrics of every stream whose protocol was agreed on; nothing else of them is used. */
export function protocolMeters(ledger: Pick<ResourceLedger, 'meterProtocol'>): () => Metrics {
  const nothing = () => {};
  const instrument = () => ({
    update: nothing,
    increment: nothing,
    decrement: nothing,
    reset: nothing,
    observe: nothing,
    timer: () => nothing,
  });
  const metrics = {
    trackMultiaddrConnection: nothing,
    trackProtocolStream: (stream: Stream) => meterBytes(stream, ledger.meterProtocol(stream.protocol)),
    registerMetric: instrument,
    registerMetricGroup: instrument,
    registerCounter: instrument,
    registerCounterGroup: instrument,
    registerHistogram: instrument,
    registerHistogramGroup: instrument,
    registerSummary: instrument,
    registerSummaryGroup: instrument,
    traceFunction: <Traced>(_name: string, traced: Traced) => traced,
    createTrace: nothing,
  };
  return () => metrics as unknown as Metrics;
}
