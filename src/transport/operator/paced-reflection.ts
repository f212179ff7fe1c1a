import { EventEmitter } from 'node:events';
import type { Server, ServerDuplexStream, UntypedServiceImplementation } from '@grpc/grpc-js';
import { ReflectionService } from '@grpc/reflection';
import { reflectedDefinition } from '../operator-definition.js';

type Call = ServerDuplexStream<unknown, unknown>;

/** Reflection that answers no faster than its caller reads: the library's own goes on, and keeps the answers. */
export function addReflection(server: Server): void {
  const paced = {
    addService: (service: Parameters<Server['addService']>[0], handlers: UntypedServiceImplementation) => {
      const answerAll = Object.values(handlers)[0] as unknown as (call: Call) => void;
      server.addService(service, { ServerReflectionInfo: (call: Call) => pace(call, answerAll) });
    },
  };
  new ReflectionService(reflectedDefinition()).addToServer(paced as unknown as Server);
}

function pace(call: Call, answer: (call: Call) => void): void {
  const asked = Object.assign(new EventEmitter(), {
    write: (reply: unknown) => call.write(reply),
    end: () => call.end(),
  });
  answer(asked as unknown as Call);
  call.on('data', (request) => {
    asked.emit('data', request);
    if (call.writableNeedDrain) call.pause();
  });
  call.on('drain', () => call.resume());
  call.on('end', () => asked.emit('end'));
}
