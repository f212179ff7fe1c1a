import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { PriceOrder } from './price-order.js';

const namesOf = (order: PriceOrder<string>) => [...order.cheapestFirst()].map(({ item }) => item);

describe(PriceOrder.name, () => {
  it('begins with the cheapest, and with the older of those that pay the same', () => {
    const order = new PriceOrder<string>();
    for (const [name, price] of [
      ['dear', 9n],
      ['old', 5n],
      ['young', 5n],
      ['cheap', 1n],
    ] as const)
      order.add(name, price);
    expect(namesOf(order)).toEqual(['cheap', 'old', 'young', 'dear']);
    order.delete('old');
    order.delete('never added');
    expect([namesOf(order), order.size]).toEqual([['cheap', 'young', 'dear'], 3]);
  });

  it('is what sorting would give, whatever is added and deleted', () => {
    const act = fc.oneof(
      fc.record({ price: fc.bigInt({ min: 0n, max: 6n }) }),
      fc.record({ deleteAt: fc.nat(40) }),
    );
    fc.assert(
      fc.property(fc.array(act, { maxLength: 120 }), (acts) => {
        const order = new PriceOrder<string>();
        const held: { name: string; price: bigint }[] = [];
        for (const [index, step] of acts.entries()) {
          if ('price' in step) {
            held.push({ name: `${index}`, price: step.price });
            order.add(`${index}`, step.price);
          } else for (const { name } of held.splice(step.deleteAt, 1)) order.delete(name);
          const sorted = held.toSorted((a, b) => Number(a.price - b.price));
          expect(namesOf(order)).toEqual(sorted.map(({ name }) => name));
        }
      }),
      { numRuns: 100 },
    );
  });
});
